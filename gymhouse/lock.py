"""Locks of a home that say who holds them. The kernel frees one when its last holder ends, however it ends."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE

# Names the run that a step belongs to, to the step.
RUN_VARIABLE = "GYMHOUSE_RUN"


@dataclass(frozen=True)
class Lock:
    """A lock while it is held; a process that inherits its `descriptor` holds it, too."""

    descriptor: int

    def sign(self, run_id: str | None = None) -> None:
        """Write who holds the lock, for people and for `holder`. The text decides nothing."""
        signature = {
            "run_id": run_id,
            "pid": os.getpid(),
            "command": " ".join(["python", *sys.orig_argv[1:]]),
            "started_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        text = json.dumps(signature).encode()
        with suppress(OSError):  # a full disk
            os.pwrite(self.descriptor, text, 0)
            os.ftruncate(self.descriptor, len(text))


@contextmanager
def held(path: Path, refused: Callable[[str], Problem], wait: bool = False) -> Iterator[Lock]:
    """Hold the lock file `path`; with `wait`, wait for its holder instead of giving up.

    A killed holder blocks nobody once the last process that inherited the lock is gone.

    Raises:
        Problem: what `refused` makes of who holds it and since when.
        OSError: the file system knows no locks, or cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise refused(who(_signature(path))) from None
        lock = Lock(descriptor)
        lock.sign()
        yield lock
    finally:
        os.close(descriptor)


def run_lock(path: Path) -> AbstractContextManager[Lock]:
    """Hold the lock `path` of a home: one run, or one command that keeps house in the lake, at a time.

    Raises:
        Problem: another one holds it; says which, and since when.
    """
    return held(path, lambda by: _refused_by_run(path, by))


def still_lake(root: Path, wait: bool = False) -> AbstractContextManager[Lock]:
    """Let nobody else land into the local lake at `root` meanwhile; `wait` for a landing instead of giving up.

    Raises:
        Problem: somebody lands, or builds from it; says who, and since when.
        OSError: its file system knows no locks.
    """

    def refused(by: str) -> Problem:
        return Problem(
            f"Another landing is writing to the lake {root}, or a run builds from it: {by}.",
            "Wait until it has ended, then run the same command again.",
        )

    return held(root / ".landing.lock", refused, wait)


def require_no_other_run(path: Path) -> None:
    """Raise `Problem` while a run holds the lock `path`, unless this process is a step of it."""
    by = holder(path)
    if by is None or (by.get("run_id") and by["run_id"] == os.environ.get(RUN_VARIABLE)):
        return
    raise _refused_by_run(path, who(by))


def _refused_by_run(path: Path, by: str) -> Problem:
    return Problem(
        f"A run is already writing to {path.parent}: {by}.",
        f"Wait until it ends, or work in a home of its own with {HOME_VARIABLE}=DIR.",
    )


def holder(path: Path) -> dict | None:
    """Who holds the lock now: `run_id`, `pid`, `command`, `started_at`; None when it is free.

    The fields are missing when the holder has not signed yet.
    """
    if not path.exists():
        return None
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _signature(path)
    return None


def who(signature: dict) -> str:
    """`process 4711 (python -m pipeline run) since 2026-11-21T10:00:00Z`, out of what `holder` tells."""
    if not signature:
        return "another process"
    return f"process {signature['pid']} ({signature['command']}) since {signature['started_at']}"


def _signature(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
