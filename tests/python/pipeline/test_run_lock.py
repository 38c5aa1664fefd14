"""One run at a time: a second is refused with who and since when, and no killed run blocks the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gymhouse.console import Problem
from gymhouse.home import PROJECT
from gymhouse.lock import holder, run_lock

HOLDS = """
import sys, time
from pathlib import Path
from gymhouse.lock import run_lock
with run_lock(Path(sys.argv[1])) as lock:
    lock.sign("20260101T000000Z")
    print("held", flush=True)
    time.sleep(60)
"""
RUNS_A_STEP = """
import sys, time
from pathlib import Path
from gymhouse.home import Home
from gymhouse.lock import run_lock
from pipeline.step import Step, run_step
home = Home(Path(sys.argv[1]))
with run_lock(home.lock) as lock:
    says_its_number = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    step = Step("sleep", "Sleep", [sys.executable, "-c", says_its_number])
    run_step(step, {}, home.root / "sleep.log", lock.descriptor, lambda seconds: None)
"""


def start(program: str, argument: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", program, str(argument)], cwd=PROJECT, stdout=subprocess.PIPE)


@pytest.fixture
def held(tmp_path):
    process = start(HOLDS, tmp_path / "run.lock")
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def run_pipeline(home: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "run"],
        cwd=PROJECT,
        env={**os.environ, "GYMHOUSE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_second_run_is_refused_at_once_with_who_and_since_when(held, tmp_path):
    refused = run_pipeline(tmp_path)
    assert refused.returncode == 2
    assert f"process {held.pid} " in refused.stderr
    assert " since 20" in refused.stderr
    assert not list((tmp_path / "runs").glob("*")), "a refused run leaves no trace in the history"


def test_holder_is_told_while_it_holds(held, tmp_path):
    assert holder(tmp_path / "run.lock")["run_id"] == "20260101T000000Z"
    held.kill()
    held.wait()
    assert holder(tmp_path / "run.lock") is None


def test_lock_of_a_killed_run_is_free(held, tmp_path):
    with pytest.raises(Problem), run_lock(tmp_path / "run.lock"):
        pass
    held.send_signal(signal.SIGKILL)
    held.wait()
    with run_lock(tmp_path / "run.lock"):
        pass


def test_lock_is_free_after_use_and_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), run_lock(tmp_path / "run.lock"):
        raise ZeroDivisionError
    with run_lock(tmp_path / "run.lock"):
        assert holder(tmp_path / "run.lock")["pid"] == os.getpid()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the orphan runs on and holds the lock until its end")
def test_killed_run_takes_its_step_with_it(tmp_path):
    process = start(RUNS_A_STEP, tmp_path)
    log = tmp_path / "sleep.log"
    wait_until(lambda: log.exists() and log.read_text().strip())
    step = int(log.read_text())
    process.kill()
    process.wait()
    wait_until(lambda: not runs(step))
    with run_lock(tmp_path / "run.lock"):
        pass


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(true) -> None:
    patience = time.monotonic() + 20
    while not true():
        assert time.monotonic() < patience, "waited for 20 s"
        time.sleep(0.05)
