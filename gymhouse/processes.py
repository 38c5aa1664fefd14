"""Other processes of this machine: who they are, what memory they hold, who has a file locked."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from datetime import UTC, datetime
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
LONGEST = 120
# Seconds by which the times of a process and of its files may differ: they are counted by different clocks.
_CLOCKS_APART = 2
# `struct flock`, without which the kernel does not say who holds a lock.
FLOCK = {"linux": ("hhqqi4x", ("type", "whence", "start", "length", "pid"))}
FLOCK["darwin"] = ("qqihh", ("start", "length", "pid", "type", "whence"))


def lock_holder(path: Path) -> int | None:
    """The process that has `path` locked against writing, as DuckDB and Derby lock their files; None when it is free.

    0 when the system does not say who. Not for a file that this process itself has open and locked: looking at it would
    free that lock.
    """
    try:
        with path.open("rb") as file:
            if sys.platform not in FLOCK:
                return None
            layout, names = FLOCK[sys.platform]
            asked = dict.fromkeys(names, 0) | {"type": fcntl.F_WRLCK}
            answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(layout, *asked.values()))
            told = dict(zip(names, struct.unpack(layout, answer), strict=True))
            return None if told["type"] == fcntl.F_UNLCK else max(told["pid"], 0)
    except OSError:  # not there, or a file system without locks
        return None


def described(pid: int) -> str:
    """`process 4711 (python -m ingest files) since 2026-11-21T10:00:00Z`, as far as the system tells."""
    if not pid:
        return "another process"
    command, since = _command(pid), _since(pid)
    return f"process {pid}{f' ({command})' if command else ''}{f' since {since}' if since else ''}"


def is_alive(pid: int, since: float) -> bool:
    """Whether the process that had this number at `since` (epoch seconds) still runs on this machine.

    Numbers come round again: one that began later is another process. A killed one keeps its number until its parent,
    or whoever took it over, asks how it ended, which may take seconds.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    begun = _begun(pid)
    return not _has_ended(pid) and (begun is None or begun < since + _CLOCKS_APART)


def tree_memory(root: int) -> int:
    """Resident bytes of a process and all below it, now; 0 where the system does not tell."""
    parents, resident = {}, {}
    for folder in PROC.iterdir() if PROC.is_dir() else ():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int(_stat(int(folder.name))[1])
                resident[int(folder.name)] = int((folder / "statm").read_text().split()[1]) * PAGE
            except (OSError, IndexError):
                continue  # it ended while we looked
    tree, total = {root}, 0
    while tree:
        total += sum(resident.get(pid, 0) for pid in tree)
        tree = {pid for pid, parent in parents.items() if parent in tree}
    return total


def _stat(pid: int) -> list[str]:
    """What the kernel says of a process, from its state on; its name before that may hold anything."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _command(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    told = " ".join([Path(words[0]).name, *words[1:]]).strip()
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"


def _since(pid: int) -> str:
    begun = _begun(pid)
    return datetime.fromtimestamp(begun, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if begun else ""


def _has_ended(pid: int) -> bool:
    """Whether a process does nothing any more but keep its number; False where the system does not tell."""
    try:
        return _stat(pid)[0] in "ZX"
    except (OSError, IndexError):
        return False


def _begun(pid: int) -> float | None:
    """When a process began, in epoch seconds, to a second or so; None where the system does not tell."""
    try:
        ticks = int(_stat(pid)[19])
        (booted,) = (line.split()[1] for line in (PROC / "stat").read_text().splitlines() if line.startswith("btime"))
    except (OSError, ValueError, IndexError):
        return None
    return int(booted) + ticks / os.sysconf("SC_CLK_TCK")
