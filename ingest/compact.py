"""Merge many small raw files of a table into few large ones, without a row changing or landing again.

A compacted file holds the rows of its batches one batch after the other, in the order they landed, so that the
statistics of its row groups still tell batches and times apart. Its footer holds the facts of each batch. It is
complete when it appears; then the files that it was made of go. After a kill the next command of `ingest` goes on.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gymhouse.console import Problem
from ingest.compaction_plan import MIN_FILES, TARGET_SIZE, groups_to_merge
from ingest.contents import Contents, RawFile, compacted_name, contents_of, placed, raw_folder
from ingest.contract import Table
from ingest.footers import Facts, Footer, of_several, read_footers
from ingest.keeper import Keeper
from ingest.lake import ENCODINGS
from ingest.run import steps
from ingest.sql import quoted

# Stores answer slowly, but many questions at once.
_FETCHES = 16


@dataclass
class Compacted:
    """What compaction did to a table, or would: raw files and their bytes before and after, files read and written."""

    table: Table
    files_before: int
    bytes_before: int
    files_after: int
    bytes_after: int
    files_merged: int = 0
    files_written: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Measure:
    """How large files become (bytes, before compression gets better), and of how many at least."""

    target_size: int = TARGET_SIZE
    min_files: int = MIN_FILES


def compact(keeper: Keeper, tables: list[Table], measure: Measure | None = None) -> list[Compacted]:
    """Compact each of `tables`. Those with nothing to merge are told, too.

    A dry run tells what the first round would merge, taking a merged file to be as large as its parts.
    """
    return [_compact(keeper, table, measure or Measure()) for table in tables]


def _compact(keeper: Keeper, table: Table, measure: Measure) -> Compacted:
    begun = time.perf_counter()
    contents = contents_of(keeper.lake.root, table)
    done = Compacted(table, *_extent(contents), *_extent(contents))
    # Merged files come out smaller than their parts, so that some may be worth merging once more.
    while groups := list(_groups(keeper, contents, measure)):
        done.files_merged += sum(len(group) for group in groups)
        done.files_written += len(groups)
        if keeper.dry_run:
            done.files_after -= sum(len(group) - 1 for group in groups)
            break
        keeper.begin()
        with steps(f"compacting {table.label}:", sum(map(len, groups))) as step:
            for group in groups:
                _merge(keeper, table, group)
                for _ in group:
                    step()
        contents = contents_of(keeper.lake.root, table)
        done.files_after, done.bytes_after = _extent(contents)
    done.seconds = time.perf_counter() - begun
    return done


def _extent(contents: Contents) -> tuple[int, int]:
    return len(contents.files), sum(file.size for file in contents.files)


def _groups(keeper: Keeper, contents: Contents, measure: Measure) -> Iterator[dict[RawFile, Footer]]:
    """What to merge. A file with batches that lie elsewhere, too, is first written anew without them, alone."""
    torn = [file for file in contents.files if file.twice]
    whole = [file for file in contents.files if not file.twice]
    groups = [(file,) for file in torn] or groups_to_merge(whole, measure.target_size, measure.min_files)
    for group in groups:
        footers = read_footers(keeper.lake.root, [file.path for file in group])
        for kin in _of_a_kind({file: footers[file.path] for file in group}):
            if len(kin) > 1 or torn:
                yield kin


def _of_a_kind(group: dict[RawFile, Footer]) -> list[dict[RawFile, Footer]]:
    """The group apart, where a column has changed its type: together the values would change theirs."""
    kinds: list[tuple[dict[str, str], dict[RawFile, Footer]]] = []
    for file, footer in group.items():
        for types, kin in kinds:
            if all(types.get(column, kind) == kind for column, kind in footer.columns):
                types.update(footer.columns)
                kin[file] = footer
                break
        else:
            kinds.append((dict(footer.columns), {file: footer}))
    return [kin for _, kin in kinds]


def _merge(keeper: Keeper, table: Table, group: dict[RawFile, Footer]) -> None:
    """Commit one file with the rows of the group's files, then delete those."""
    files = sorted(group, key=lambda file: [(one["landed_at"], one["batch"]) for one in group[file].facts[:1]])
    facts = [one for file in files for one in group[file].facts if one["batch"] not in file.twice]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    path = placed(raw_folder(table), max(file.day for file in files), compacted_name(digest))
    twice = ", ".join(quoted(batch) for file in files for batch in sorted(file.twice))
    with _here(keeper, files) as paths:
        read = f"[{', '.join(quoted(str(path)) for path in paths)}], union_by_name = true, hive_partitioning = false"
        select = f"SELECT * FROM read_parquet({read}){f' WHERE _batch NOT IN ({twice})' if twice else ''}"
        check = partial(_require_rows, keeper, table, facts)
        keeper.lake.write(keeper.connection, keeper.scratch, select, path, f"{ENCODINGS}, {of_several(facts)}", check)
    for file in files:
        keeper.lake.root.delete(file.path)


@contextmanager
def _here(keeper: Keeper, files: list[RawFile]) -> Iterator[list[Path]]:
    """The files on this machine; copies go away at the end."""
    with ThreadPoolExecutor(_FETCHES) as pool:
        paths = list(pool.map(lambda file: keeper.lake.root.bring(file.path, keeper.scratch), files))
    try:
        yield paths
    finally:
        for path in paths:
            if path.parent == keeper.scratch:
                path.unlink()


def _require_rows(keeper: Keeper, table: Table, facts: list[Facts], written: Path) -> None:
    """Hold what was written against what landing counted, before anything is deleted."""
    counted = f"SELECT _batch, count(*) FROM read_parquet({quoted(str(written))}) GROUP BY 1"
    found = dict(keeper.connection.execute(counted).fetchall())
    wrong = [one["batch"] for one in facts if found.pop(one["batch"], 0) != int(one["rows_landed"])] + list(found)
    if wrong:
        raise Problem(
            f"{table.label}: {len(wrong):,} batches have other rows than their footers say, the first is {wrong[0]}.",
            "Something else than landing changed files of this table: restore them from a backup, or delete them and"
            " land their drops again. None of them was merged or deleted.",
        )
