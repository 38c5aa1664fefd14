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
AGAIN = "then run the same command again. Nothing that was whole is lost, and what is live stays live."


def full_disk(place: Path, said: OSError | str) -> Problem | None:
    """What to tell when `said` speaks of a full disk; None when it does not. `place` lies on that disk."""
    told = said.errno in FULL if isinstance(said, OSError) else bool(SAID.search(said))
    if not told:
        return None
    while not place.exists():
        place = place.parent
    free, largest = shutil.disk_usage(place).free, _largest_file()
    if largest is not None:
        return Problem(
            f"A file in {place} may not grow beyond {largest / 1e6:,.0f} MB, a limit set for this process.",
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
