"""Folders for what does not fit in memory and for files that had to be brought here."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from gymhouse.processes import is_alive


@contextmanager
def scratch_in(parent: Path, prefix: str = "") -> Iterator[Path]:
    """A folder of this process in `parent`; it goes away at the end, as do those of killed processes."""
    for left in parent.glob(f"{prefix}*-*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        with suppress(FileNotFoundError):
            if process.isdigit() and not is_alive(int(process), left.stat().st_mtime):
                shutil.rmtree(left, ignore_errors=True)
    made = [folder for folder in (parent, parent.parent) if not folder.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    own = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=parent))
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()  # only if empty


def scratch_of_machine() -> AbstractContextManager[Path]:
    """The same where this machine keeps temporary files, for processes that have no home."""
    return scratch_in(Path(tempfile.gettempdir()), "gymhouse-landing-")
