"""One run, or one command that keeps house in the lake, at a time in one home."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE


@dataclass(frozen=True)
class Lock:
    """The lock while it is held; steps inherit its `descriptor`."""

    descriptor: int

    def sign(self, run_id: str | None) -> None:
        """Write who holds the lock, for people and for `holder`. The text decides nothing."""
        signature = {
            "run_id": run_id,
            "pid": os.getpid(),
            "command": " ".join(["python", *sys.orig_argv[1:]]),
            "started_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        text = json.dumps(signature).encode()
        os.pwrite(self.descriptor, text, 0)
        os.ftruncate(self.descriptor, len(text))


@contextmanager
def run_lock(path: Path) -> Iterator[Lock]:
    """Hold the lock file `path`.

    The kernel frees the lock when the last process that holds the descriptor ends, however it ends, so a killed run
    blocks nobody once its last step is gone.

    Raises:
        Problem: another one holds it; says which, and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refused(path) from None
        lock = Lock(descriptor)
        lock.sign(None)
        yield lock
    finally:
        os.close(descriptor)


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


def _signature(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def _refused(path: Path) -> Problem:
    by = _signature(path)
    who = f"process {by['pid']} ({by['command']}) since {by['started_at']}" if by else "another process"
    return Problem(
        f"A run is already writing to {path.parent}: {who}.",
        f"Wait until it ends, or take a home of its own with {HOME_VARIABLE}=DIR.",
    )
