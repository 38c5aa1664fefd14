"""The runs of a home, from the folders that they left."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.home import Home
from gymhouse.lock import holder
from pipeline.plan import REPORT_FILE

ID_FORMAT = "%Y%m%dT%H%M%SZ"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def new_run(runs: Path) -> Path:
    """Make the folder of a new run under `runs`, named after this second (UTC), so that names sort by time."""
    runs.mkdir(parents=True, exist_ok=True)
    while True:
        folder = runs / datetime.now(UTC).strftime(ID_FORMAT)
        try:
            folder.mkdir()
        except FileExistsError:
            time.sleep(0.1)
        else:
            return folder


def history(home: Home, newest: int | None = None) -> list[dict]:
    """The report of each run, newest first; at most `newest` of them.

    A run that was killed left no report: it has `run_id`, `started_at`, no `failed_step` and the status `killed`, or
    `running` while it holds the lock.
    """
    folders = sorted((folder for folder in home.runs.glob("*") if _is_run(folder)), reverse=True)
    running = (holder(home.lock) or {}).get("run_id")
    return [_read(folder, running) for folder in folders[:newest]]


def find_run(home: Home, run_id: str | None) -> Path:
    """The folder of the run `run_id`, or of the newest run that wrote a report.

    Raises:
        Problem: there is no such run, or it left no report.
    """
    reports = sorted(home.runs.glob(f"{run_id or '*'}/{REPORT_FILE}"))
    if not reports:
        what = f"No run {run_id} with a report lies in {home.runs}." if run_id else f"{home.runs} holds no run yet."
        raise Problem(what, "See `python -m pipeline runs` for those there are, or start one: make run")
    return reports[-1].parent


def _read(folder: Path, running: str | None) -> dict:
    report = folder / REPORT_FILE
    if report.exists():
        return json.loads(report.read_text())
    return {
        "run_id": folder.name,
        "started_at": _begun(folder.name).strftime(TIME_FORMAT),
        "status": "running" if folder.name == running else "killed",
        "failed_step": None,
    }


def _is_run(folder: Path) -> bool:
    try:
        _begun(folder.name)
    except ValueError:
        return False
    return folder.is_dir()


def _begun(run_id: str) -> datetime:
    return datetime.strptime(run_id, ID_FORMAT).replace(tzinfo=UTC)
