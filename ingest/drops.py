"""Find dropped files and the tables they hold, by their names alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from gymhouse.console import Problem
from ingest.contract import Drop, Table
from ingest.places import Folder, folder_of, why

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

    `relative` is its path below the drop folder, with forward slashes; `size` its bytes when it was found.
    """

    folder: Folder
    relative: str
    size: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Discovery:
    """What lies in a drop folder: files with their tables, how many were no data, how many are other sources'.

    `strangers` says of each file that cannot be placed, why.
    """

    files: list[Found]
    ignored: int
    other_sources: int
    strangers: dict[str, str]


def discover(drops: str | Path, tables: list[Table], sources: tuple[str, ...] = ()) -> Discovery:
    """All data files under `drops` (a folder, searched deeply, or one file), in the order of their paths.

    `sources` restricts to files that hold a table of these; then a file that no source declares is left alone, else it
    is told among the `strangers`. Raises `Problem` when there is no such drop.
    """
    folder = folder_of(drops)
    try:
        kind = folder.kind()
        if kind == "file":
            folder, name = folder.parent()
            return recognise(folder, [(name, folder.stamp(name)[0])], tables, sources)
        listed = list(folder.files(lambda name: not _is_no_data(name, folder=True)))
    except OSError as error:
        where = getattr(error, "filename", None) or folder
        raise Problem(f"The drop {where} cannot be read ({why(error)}).", "Give it read permission.") from None
    if kind is None:
        raise Problem(f"There is no drop {folder}.", "Name a folder of dropped files, or one file, with --drops.")
    data = [(relative, size) for relative, size in listed if is_data(relative)]
    return replace(recognise(folder, data, tables, sources), ignored=len(listed) - len(data))


def recognise(
    folder: Folder, listed: Iterable[tuple[str, int]], tables: list[Table], sources: tuple[str, ...] = ()
) -> Discovery:
    """What the `listed` data files of a drop folder (path, size) are."""
    known = [table for table in tables if table.drops]
    made, others = Discovery([], 0, 0, {}), 0
    for relative, size in sorted(listed, key=lambda one: one[0].split("/")):
        name = relative.rpartition("/")[2]
        candidates = _candidates(name, known)
        if sources and not any(candidate.table.source in sources for candidate in candidates):
            others += 1
        elif not candidates:
            made.strangers[relative] = f"no source declares it; {_nearest(name, known)}"
        elif conflict := _conflict(candidates):
            made.strangers[relative] = conflict
        else:
            made.files.append(Found(folder, relative, size, candidates))
    return replace(made, other_sources=others)


def is_data(relative: str) -> bool:
    """Whether a file below the drop folder is data, by its name and by those of the folders it lies in."""
    *folders, name = relative.split("/")
    return not _is_no_data(name) and not any(_is_no_data(one, folder=True) for one in folders)


def _is_no_data(name: str, folder: bool = False) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in (NOT_DATA[:2] if folder else NOT_DATA))


def _stem(name: str) -> str:
    name = name.lower().removesuffix(".gz")
    return name[: name.rindex(".")] if "." in name else name


def _candidates(name: str, tables: list[Table]) -> tuple[Candidate, ...]:
    name, stem = name.lower(), _stem(name)
    return tuple(
        Candidate(table, drop)
        for table in tables
        for drop in table.drops
        if name.endswith(ENDINGS.get(drop.format, ())) and any(fnmatchcase(stem, glob.lower()) for glob in drop.files)
    )


def _conflict(candidates: tuple[Candidate, ...]) -> str | None:
    """What is wrong with several tables in one file: each needs a route, through one and the same envelope."""
    if len(candidates) == 1:
        return None
    envelopes = [candidate.drop.envelope for candidate in candidates]
    routed = all(envelope and envelope.where for envelope in envelopes)
    if routed and len({envelope.payload for envelope in envelopes}) == 1:
        return None
    return (
        f"fits several tables: {', '.join(candidate.table.label for candidate in candidates)}; make their patterns"
        " under config.meta.drops differ, or give each an envelope with the same payload and a where that tells their"
        " records apart"
    )


def _nearest(name: str, tables: list[Table]) -> str:
    """Why `name` fits nothing, with the source whose pattern comes nearest."""
    stem, words = _stem(name), {}
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
