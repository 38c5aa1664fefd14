"""The folder of releases: one writer at a time, whole releases only, CURRENT replaced in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.files import sync, write_atomic
from gymhouse.home import Home
from gymhouse.lock import held
from release.current import Release, damage, live_id, releases

TIME_FORMAT = "%Y%m%dT%H%M%SZ"
UNFINISHED = ".tmp"
KEEP = 10


@contextmanager
def writing(home: Home) -> Iterator[None]:
    """Hold the right to write releases; what is half done, by a killed writer or this one, is removed.

    The operating system lets go of the lock when its holder dies, so a kill never blocks the next writer.
    """
    with held(home.releases / ".lock", partial(_refused, home)):
        _sweep(home)
        try:
            yield
        finally:
            _sweep(home)  # on a full disk, this is room


def _sweep(home: Home) -> None:
    for left in home.releases.glob(f".*{UNFINISHED}"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _refused(home: Home, by: str) -> Problem:
    return Problem(
        f"Another command is writing releases in {home.releases}: {by}.", "Wait until it has ended and try again."
    )


def next_time(home: Home, now: datetime | None = None) -> datetime:
    """The time for a new release: now, or a second after the newest when the clock went back or stands still."""
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    known = releases(home)
    if not known:
        return now
    newest = datetime.strptime(known[-1].id.split("-")[0], TIME_FORMAT).replace(tzinfo=UTC)
    return max(now, newest + timedelta(seconds=1))


def make_live(home: Home, release: Release) -> None:
    """Let CURRENT name `release`."""
    write_atomic(home.current, release.id + "\n")


def settle(written: Path, final: Path) -> Release:
    """Turn a complete temporary folder into the release `final`; the rename is the commit."""
    for folder in {path.parent for path in written.rglob("*") if path.is_file()} | {written}:
        sync(folder)
    os.rename(written, final)
    sync(final.parent)
    return Release(final)


def prune(home: Home, keep: int = KEEP) -> list[str]:
    """Remove all but the newest `keep` releases and the live one; returns the ids that went, oldest first.

    Call it while `writing`.
    """
    live = live_id(home)
    gone = [release for release in releases(home)[: -keep or None] if release.id != live]
    for release in gone:
        # The rename takes it off the list in one step; removing its files one by one would not.
        doomed = release.folder.with_name(f".{release.id}{UNFINISHED}")
        os.rename(release.folder, doomed)
        shutil.rmtree(doomed)
    return [release.id for release in gone]


def before_live(home: Home) -> Release:
    """The newest release older than the live one; raises `Problem` when there is none."""
    live = live_id(home)
    if live is None:
        raise Problem(f"Nothing is published in {home.releases}.", "There is nothing to go back from.")
    older = [release for release in releases(home) if release.id < live]
    if not older:
        raise Problem(f"There is no release older than the live one, {live}.", "`python -m release list` shows all.")
    return older[-1]


def require_whole(release: Release) -> None:
    """Raise `Problem` when a file of `release` is damaged."""
    if wrong := damage(release):
        raise Problem(
            f"Release {release.id} is damaged: {'; '.join(wrong)}.",
            "Choose another one (`python -m release list`), or publish anew with `make run`.",
        )
