"""SQL of the rows as they are written: the landed ones and the rejected ones, with where they come from."""

from __future__ import annotations

from ingest.batch import FAULT, RESCUED, TEXT, Batch
from ingest.lake import Landing
from ingest.sql import name, quoted


def landed_rows(landing: Landing, batch: Batch, numbered: str, only_good: bool, sort: bool) -> str:
    """Rows of the raw file, out of the typed rows `numbered`; bad ones are left out if `only_good`."""
    rescued = RESCUED if batch.rescues else f"CAST(NULL AS VARCHAR) AS {RESCUED}"
    columns = [*(name(column.name) for column in landing.table.columns), rescued, *_origin(landing)]
    where = f" WHERE {FAULT} IS NULL" if only_good else ""
    return f"SELECT {', '.join(columns)} FROM {numbered}{where}{' ORDER BY _row' if sort else ''}"


def rejected_rows(landing: Landing, batch: Batch, numbered: str, broken: str | None) -> str:
    """Rows of the rejected file: the bad ones of `numbered`, and all of the table `broken` (_row, reason, text)."""
    columns = [f"WHEN {at} THEN {quoted(fault.column)}" for at, fault in enumerate(batch.faults, 1) if fault.column]
    reasons = [f"WHEN {at} THEN {quoted(fault.reason)}" for at, fault in enumerate(batch.faults, 1)]
    column = f"CASE {FAULT} {' '.join(columns)} END" if columns else "NULL"
    reason = f"CASE {FAULT} {' '.join(reasons)} END" if reasons else "NULL"
    rows = f"SELECT {column} AS _column, {reason} AS _reason, {TEXT}, _row FROM {numbered} WHERE {FAULT} IS NOT NULL"
    if broken:
        rows += f" UNION ALL SELECT NULL, reason, text, _row FROM {broken}"
    names = f"{quoted(landing.table.source)} AS _source_name, {quoted(landing.table.name)} AS _table_name"
    return (
        f"SELECT {names}, CAST(_column AS VARCHAR) AS _column, _reason, {TEXT}, {', '.join(_origin(landing))}"
        f" FROM ({rows}) ORDER BY _row"
    )


def _origin(landing: Landing) -> list[str]:
    """SQL of the columns that tell where a row comes from, alike in raw and rejected files."""
    return [
        f"{_constant(landing.source_file)} AS _source",
        "_row",
        f"TIMESTAMP {quoted(str(landing.landed_at))} AS _landed_at",
        f"{_constant(landing.batch)} AS _batch",
    ]


def _constant(text: str) -> str:
    """SQL of the same text on every row. As an enum it is written at a third of the cost, and read back as text."""
    return f"CAST({quoted(text)} AS ENUM ({quoted(text)}))"
