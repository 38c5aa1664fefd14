"""The report of a run: its record as JSON, and one page that a stranger can read."""

from __future__ import annotations

import json
from pathlib import Path

from gymhouse.files import write_atomic
from gymhouse.home import Home
from pipeline.history import history
from pipeline.plan import REPORT_FILE
from pipeline.report.page import page

PAGE_FILE = "report.html"
SHOWN_RUNS = 30


def write_report(folder: Path, report: dict, home: Home) -> None:
    """Write the record and then its page into the run's `folder`.

    The record's appearance is what ends a run: a folder without one is of a run that was killed.
    """
    write_atomic(folder / REPORT_FILE, json.dumps(report, indent=1) + "\n")
    _write_page(folder, report, home)


def render_again(folder: Path, home: Home) -> None:
    """Write the page of a former run anew; its record is never touched."""
    _write_page(folder, json.loads((folder / REPORT_FILE).read_text()), home)


def _write_page(folder: Path, report: dict, home: Home) -> None:
    former = [run for run in history(home) if run["run_id"] <= report["run_id"]][:SHOWN_RUNS]
    write_atomic(folder / PAGE_FILE, page(report, former))
