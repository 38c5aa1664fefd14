"""Any days of a chain, by any number of processes, in files of days or months: the same bytes as the whole run's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_data_gen_bytes import digest
from test_data_gen_folder import Killed, kill_after

from data_gen.chain import days as chain_days
from data_gen.chain.parameters import Parameters
from data_gen.simulate import Range, simulate
from data_gen.workers import export_together
from data_gen.writing import defects
from data_gen.writing.defect_plan import DefectPlan
from gymhouse.console import Problem
from gymhouse.home import PROJECT

# The night of 9 March, in which New York's clocks are put forward, lies within; several stretches meet.
CHAIN = Parameters(members=120, days=21, start=date(2025, 3, 1), defects=DefectPlan("heavy"))
LONG = replace(CHAIN, members=40, days=200)
# What a key tells of files, wherever they were written from.
OF_FILES = ("days", "rows_written", "lines_written", "repeated_rows", "expected", "defects")


@pytest.fixture(scope="module", autouse=True)
def short_stretches():
    """Stretches of four days, so that every chain here has seams."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain_days, "_LONGEST", 4)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    simulate(CHAIN, root)
    return root


@pytest.fixture(scope="module")
def long(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("long")
    simulate(LONG, root)
    return root


def drops(root: Path) -> dict[str, bytes]:
    """The exported files, without the answer key."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.relative_to(root).as_posix().startswith("_answer_key")
    }


def key_of(root: Path) -> dict:
    return json.loads((root / "_answer_key.json").read_text())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(1, CHAIN.days - 1), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_pieces_make_the_whole(whole, tmp_path_factory, cuts, chance):
    """Whatever the days are cut into, and in whatever order the pieces are written."""
    root = tmp_path_factory.mktemp("pieces")
    pieces = list(pairwise([0, *sorted(cuts), CHAIN.days]))
    chance.shuffle(pieces)
    for first, behind in pieces:
        simulate(CHAIN, root, part=Range(first, behind))
    assert drops(root) == drops(whole)
    made, wanted = key_of(root), key_of(whole)
    assert {name: made[name] for name in OF_FILES} == {name: wanted[name] for name in OF_FILES}
    assert isinstance(made["truth"], str)


def test_one_day_alone(whole, tmp_path):
    simulate(CHAIN, tmp_path, part=Range(11, 12))
    found = drops(tmp_path)
    assert found == {path: content for path, content in drops(whole).items() if "2025-03-12" in path}
    assert len(found) > 10


def test_days_that_are_there_are_not_written_again(whole, tmp_path):
    simulate(CHAIN, tmp_path, part=Range(3, 9))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.csv")}
    assert simulate(CHAIN, tmp_path, part=Range(4, 7)).is_up_to_date
    simulate(CHAIN, tmp_path, part=Range(0, CHAIN.days))
    assert before.items() <= {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.csv")}.items()
    assert drops(tmp_path) == drops(whole)


def test_the_first_days_tell_the_truth(tmp_path, whole):
    """Figures of the first days are those of the whole chain, cut by date."""
    import pyarrow.parquet as pq

    simulate(CHAIN, tmp_path / "first", part=Range(0, 10))
    simulate(CHAIN, tmp_path / "as_of", part=Range(as_of=(date(2025, 3, 10),)))
    for name in ("stays", "workouts", "members", "visits", "attendance", "shop_revenue", "app"):
        one, two = (
            pq.read_table(tmp_path / run / f"_answer_key/2025-03-10/{name}.parquet") for run in ("first", "as_of")
        )
        assert one.num_rows > 0
        assert one.equals(two), name
    assert drops(tmp_path / "as_of") == drops(whole)


def test_a_killed_piece_is_finished_and_leaves_the_others(whole, tmp_path):
    simulate(CHAIN, tmp_path, part=Range(0, 5))
    with pytest.raises(Killed):
        simulate(CHAIN, tmp_path, on_day=kill_after(8), part=Range(5, 14))
    assert not (tmp_path / "_answer_key.json").exists()
    # Another piece takes its place: nothing of the half-written one stays.
    simulate(CHAIN, tmp_path, part=Range(14, CHAIN.days))
    assert not [path for path in drops(tmp_path) if "2025-03-08" in path]
    simulate(CHAIN, tmp_path, part=Range(5, 14))
    assert drops(tmp_path) == drops(whole)
    assert key_of(tmp_path)["expected"] == key_of(whole)["expected"]


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_write_what_one_writes(long, tmp_path, workers, monkeypatch):
    """Files, key and truth."""
    monkeypatch.setattr("data_gen.workers._DAYS_WORTH_SHARING", 50)
    shares = []
    monkeypatch.setattr("data_gen.simulate.export_together", lambda *a: shares.append(a[5]) or export_together(*a))
    simulate(LONG, tmp_path, workers=workers)
    assert shares == [workers]
    assert digest(tmp_path) == digest(long)


def test_a_problem_of_a_worker_is_told(tmp_path, monkeypatch):
    def breaks(*_):
        raise Problem("The disk is full.", "Make room.")

    monkeypatch.setattr("data_gen.export.spoil", breaks)
    with pytest.raises(Problem, match="disk is full"):
        simulate(LONG, tmp_path, workers=2)
    assert not (tmp_path / "_answer_key.json").exists()


def test_months_hold_their_days(tmp_path):
    """A month's file is its days' files one after another, with one header."""
    chain = replace(LONG, defects=DefectPlan.parse("heavy,file_shape=0"))
    simulate(replace(chain, files="day"), tmp_path / "days")
    simulate(chain, tmp_path / "months")
    days, months = drops(tmp_path / "days"), drops(tmp_path / "months")
    together: dict[str, bytes] = defaultdict(bytes)
    for path in sorted(days):
        name, _, label = path.rpartition("_")
        label, ending = label.split(".")
        is_alone = f"{name}_{label}.{ending}" in months
        into = path if is_alone else f"{name}_{label[:7]}.{ending}"
        skipped = days[path].index(b"\n") + 1 if ending == "csv" and into in together else 0
        together[into] += days[path][skipped:]
    assert together == months
    assert len([path for path in months if path.startswith("club/bookings_2025-04")]) == 1


@pytest.mark.parametrize(("first", "behind"), [(0, 20), (20, 200), (3, 5)])
def test_a_range_that_cuts_a_month_is_refused(tmp_path, first, behind):
    with pytest.raises(Problem, match="cuts the files of 2025-03"):
        simulate(LONG, tmp_path, part=Range(first, behind))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("first", "behind"), [(-1, 3), (5, 5), (3, 22)])
def test_days_outside_the_chain_are_refused(tmp_path, first, behind):
    with pytest.raises(Problem, match="not days of the chain"):
        simulate(CHAIN, tmp_path, part=Range(first, behind))


def test_quotas_hold_over_stretches():
    """Kinds with few rows: each stretch gets its part of the least number, and all of them together that number."""
    stretches = chain_days.stretches(CHAIN)
    plan = replace(CHAIN, defects=DefectPlan())
    for kind, least in (("late_row", 2), ("malformed_line", 3), ("unregistered_device", 20)):
        made = [defects.Defects(plan, "devices.bpm", each, len(stretches)).count(kind, 100) for each in stretches]
        assert least <= sum(made) <= least + len(stretches)


def test_a_killed_process_leaves_nobody_behind(tmp_path):
    """Killed without warning while two processes write: both end, and the same command finishes the folder."""
    arguments = ["--members", "150", "--months", "12", "--workers", "2", "--heart-rate", "20000"]
    command = [sys.executable, "-m", "data_gen", "--out", str(tmp_path / "drops"), *arguments]
    run = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("drops/*/*.csv")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert list(tmp_path.glob("drops/.unfinished*"))
    while _is_held(tmp_path / "drops") and time.monotonic() < deadline:
        time.sleep(0.05)
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    subprocess.run([*command[:4], str(tmp_path / "fresh"), *arguments], cwd=PROJECT, check=True, capture_output=True)
    assert digest(tmp_path / "drops") == digest(tmp_path / "fresh")


def _is_held(root: Path) -> bool:
    import fcntl

    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_memory_does_not_grow_with_the_months(tmp_path):
    """Four times the months need about the same memory, although they are four times the rows."""

    def peak(months: int) -> int:
        command = [
            sys.executable, "-c",
            "import resource, sys; from data_gen.__main__ import main\n"
            "main(sys.argv[1:], standalone_mode=False)\n"
            "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)",
            "--out", str(tmp_path / str(months)), "--members", "2000", "--months", str(months), "--workers", "1",
            "--heart-rate", str(100_000 * months),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
        return int(done.stdout.rpartition("peak ")[2])

    assert peak(12) < 1.25 * peak(3)
