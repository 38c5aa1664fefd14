"""Retention: raw and rejected rows that are older than their table's policy leave the lake.

A batch whose rows went still counts as landed, so that its file, dropped again, lands nothing; and it keeps its line in
the ledger. What is known of it is written to a list in the lake before its rows go. Killed in between, the next command
of `ingest` finishes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from gymhouse.console import Problem
from ingest.contents import (
    REJECTS_RETIRED_AT,
    RETIRED_AT,
    Contents,
    RawFile,
    contents_of,
    day_of,
    rejects_of,
    retired_list,
)
from ingest.contract import Table
from ingest.footers import Facts, read_footers
from ingest.keeper import Keeper
from ingest.lake import ASIDE, now
from ingest.run import steps


@dataclass
class Retired:
    """What retention took of a table, or would: files of rows with their batches, and files of rejected rows.

    The days are those of landing before which files go; None where the policy lets them stay for ever.
    """

    table: Table
    raw_before: date | None
    rejected_before: date | None
    raw_files: int = 0
    raw_bytes: int = 0
    batches: int = 0
    rows: int = 0
    rejected_files: int = 0


def retire(keeper: Keeper, tables: list[Table], as_of: date) -> list[Retired]:
    """Let go of what is older, on `as_of`, than the policy of each of `tables`; those without one are passed over.

    Raises `Problem` for a date in the future: no policy has come so far.
    """
    if as_of > now().date():
        raise Problem(f"{as_of} is in the future.", "Name today or an earlier date with --as-of.")
    return [_retire(keeper, table, as_of) for table in tables if any(_days(table))]


def _days(table: Table) -> tuple[int | None, int | None]:
    return table.retention.raw_days, table.retention.rejected_days


def _retire(keeper: Keeper, table: Table, as_of: date) -> Retired:
    raw, rejected = (as_of - timedelta(days=days) if days else None for days in _days(table))
    contents = contents_of(keeper.lake.root, table)
    # Whole files alone. One with batches that lie elsewhere, too, waits until compaction has written it anew.
    files = [file for file in contents.files if not file.twice and _is_due(file.path, raw)]
    landed = contents.landed()
    rejects = {
        batch: due
        for batch, paths in rejects_of(keeper.lake.root, table).items()
        if batch in landed and (due := [path for path in paths if _is_due(path, rejected)])
    }
    facts = _facts(keeper, files)
    done = Retired(
        table,
        raw,
        rejected,
        len(files),
        sum(file.size for file in files),
        len(facts),
        sum(int(one["rows_landed"]) for one in facts),
        sum(map(len, rejects.values())),
    )
    if not keeper.dry_run and (files or rejects):
        keeper.begin()
        _remember(keeper, contents, facts, rejects)
        with steps(f"retiring {table.label}:", done.raw_files + done.rejected_files) as step:
            for path in [file.path for file in files] + [path for paths in rejects.values() for path in paths]:
                keeper.lake.root.delete(path)
                step()
    return done


def _is_due(path: str, before: date | None) -> bool:
    return before is not None and day_of(path) < str(before)


def _facts(keeper: Keeper, files: list[RawFile]) -> list[Facts]:
    footers = read_footers(keeper.lake.root, [file.path for file in files if not file.facts])
    return [one for file in files for one in file.facts or footers[file.path].facts]


def _remember(keeper: Keeper, contents: Contents, facts: list[Facts], rejects: Iterable[str]) -> None:
    """Add to the table's list of what retention took; the list is replaced in one step."""
    known, at = dict(contents.retired), now().isoformat()
    for one in facts:
        known[one["batch"]] = {**known.get(one["batch"], {}), **one, RETIRED_AT: at}
    for batch in rejects:
        known[batch] = {"batch": batch, **known.get(batch, {}), REJECTS_RETIRED_AT: at}
    written = keeper.scratch / "retired.json"
    told = ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for _, one in sorted(known.items()))
    written.write_text(f"[\n{told}\n]\n", encoding="utf-8")
    keeper.lake.root.commit(written, retired_list(contents.table), ASIDE)
