"""A chain's drop files, cut into pieces that can arrive apart, out of order and more than once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, repr=False)
class DropFile:
    """One file as a source system wrote it. `head` stands before the first row of each of its pieces.

    `day` is its place in the order in which the files were meant to come, from 0.
    """

    name: str
    head: bytes
    rows: tuple[bytes, ...]
    day: int

    def piece(self, part: str, rows: list[bytes]) -> tuple[str, bytes]:
        """Name and content of a file with these rows alone."""
        stem, dot, suffix = self.name.rpartition(".")
        return f"{stem}.{part}{dot}{suffix}", self.head + b"".join(rows)


def drop_files(chain: Path, *others: Path) -> list[DropFile]:
    """The files of the simulated chain, then those of `others`, which belong to no day and come last."""
    simulated = sorted(path for path in chain.glob("[!_]*/*") if path.is_file())
    days = sorted({_day(path) for path in simulated})
    found = [_read(path, days.index(_day(path))) for path in simulated]
    return found + [_read(path, len(days)) for folder in others for path in sorted(folder.iterdir())]


def _day(path: Path) -> str:
    return path.stem.rpartition("_")[2]


def _read(path: Path, day: int) -> DropFile:
    lines = path.read_bytes().splitlines(keepends=True)
    lines[-1] = lines[-1].rstrip(b"\r\n") + b"\n"
    if path.suffix == ".csv":
        assert not any(line.count(b'"') % 2 for line in lines), f"{path}: a row of two lines cannot be cut"
        return DropFile(path.name, lines[0], tuple(filter(bytes.strip, lines[1:])), day)
    mark = b"\xef\xbb\xbf"
    lines[0] = lines[0].removeprefix(mark)
    return DropFile(path.name, b"", tuple(filter(bytes.strip, lines)), day)


def in_halves(rows: list[bytes]) -> list[list[bytes]]:
    """The first half, the second half."""
    return [rows[: len(rows) // 2], rows[len(rows) // 2 :]]


def alternating(rows: list[bytes]) -> list[list[bytes]]:
    """Every other row, and the rest."""
    return [rows[::2], rows[1::2]]


def by_topic(rows: list[bytes]) -> list[list[bytes]]:
    """Profiles, workouts, and all else of a topic that carries them together; any other file: in halves."""
    topics: dict[str, list[bytes]] = {"user_info": [], "workout": [], "": []}
    for row in rows:
        topics.get(_topic(row), topics[""]).append(row)
    return list(topics.values()) if topics["user_info"] or topics["workout"] else in_halves(rows)


def _topic(row: bytes) -> str:
    try:
        return json.loads(row)["topic"]
    except (ValueError, TypeError, KeyError):
        return ""


CUTS: dict[str, Callable[[list[bytes]], list[list[bytes]]]] = {
    "in halves": in_halves,
    "alternating": alternating,
    "by topic": by_topic,
}
