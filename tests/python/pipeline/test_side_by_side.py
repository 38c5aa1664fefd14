"""Commands that would cross each other: the second is told who is at work, since when, and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pytest
from houses import SAMPLES, House

from gymhouse.console import Problem
from gymhouse.home import DUCKDB, HOME_VARIABLE, PROJECT
from gymhouse.lock import RUN_VARIABLE, require_no_other_run, run_lock
from gymhouse.processes import lock_holder
from ingest.lake import Lake
from pipeline import dbt
from pipeline.dbt import building
from pipeline.history import history
from pipeline.step import REFUSED, Step, run_step
from release.store import writing
from warehouse import open_warehouse

SBIT = SAMPLES / "sbit"
SHELL = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reads")
print("open", flush=True)
sys.stdin.read()
"""
RUNS = """
import sys
from pathlib import Path
from gymhouse.lock import run_lock
with run_lock(Path(sys.argv[1])) as lock:
    lock.sign("20260101T000000Z")
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other(program: str, *arguments: object) -> Iterator[subprocess.Popen]:
    """Another process that runs `program` and keeps what it took until the end."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"open\n"
        yield process


def shell(house: House, does: str = "writes") -> Iterator[subprocess.Popen]:
    """An analyst's shell on the warehouse."""
    house.home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    if not house.home.warehouse.exists():
        duckdb.connect(str(house.home.warehouse)).close()
    return other(SHELL, house.home.warehouse, does)


def names(process: subprocess.Popen, said: str) -> bool:
    """Whether `said` names the process, its program and since when."""
    return f"process {process.pid} (" in said and "python" in said and " since 20" in said


@pytest.mark.parametrize("does", ["writes", "reads"])
@pytest.mark.parametrize("command", [("run", "--drops", str(SBIT)), ("build",)], ids=lambda command: command[0])
def test_open_warehouse_is_told_before_anything_is_landed(house, does, command):
    with shell(house, does) as process:
        refused = house.run("pipeline", *command, expect=2)
        assert f"The warehouse {house.home.warehouse} is open elsewhere: " in refused.stderr
        assert names(process, refused.stderr)
        assert "do: Wait until that ends, or close it there" in refused.stderr
        assert not house.home.lake.exists()
        assert not list(house.home.runs.glob("*"))


def test_warehouse_opened_during_a_run_fails_its_build_with_the_same_words(house):
    """The run has begun; the step that needs the tables waits some seconds, then tells who has them."""
    command = [sys.executable, "-m", "pipeline", "run", "--drops", str(SBIT)]
    duckdb.connect(str(house.home.warehouse)).close()
    run = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, HOME_VARIABLE: str(house.home.root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: list(house.home.runs.glob("*/logs/land.log")))
    with shell(house, "reads") as process:
        said, _ = run.communicate(timeout=120)
        assert run.returncode == 1
        assert names(process, said)
    report = history(house.home)[0]
    assert (report["status"], report["failed_step"], report["detail"]["build"]) == ("failed", "build", None)
    assert report["rows_landed"] > 0


def test_build_waits_for_who_reads_a_moment(house, monkeypatch):
    with shell(house, "reads") as process:
        monkeypatch.setattr(dbt, "PATIENCE_SECONDS", 0.3)
        with pytest.raises(Problem, match=f"process {process.pid} "), building(house.home):
            raise AssertionError("the tables are not free")
        monkeypatch.setattr(dbt, "PATIENCE_SECONDS", 60)
        process.stdin.close()
        with building(house.home):
            assert lock_holder(house.home.warehouse) is None


def test_step_that_may_not_start_says_why_in_its_log(tmp_path):
    @contextmanager
    def busy():
        raise Problem("It is busy.", "Wait.")
        yield

    step = Step("try", "Try", [sys.executable, "-c", "print('worked')"], busy)
    with run_lock(tmp_path / "run.lock") as lock:
        ended = run_step(step, {}, tmp_path / "try.log", lock.descriptor, lambda seconds: None)
    assert (ended.exit_code, ended.interrupted) == (REFUSED, False)
    assert (tmp_path / "try.log").read_text() == "error: It is busy.\ndo: Wait.\n"


def test_gate_of_an_open_warehouse_names_who_has_it(house):
    with shell(house) as process, pytest.raises(Problem, match=f"process {process.pid} "), open_warehouse(house.home):
        raise AssertionError("it is open elsewhere")


def test_damaged_warehouse_is_not_told_as_open(house):
    house.home.warehouse.write_bytes(b"nothing of DuckDB" * 1000)
    with pytest.raises(Problem, match="cannot be read"), open_warehouse(house.home):
        raise AssertionError("it is damaged")


@pytest.mark.parametrize(
    "command",
    [
        ("pipeline", "run", "--drops", str(SBIT)),
        ("pipeline", "build"),
        ("pipeline", "parity", "--no-build"),
        ("quality", "gate"),
        ("release", "publish"),
    ],
    ids=" ".join,
)
def test_beside_a_run_everything_that_would_cross_it_is_refused(house, command):
    with other(RUNS, house.home.lock) as run:
        refused = house.run(*command, expect=2)
        assert f"A run is already writing to {house.home.root}: " in refused.stderr
        assert names(run, refused.stderr)


def test_step_of_the_run_itself_is_let_in(house, monkeypatch):
    with other(RUNS, house.home.lock):
        monkeypatch.setenv(RUN_VARIABLE, "20260101T000001Z")
        with pytest.raises(Problem):
            require_no_other_run(house.home.lock)
        monkeypatch.setenv(RUN_VARIABLE, "20260101T000000Z")
        require_no_other_run(house.home.lock)
    require_no_other_run(house.home.lock)


def test_nothing_lands_while_a_build_reads_the_lake(house):
    with building(house.home, DUCKDB):
        refused = house.run("ingest", "files", "--drops", str(SBIT), expect=2)
        assert "or a run builds from it: process " in refused.stderr
        assert " since 20" in refused.stderr
    house.run("ingest", "files", "--drops", str(SBIT))


def test_second_landing_is_told_of_the_first(house):
    with Lake(house.home.lake).locked():
        refused = house.run("ingest", "files", "--drops", str(SBIT), expect=2)
        assert "Another landing is writing" in refused.stderr
        assert " since 20" in refused.stderr
        assert "then run the same command again" in refused.stderr


def test_second_writer_of_releases_is_told_of_the_first(house):
    with writing(house.home):
        refused = house.run("release", "rollback", expect=2)
        assert "Another command is writing releases" in refused.stderr
        assert " since 20" in refused.stderr


def wait_for(true: Callable[[], object]) -> None:
    patience = time.monotonic() + 60
    while not true():
        assert time.monotonic() < patience, "waited for 60 s"
        time.sleep(0.02)
