"""The whole way on real files: published, failed, killed, and finished by the same command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import yaml

from gymhouse.home import PROJECT, Home
from gymhouse.lock import holder
from pipeline.history import history

SBIT = PROJECT / "samples" / "sbit"
FITNESS = PROJECT / "samples" / "fitness_tracker"
SOURCES = PROJECT / "models" / "staging"


def command(home: Home, *arguments: object) -> dict:
    return {
        "args": [sys.executable, "-m", "pipeline", *map(str, arguments)],
        "cwd": PROJECT,
        "env": {**os.environ, "GYMHOUSE_HOME": str(home.root)},
    }


def pipeline(home: Home, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(**command(home, *arguments), capture_output=True, text=True, timeout=300, check=False)


def newest(home: Home) -> tuple[Path, dict]:
    """The folder and the record of the newest run."""
    folder = max(home.runs.iterdir())
    return folder, json.loads((folder / "run_report.json").read_text())


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> tuple[Home, subprocess.CompletedProcess]:
    """A home with one published run on the real sample, and what the command said."""
    home = Home(tmp_path_factory.mktemp("home"))
    ended = pipeline(home, "run", "--drops", SBIT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home, ended


def test_first_run_publishes_and_says_where_to_look(published):
    home, ended = published
    folder, report = newest(home)
    live = home.current.read_text().strip()
    assert (report["status"], report["release_id"]) == ("published", live)
    assert f"Published release {live} after " in ended.stdout
    assert str(folder / "report.html") in ended.stdout
    assert len(ended.stdout.splitlines()) < 20
    assert holder(home.lock) is None


def test_record_is_a_row_of_its_source_table(published):
    _, report = newest(published[0])
    (source,) = yaml.safe_load((SOURCES / "operations" / "_operations__sources.yml").read_text())["sources"]
    (runs,) = (table for table in source["tables"] if table["name"] == "runs")
    assert list(report) == [column["name"] for column in runs["columns"]]


def test_record_adds_up(published):
    _, report = newest(published[0])
    detail = report["detail"]
    assert [step["name"] for step in detail["steps"]] == ["land", "build", "gate", "publish"]
    assert all(step["seconds"] > 0 and step["peak_memory_bytes"] > 10e6 for step in detail["steps"])
    assert report["peak_memory_bytes"] == max(step["peak_memory_bytes"] for step in detail["steps"])
    assert sum(step["seconds"] for step in detail["steps"]) <= report["seconds"] + 0.1
    assert report["rows_read"] == report["rows_landed"] + report["rows_rejected"] == 36
    assert detail["landing"]["files_landed"] == 4
    assert report["tests_passed"] > 100
    assert report["checks_passed"] > 100
    rows = {table["name"]: table["rows"] for table in detail["build"]["tables"]}
    assert rows["gym_summary"] == 8
    assert None not in rows.values()


def test_the_build_finds_the_project_parsed(published):
    folder, _ = newest(published[0])
    assert (folder / "logs" / "parse.log").read_text() == ""
    assert "partial parsing" not in (folder / "logs" / "build.log").read_text()


def test_a_warning_is_told_in_the_summary_and_on_the_page(published):
    home, ended = published
    [(values,)] = duckdb.sql(
        f"select count(*) from '{home.releases / home.current.read_text().strip()}/gold/unmapped_values.parquet'"
    ).fetchall()
    assert values > 0
    assert f"  warned    gold.unmapped_values: rows: {values}, must be 0\n" in ended.stdout
    page = (newest(home)[0] / "report.html").read_text()
    assert "What is warned of" in page
    assert f"rows: {values}, must be 0" in page


def test_page_needs_nothing_beside_itself(published):
    folder, _ = newest(published[0])
    page = (folder / "report.html").read_text()
    assert not re.search(r"https?://|<link|<script|src=|url\(|@import", page)
    links = list(re.findall(r'href="([^"]+)"', page))
    assert links
    assert [link for link in links if not (folder / link).exists()] == []


def test_nothing_of_a_person_is_in_reports_and_logs(published):
    folder, _ = newest(published[0])
    people = [json.loads(line)["value"] for line in (SBIT / "2-user_info_1.json").read_text().splitlines() if line]
    people = [json.loads(value) if isinstance(value, str) else value for value in people]
    values = {person[name] for person in people for name in ("first_name", "last_name", "dob")}
    values |= {person["address"]["street_address"] for person in people}
    assert len(values) > 10
    told = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert len(told) > 5
    assert [(name, value) for value in values for name, text in told.items() if re.search(rf"\b{value}\b", text)] == []


def test_page_rendered_again_is_the_same_page(published):
    home, _ = published
    folder, _ = newest(home)
    before = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    ended = pipeline(home, "report")
    assert Path(ended.stdout.strip()) == folder / "report.html"
    assert (folder / "report.html").read_bytes() == before


def test_failed_and_killed_runs_leave_the_release_and_the_next_run_finishes(published, tmp_path):
    home, _ = published
    live = home.current.read_text()

    (tmp_path / "strange_export.csv").write_text("a,b\n1,2\n")
    failed = pipeline(home, "run", "--drops", tmp_path)
    folder, report = newest(home)
    assert failed.returncode == 1
    assert (report["status"], report["failed_step"], report["release_id"]) == ("failed", "land", None)
    assert "strange_export.csv" in failed.stdout
    assert f"Release {live.strip()} stays live" in failed.stdout
    assert "Failed at step" in (folder / "report.html").read_text()

    kill_during(home, "build", FITNESS)
    assert home.current.read_text() == live
    assert [run["status"] for run in history(home)] == ["killed", "failed", "published"]

    finished = pipeline(home, "run", "--drops", FITNESS)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    folder, report = newest(home)
    assert report["rows_landed"] == 0, "what the killed run landed lands no second time"
    assert not (folder / "logs" / "parse.log").exists(), "what dbt parsed for an earlier run is kept"
    assert (report["status"], report["detail"]["former_release"]) == ("published", live.strip())
    assert "fact_daily +" in finished.stdout
    runs = home.releases / home.current.read_text().strip() / "gold" / "pipeline_run.parquet"
    told = duckdb.sql(f"select status, failed_step from '{runs}' order by started_at").fetchall()
    assert told == [("published", None), ("failed", "land")]
    listed = pipeline(home, "runs").stdout
    assert [line.split()[1] for line in listed.splitlines()] == ["status", "published", "killed", "failed", "published"]


def kill_during(home: Home, step: str, drops: Path) -> None:
    """Start a run and kill it with no chance to clean up while `step` works."""
    former = set(home.runs.iterdir())
    process = subprocess.Popen(
        **command(home, "run", "--drops", drops), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    patience = time.monotonic() + 60
    while not [folder for folder in set(home.runs.iterdir()) - former if (folder / "logs" / f"{step}.log").exists()]:
        assert time.monotonic() < patience
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while holder(home.lock) is not None:  # the step dies with the run, a moment later
        assert time.monotonic() < patience
        time.sleep(0.05)


def test_missing_drops_are_told_before_anything_happens(tmp_path):
    home = Home(tmp_path)
    ended = pipeline(home, "run", "--drops", tmp_path / "nowhere")
    assert ended.returncode == 2
    assert "nowhere" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []
