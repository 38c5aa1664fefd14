"""What the last run that published rested on and left behind: while all of that stands, there is nothing to build.

A note in the home says so. A run takes it away before it does anything, and writes it again when it has published, or
has found that everything stands: after a failed or killed run there is none, and the next run builds.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from gymhouse.artifacts import load_build
from gymhouse.console import Problem
from gymhouse.files import write_atomic
from gymhouse.home import PROJECT, Home
from pipeline.dbt import environment
from pipeline.plan import Options
from release.current import damage, find_release, live_id
from warehouse import warehouse_state

NO_NOTE = "the run before did not end well, or there was none"
# The source of what the house knows of itself: the record of a run alone is no reason for another build.
OWN_WORK = "operations"
NOT_READ = (PROJECT / "tests" / "python",)


@dataclass(frozen=True)
class Settled:
    """A note: the run that built, the digests of what it rested on by name, and what it left."""

    run_id: str
    foundation: dict[str, str]
    warehouse: dict
    invocation_id: str
    release_id: str


def take_note(home: Home, engine: str) -> Settled | None:
    """The note of the last run on `engine`, which is gone from the home then; None when there is no readable one."""
    path = home.settled_of(engine)
    try:
        note = Settled(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        note = None
    path.unlink(missing_ok=True)
    return note


def leave_note(home: Home, engine: str, note: Settled) -> None:
    """Let the next run know; whole or not at all."""
    write_atomic(home.settled_of(engine), json.dumps(asdict(note), indent=2) + "\n")


def foundation(home: Home, options: Options) -> dict[str, str]:
    """Digests of all that build, gate and publish read, each by its name. No times are in them."""
    asked = {name: str(value) for name, value in asdict(options).items() if name not in ("drops", *Options.INSISTING)}
    return {
        "the lake": _digest(_batches(home)),
        "the project": _digest(_project()),
        "the installed packages": _digest(_packages()),
        "the environment": _digest(_environment(home, options.engine)),
        "the options": _digest(f"{name}={value}" for name, value in asked.items()),
    }


def what_is_new(home: Home, options: Options, note: Settled | None, now: dict[str, str]) -> list[str]:
    """Why a run must build, in a few words each; empty when what `note` says still stands. Any doubt is a reason.

    `now` is the `foundation` of this moment.
    """
    if options.insists:
        return ["it was asked for"]
    if note is None:
        return [NO_NOTE]
    new = [f"{name} changed" for name, digest in now.items() if note.foundation.get(name) != digest]
    if warehouse_state(home, options.engine) != note.warehouse:
        new.append("the warehouse changed")
    if not _is_told(home, options.engine, note):
        new.append("what dbt and the gate told of the build is gone")
    if live_id(home) != note.release_id:
        new.append("another release is live")
    elif not _is_whole(home, note.release_id):
        new.append("the live release is damaged")
    return new


def _is_told(home: Home, engine: str, note: Settled) -> bool:
    """Whether dbt's artifacts and the gate's verdict are still those of the build."""
    try:
        verdict = json.loads(home.verdict_of(engine).read_text())
        return load_build(home, engine).invocation_id == note.invocation_id == verdict["invocation_id"]
    except (Problem, OSError, ValueError, KeyError, TypeError):
        return False


def _is_whole(home: Home, release_id: str) -> bool:
    try:
        return not damage(find_release(home, release_id))
    except Problem:
        return False


def _batches(home: Home) -> Iterator[str]:
    """The files of the lake with their sizes; each is named after the content of what landed."""
    for path in sorted(path for part in (home.raw, home.rejected) for path in part.rglob("*.parquet")):
        if path.relative_to(home.lake).parts[1] != OWN_WORK:
            yield f"{path.relative_to(home.lake)} {path.stat().st_size}"


def _project() -> Iterator[str]:
    """Every file that dbt reads, and the house's own programs, with a digest of its content."""
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())
    folders = {PROJECT / each for name, paths in settings.items() if name.endswith("-paths") for each in paths}
    folders |= {PROJECT / "profiles"} | {path.parent for path in PROJECT.glob("*/__init__.py")}
    for path in sorted({*PROJECT.glob("*.yml"), *(path for folder in folders for path in folder.rglob("*"))}):
        if path.is_file() and path.suffix != ".pyc" and not any(path.is_relative_to(other) for other in NOT_READ):
            yield f"{path.relative_to(PROJECT)} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _packages() -> list[str]:
    """The installed packages with their versions, as their folders are named, and Python's own version."""
    folders = {Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")}
    return [sys.version, *sorted(path.name for folder in folders for path in folder.glob("*.dist-info"))]


def _environment(home: Home, engine: str) -> list[str]:
    """The variables that dbt and the project read. The home is one: the warehouse knows the lake by its path."""
    seen = {**os.environ, **environment(home, engine)}
    return sorted(f"{name}={value}" for name, value in seen.items() if name.startswith(("DBT_", "GYMHOUSE_")))


def _digest(told: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
