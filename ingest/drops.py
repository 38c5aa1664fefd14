"""Find dropped files and the tables they hold, by their names alone."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from gymhouse.console import Problem
from ingest.contract import Drop, Table

# What lies among drops without being data: never read, never an error, only counted.
NOT_DATA = (".*", "_*", "license*", "licence*", "readme*", "*.md", "expected_*", "*.tmp", "*.part", "*.crc")

ENDINGS = {
    "csv": (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"),
    "json": (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"),
    "parquet": (".parquet",),
}


@dataclass(frozen=True)
class Candidate:
    """A table that a file may hold, and the drop by which it does."""

    table: Table
    drop: Drop


@dataclass(frozen=True)
class Found:
    """A dropped file and the tables it may hold: several when a topic carries them all.

    `relative` is its path below the drop folder, with forward slashes.
    """

    path: Path
    relative: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Discovery:
    """What lies in a drop folder: files with their tables, how many were no data, how many are other sources'."""

    files: list[Found]
    ignored: int
    other_sources: int
    strangers: list[str]


def discover(drops: Path, tables: list[Table], sources: tuple[str, ...] = ()) -> Discovery:
    """All data files under `drops` (a folder, searched deeply, or one file), in the order of their paths.

    `sources` restricts to files that hold a table of these; then a file that no source declares is left alone, else it
    is told among the `strangers`. Raises `Problem` when there is no such drop.
    """
    paths, ignored = _data_files(drops)
    known = [table for table in tables if table.drops]
    found, strangers, others = [], [], 0
    for path, relative in paths:
        candidates = _candidates(path, known)
        if not candidates:
            strangers.append(f"{relative}: no source declares it; {_nearest(path, known)}")
        elif sources and not any(candidate.table.source in sources for candidate in candidates):
            others += 1
        else:
            _check_routes(relative, candidates)
            found.append(Found(path, relative, candidates))
    if sources:
        return Discovery(found, ignored, others + len(strangers), [])
    return Discovery(found, ignored, others, strangers)


def _data_files(drops: Path) -> tuple[list[tuple[Path, str]], int]:
    if drops.is_file():
        return [(drops, drops.name)], 0
    if not drops.is_dir():
        raise Problem(f"There is no drop {drops}.", "Name a folder of dropped files, or one file, with --drops.")
    paths, ignored = [], 0
    for folder, folders, names in os.walk(drops, onerror=_unreadable, followlinks=True):
        folders[:] = sorted(name for name in folders if not _is_no_data(name, folder=True))
        ignored += sum(_is_no_data(name) for name in names)
        paths += [Path(folder, name) for name in names if not _is_no_data(name)]
    return sorted((path, path.relative_to(drops).as_posix()) for path in paths), ignored


def _unreadable(error: OSError) -> None:
    raise Problem(f"The folder {error.filename} cannot be read ({error.strerror}).", "Give it read permission.")


def _is_no_data(name: str, folder: bool = False) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in (NOT_DATA[:2] if folder else NOT_DATA))


def _stem(name: str) -> str:
    name = name.lower().removesuffix(".gz")
    return name[: name.rindex(".")] if "." in name else name


def _candidates(path: Path, tables: list[Table]) -> tuple[Candidate, ...]:
    name, stem = path.name.lower(), _stem(path.name)
    return tuple(
        Candidate(table, drop)
        for table in tables
        for drop in table.drops
        if name.endswith(ENDINGS.get(drop.format, ())) and any(fnmatchcase(stem, glob.lower()) for glob in drop.files)
    )


def _check_routes(relative: str, candidates: tuple[Candidate, ...]) -> None:
    """Several tables in one file need a route each, through one and the same envelope."""
    if len(candidates) == 1:
        return
    envelopes = [candidate.drop.envelope for candidate in candidates]
    routed = all(envelope and envelope.where for envelope in envelopes)
    if not routed or len({envelope.payload for envelope in envelopes}) > 1:
        raise Problem(
            f"{relative} fits several tables: {', '.join(candidate.table.label for candidate in candidates)}.",
            "Make their patterns under config.meta.drops differ, or give each an envelope with the same payload and"
            " a where that tells their records apart.",
        )


def _nearest(path: Path, tables: list[Table]) -> str:
    """Why `path` fits nothing, with the source whose pattern comes nearest."""
    stem, words = _stem(path.name), {}
    for table in tables:
        for drop in table.drops:
            for glob in drop.files:
                if fnmatchcase(stem, glob.lower()):
                    return f"by its name it is {table.label}, but that is dropped as {', '.join(ENDINGS[drop.format])}"
                words[glob.strip("*").lower()] = (table, glob)
    parts = [stem, *stem.replace("-", "_").split("_")]
    scored = max(
        ((difflib.SequenceMatcher(None, part, word).ratio(), word) for word in words for part in parts), default=(0, "")
    )
    if not words:
        return "no source takes drops"
    table, glob = words[scored[1]]
    return f"the nearest source is {table.label}, whose files are named {glob}"
