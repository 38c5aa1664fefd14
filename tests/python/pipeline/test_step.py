"""A step is measured, its words are kept, and an interruption ends it in order."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from gymhouse.home import Home
from pipeline.dbt import environment
from pipeline.step import Step, run_step, tail


@pytest.fixture
def take(tmp_path):
    """Run some Python as a step in a home of its own."""
    descriptor = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)

    def run(program: str, watch=lambda seconds: None):
        step = Step("try", "Try", [sys.executable, "-c", program])
        return run_step(step, environment(Home(tmp_path)), tmp_path / "logs" / "try.log", descriptor, watch)

    yield run
    os.close(descriptor)


def test_both_outputs_and_the_exit_code_are_kept(take):
    ended = take("import sys; print('said'); sys.stderr.write('complained'); sys.exit(3)")
    assert ended.exit_code == 3
    assert not ended.interrupted
    assert sorted(tail(ended.log, 5)) == ["complained", "said"]


def test_time_and_peak_memory_are_the_steps_own(take):
    """The kernel counts a process's memory from its fork on, so a step's peak is never below what its parent held."""
    small = take("import time; time.sleep(0.5)")
    large = take("held = bytearray(b'1') * 900_000_000; del held")
    assert 0.5 <= small.seconds < 10
    assert 900_000_000 < large.peak_memory_bytes < 1_200_000_000
    assert small.peak_memory_bytes < 900_000_000


def test_step_works_in_the_home_and_without_telemetry(take, tmp_path):
    ended = take(
        "import os; print(os.environ['GYMHOUSE_HOME'], os.environ['DBT_TARGET_PATH'],"
        " os.environ['DBT_SEND_ANONYMOUS_USAGE_STATS'], os.environ['SODA_CORE_TELEMETRY_ENABLED'])"
    )
    assert tail(ended.log, 1) == [f"{tmp_path} {tmp_path}/target false false"]


def test_killed_step_tells_the_signal(take):
    assert take("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").exit_code == -signal.SIGKILL


def test_interruption_lets_the_step_close_its_files(take):
    timer = threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    ended = take(
        "import time\ntry:\n  print('begun', flush=True); time.sleep(60)\nexcept KeyboardInterrupt:\n  print('closed')"
    )
    timer.join()
    assert ended.interrupted
    assert tail(ended.log, 2) == ["begun", "closed"]
    assert ended.seconds < 20


def test_step_can_be_interrupted_where_the_run_itself_ignores_it(take):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ended = take("import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)")
    finally:
        signal.signal(signal.SIGINT, before)
    assert tail(ended.log, 1) == ["True"]


def test_watch_is_told_the_seconds(take):
    told = []
    take("import time; time.sleep(0.4)", told.append)
    assert len(told) >= 2
    assert told == sorted(told)


def test_tail_of_a_long_log_is_its_end(tmp_path):
    log = tmp_path / "long.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(50_000)))
    assert tail(log, 2) == ["line 49998", "line 49999"]
    assert tail(tmp_path / "none.log", 2) == []
