"""A full disk, told in words: by the error of the system, or by what a program said of it."""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import Path

from gymhouse.console import Problem

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# What the C library, DuckDB and Java make of these; DuckDB writes less than it wants to before the system complains.
SAID = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|Could not write all bytes|max_temp_directory_size",
    re.IGNORECASE,
)
ALL_BUT_FULL = 1_000_000
AGAIN = "then run the same command again. Nothing that was whole is lost, and what is live stays live."


def full_disk(place: Path, said: OSError | str) -> Problem | None:
    """What to tell when `said` speaks of a full disk; None when it does not. `place` lies on that disk.

    A disk may be too full for a program to write what is wrong: one that is all but full counts.
    """
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    free, largest = shutil.disk_usage(there).free, _largest_file()
    told = said.errno in FULL if isinstance(said, OSError) else bool(SAID.search(said)) or free < ALL_BUT_FULL
    if not told:
        return None
    if largest is not None:
        return Problem(
            f"A file in {place} may not grow beyond {largest / 1e6:,.1f} MB, a limit set for this process.",
            f"Raise the limit (`ulimit -f unlimited`), {AGAIN}",
        )
    return Problem(
        f"The disk of {place} is full: {free / 1e6:,.0f} MB are free.",
        f"Make room there, or let GYMHOUSE_HOME name a folder on a larger disk, {AGAIN}",
    )


def _largest_file() -> int | None:
    """The limit in bytes, None where there is none."""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return None if soft == resource.RLIM_INFINITY else soft
