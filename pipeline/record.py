"""The record of a run: what its report file holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.home import Home
from gymhouse.masking import mask
from pipeline.built import built
from pipeline.history import TIME_FORMAT
from pipeline.landed import landed
from pipeline.plan import Results
from pipeline.settled import Settled
from pipeline.step import Ended, Step, tail
from release.current import find_release

TOLD_LINES = 15


@dataclass
class Course:
    """How a run went so far: its folder, its start, the steps that ended, and when each began (seconds after start).

    `engine` is the one that builds its tables. `built_because` says what was new; when nothing was, `skipped` are the
    steps that it did not take, and `settled` is what still stands. `trouble` is why a step failed, where that is known.
    """

    folder: Path
    started_at: datetime
    drops: Path
    engine: str
    former_release: str | None
    ended: list[Ended] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    failed_step: str | None = None
    trouble: Problem | None = None
    built_because: list[str] = field(default_factory=list)
    skipped: list[Step] = field(default_factory=list)
    settled: Settled | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return (datetime.now(UTC) - self.started_at).total_seconds()


def record(course: Course, home: Home) -> dict:
    """The report of a run that has ended. Its top level is the source table `operations.runs`; `detail` is the rest.

    Holds counts, keys and names only, never a value of a person.
    """
    results = Results(course.folder)
    landing = landed(results.land, home)
    gate = read_result(results.gate)
    build = built(home, course.engine, results.failures, course.started_at, gate.get("rows", {}))
    release = _standing(home, course.settled) if course.settled else read_result(results.publish)
    tests = build["tests"] if build else {}
    return {
        "run_id": course.folder.name,
        "started_at": course.started_at.strftime(TIME_FORMAT),
        "ended_at": datetime.now(UTC).strftime(TIME_FORMAT),
        "status": _status(course, release),
        "failed_step": course.failed_step,
        "seconds": round(course.seconds, 3),
        "peak_memory_bytes": max((ended.peak_memory_bytes for ended in course.ended), default=0),
        **{count: landing["totals"][count] for count in ("rows_read", "rows_landed", "rows_rejected")},
        "tests_passed": tests.get("passed", 0),
        "tests_failed": tests.get("failed", 0),
        "checks_passed": gate.get("checks_passed", 0),
        "checks_failed": gate.get("checks_failed", 0) + gate.get("checks_not_evaluated", 0),
        "release_id": None if release.get("unchanged") else release.get("release_id"),
        "detail": {
            "drops": str(course.drops),
            "engine": course.engine,
            "former_release": course.former_release,
            "steps": [_step(course, place) for place in range(len(course.ended))] + list(map(_skipped, course.skipped)),
            "trouble": {"what": course.trouble.what, "fix": course.trouble.fix} if course.trouble else None,
            "built_because": course.built_because,
            "unchanged_since": course.settled.run_id if course.settled else None,
            "landing": landing,
            "build": build,
            "gate": gate or None,
            "release": release or None,
        },
    }


def read_result(path: Path) -> dict | list:
    """What a step left in its JSON file; empty when it left none."""
    return json.loads(path.read_text()) if path.exists() else {}


def _status(course: Course, release: dict) -> str:
    if course.failed_step:
        return "failed"
    return "unchanged" if release["unchanged"] else "published"


def _standing(home: Home, settled: Settled) -> dict:
    """What publishing would have said of the release that stays live."""
    release = find_release(home, settled.release_id)
    tables = release.manifest["tables"]
    return {
        "release_id": release.id,
        "format": release.format,
        "unchanged": True,
        "tables": len(tables),
        "rows": sum(table["rows"] for table in tables),
        "bytes": sum(table["bytes"] for table in tables),
        "changed": [],
        "pruned": [],
        "seconds": 0.0,
    }


def _skipped(step: Step) -> dict:
    return {
        "name": step.name,
        "title": step.title,
        "status": "skipped",
        "exit_code": None,
        "began_after_seconds": None,
        "seconds": 0.0,
        "peak_memory_bytes": 0,
        "log": None,
        "told": [],
    }


def _step(course: Course, place: int) -> dict:
    ended = course.ended[place]
    failed = ended.exit_code != 0
    return {
        "name": ended.step.name,
        "title": ended.step.title,
        "status": "failed" if failed else "done",
        "exit_code": ended.exit_code,
        "began_after_seconds": round(course.began[place], 3),
        "seconds": round(ended.seconds, 3),
        "peak_memory_bytes": ended.peak_memory_bytes,
        "log": str(ended.log.relative_to(course.folder)),
        "told": [mask(line) for line in tail(ended.log, TOLD_LINES)] if failed else [],
    }
