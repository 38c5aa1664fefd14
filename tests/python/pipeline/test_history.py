"""The history is what lies in the folder of runs: finished, killed and running ones."""

from __future__ import annotations

import json

import pytest

from gymhouse.console import Problem
from gymhouse.home import Home
from gymhouse.lock import run_lock
from pipeline.history import find_run, history, new_run


def test_runs_of_one_second_get_names_that_sort_by_time(tmp_path):
    made = [new_run(tmp_path / "runs").name for _ in range(3)]
    assert len(set(made)) == 3
    assert made == sorted(made)


def test_run_without_a_report_was_killed(tmp_path):
    folder = new_run(tmp_path / "runs")
    (told,) = history(Home(tmp_path))
    assert (told["run_id"], told["status"]) == (folder.name, "killed")


def test_run_that_holds_the_lock_is_running(tmp_path):
    home = Home(tmp_path)
    with run_lock(home.lock) as lock:
        folder = new_run(home.runs)
        lock.sign(folder.name)
        assert history(home)[0]["status"] == "running"
    assert history(home)[0]["status"] == "killed"


def test_newest_first_and_strangers_left_out(tmp_path):
    runs = tmp_path / "runs"
    for name in ("20260101T000000Z", "20260102T000000Z", "20260103T000000Z", "notes"):
        (runs / name).mkdir(parents=True)
        (runs / name / "run_report.json").write_text(json.dumps({"run_id": name, "status": "failed"}))
    assert [told["run_id"] for told in history(Home(tmp_path), 2)] == ["20260103T000000Z", "20260102T000000Z"]
    assert find_run(Home(tmp_path), "20260101T000000Z").name == "20260101T000000Z"


def test_unknown_run_says_where_to_look(tmp_path):
    with pytest.raises(Problem, match="python -m pipeline runs"):
        find_run(Home(tmp_path), "20260101T000000Z")
    with pytest.raises(Problem, match="holds no run yet"):
        find_run(Home(tmp_path), None)
