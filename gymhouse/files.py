"""Commit files so that a kill at any moment leaves the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from gymhouse.processes import is_alive

UNFINISHED = ".tmp"


def sync(path: Path) -> None:
    """Force the file or folder `path` to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # A mounted object store knows nothing to force: what was written and closed is kept there.
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def commit(written: Path, final: Path) -> None:
    """Make the complete file `written` visible as `final`; the rename is the commit.

    Both must lie on one file system. An older `final` is replaced.
    """
    sync(written)
    final.parent.mkdir(parents=True, exist_ok=True)
    os.replace(written, final)
    sync(final.parent)


def write_atomic(final: Path, content: str | bytes) -> None:
    """Write `content` to `final` whole or not at all."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".{final.name}.{os.getpid()}{UNFINISHED}")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        commit(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)  # it is there only when something failed, as on a full disk


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sweep(folder: Path) -> None:
    """Remove what `write_atomic` left below `folder` in processes that were killed."""
    for left in folder.rglob(f".*.*{UNFINISHED}"):
        process = left.name.removesuffix(UNFINISHED).rpartition(".")[2]
        with suppress(FileNotFoundError):
            if process.isdigit() and not is_alive(int(process), left.stat().st_mtime):
                left.unlink()
