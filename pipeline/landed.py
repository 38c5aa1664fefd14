"""What a run landed, per table, with the reasons of rejected rows."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import duckdb

from gymhouse.home import Home

COUNTS = ("rows_read", "rows_landed", "rows_rejected")


def landed(result: Path, home: Home) -> dict:
    """Landing as a report tells it, from the JSON that `ingest` left in the file `result`.

    Returns:
        `tables`: one entry a source table with `files`, `files_already_landed`, `rows_read`, `rows_landed`,
        `rows_rejected`, `seconds` (counts of the files that landed now, not of those already there) and `reasons`
        (`column`, `reason`, `rows`); `totals` of the rows; `files_landed`, `files_already_landed`; `notes` of the
        landing. All empty when nothing was written.
    """
    told = json.loads(result.read_text()) if result.exists() else {"batches": [], "notes": []}
    tables: dict[tuple[str, str], dict] = {}
    rejected_files: dict[tuple[str, str], list[str]] = defaultdict(list)
    for batch in told["batches"]:
        key = (batch["source"], batch["table"])
        entry = tables.setdefault(
            key,
            {
                "source": key[0],
                "table": key[1],
                "files": 0,
                "files_already_landed": 0,
                **dict.fromkeys(COUNTS, 0),
                "seconds": 0.0,
            },
        )
        if batch["already_landed"]:
            entry["files_already_landed"] += 1
            continue
        entry["files"] += 1
        entry["seconds"] += batch["seconds"]
        for count in COUNTS:
            entry[count] += batch[count]
        if batch["rows_rejected"]:
            files = home.rejected.glob(f"{key[0]}/{key[1]}/landed_date=*/{batch['batch']}.parquet")
            rejected_files[key].extend(str(file) for file in files)
    for key, entry in tables.items():
        entry["reasons"] = _reasons(rejected_files[key])
    return {
        "tables": [tables[key] for key in sorted(tables)],
        "totals": {count: sum(entry[count] for entry in tables.values()) for count in COUNTS},
        **file_counts(told),
        "notes": told["notes"],
    }


def file_counts(told: dict) -> dict:
    """How many files had something new, and how many had not, by the JSON of `ingest`; one may feed several tables."""
    new = {batch["file"] for batch in told["batches"] if not batch["already_landed"]}
    return {
        "files_landed": len(new),
        "files_already_landed": len({batch["file"] for batch in told["batches"]} - new),
    }


def _reasons(files: list[str]) -> list[dict]:
    if not files:
        return []
    query = """
        select _column, _reason, count(*)
        from read_parquet(?, union_by_name = true)
        group by all
        order by 3 desc, 1, 2
    """
    with duckdb.connect() as connection:
        found = connection.execute(query, [files]).fetchall()
    return [{"column": column, "reason": reason, "rows": rows} for column, reason, rows in found]
