"""What killed processes leave is swept, what running ones write is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gymhouse.files import sweep, write_atomic
from ingest.scratch import scratch_in

LONG_AGO = 946_684_800
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system says little of other processes")


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def unfinished(folder: Path, process: int) -> Path:
    """What `write_atomic` leaves in a process that is killed in the middle of it."""
    left = folder / "runs" / "one" / f".gate.json.{process}.tmp"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("{")
    return left


def test_what_a_dead_process_left_is_swept(tmp_path, ended):
    left = unfinished(tmp_path, ended)
    sweep(tmp_path)
    assert not left.exists()


def test_what_a_running_process_writes_stays(tmp_path):
    left = unfinished(tmp_path, os.getpid())
    write_atomic(tmp_path / "runs" / "one" / "report.json", "{}")
    sweep(tmp_path)
    assert sorted(left.parent.iterdir()) == [left, left.with_name("report.json")]


@ON_LINUX
def test_what_a_killed_process_left_is_swept_before_anybody_asked_how_it_ended(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        left, folder = unfinished(tmp_path, process.pid), tmp_path / "scratch" / f"{process.pid}-a"
        folder.mkdir(parents=True)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        sweep(tmp_path)
        with scratch_in(folder.parent) as own:
            assert list(folder.parent.iterdir()) == [own]
    assert not left.exists()


@ON_LINUX
def test_a_number_that_came_round_again_is_another_process(tmp_path):
    left = unfinished(tmp_path, os.getpid())
    os.utime(left, (LONG_AGO, LONG_AGO))
    sweep(tmp_path)
    assert not left.exists()


def test_scratch_of_dead_processes_goes_and_that_of_others_stays(tmp_path, ended):
    dead, alive = tmp_path / f"{ended}-a", tmp_path / f"{os.getpid()}-b"
    for folder in (dead, alive):
        folder.mkdir()
    with scratch_in(tmp_path) as own:
        assert sorted(tmp_path.iterdir()) == sorted([alive, own])
