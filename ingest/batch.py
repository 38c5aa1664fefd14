"""Compile the SQL that types one file for one table: good rows, bad rows, and why each bad row is bad."""

from __future__ import annotations

from dataclasses import dataclass

from ingest import reasons
from ingest.contract import Column, Table
from ingest.keyed_hash import FUNCTION
from ingest.reading import Reading
from ingest.sql import name
from ingest.typing_rules import attempt, bad, fine, missing, settled, sql_type

FAULT, TEXT, POSITION, RESCUED = "_fault", "_text", "_position", "_rescued"


@dataclass(frozen=True)
class Fault:
    """Why rows are rejected: the column (None: the whole record) and the reason. Rows carry its number."""

    column: str | None
    reason: str


@dataclass(frozen=True)
class Batch:
    """SQL of a typed file.

    Its rows have the table's columns, `_fault` (a 1-based number into `faults`, NULL on good rows), `_text` (of bad
    rows only), `_rescued` if anything can be (`rescues`), and `_position` if the reading has one (`position`).
    """

    select: str
    faults: tuple[Fault, ...]
    rescues: bool
    position: bool
    reread: bool


def compile_batch(table: Table, reading: Reading) -> Batch:
    """The SQL for `reading` a file as `table`."""
    columns = [column for column in table.columns if column.name in reading.values]
    tried = {column.name: f"tried_{at}" for at, column in enumerate(columns)}
    done = {column.name: f"done_{at}" for at, column in enumerate(columns)}
    attempts = [f"{attempt(c, reading.values[c.name])} AS {tried[c.name]}" for c in columns]
    settle = [f"{settled(c, reading.values[c.name], tried[c.name])} AS {done[c.name]}" for c in columns]
    conditions = [(Fault(None, reason), condition) for condition, reason in reading.flaws]
    for column in columns:
        fault = Fault(column.name, _not_of_type(column))
        conditions.append((fault, bad(column, reading.values[column.name], done[column.name])))
    for column in columns:
        if column.name in table.key:
            conditions.append((Fault(column.name, reasons.NO_KEY), missing(column, done[column.name])))
    for column in table.columns:
        if column.name in table.key and column.name not in reading.values:
            conditions.append((Fault(column.name, reasons.NO_KEY), "true"))
    conditions = [(fault, condition) for fault, condition in conditions if condition != "false"]
    fine_ones = [fine(c, reading.values[c.name], done[c.name], c.name in table.key) for c in columns]
    # Nearly every row is good, and this tells so at little cost; the reasons are looked for among the rest.
    good = " AND ".join(one for one in [reading.sound, *fine_ones] if one != "true")
    good = f"WHEN {good} THEN NULL " if good and set(table.key) <= set(reading.values) else ""
    number = good + " ".join(f"WHEN {condition} THEN {at}" for at, (_, condition) in enumerate(conditions, 1))
    done |= {column.name: _hash(done.get(column.hmac_of)) for column in table.columns if column.hmac_of}
    result = [
        f"CAST({done.get(column.name, 'NULL')} AS {sql_type(column)}) AS {name(column.name)}"
        for column in table.columns
    ]
    position = [f"{reading.position} AS {POSITION}"] if reading.position else []
    inner = f"SELECT {', '.join(['*', *attempts])} FROM {reading.relation}"
    inner = f"SELECT {', '.join(['*', *settle])} FROM ({inner})"
    inner = f"SELECT *, CAST(CASE {number} END AS SMALLINT) AS {FAULT} FROM ({inner})"
    rescues = reading.rescued != "NULL"
    outer = [
        *result,
        *([f"CASE WHEN {FAULT} IS NULL THEN {reading.rescued} END AS {RESCUED}"] if rescues else []),
        FAULT,
        f"CASE WHEN {FAULT} IS NOT NULL THEN {reading.text} END AS {TEXT}",
        *position,
    ]
    return Batch(
        f"SELECT {', '.join(outer)} FROM ({inner})",
        tuple(fault for fault, _ in conditions),
        rescues,
        bool(reading.position),
        reading.reread,
    )


def _hash(of: str | None) -> str:
    return f"CASE WHEN {FAULT} IS NULL THEN {FUNCTION}({of}) END" if of else "NULL"


def _not_of_type(column: Column) -> str:
    if not column.digits:
        return reasons.NOT_OF_TYPE[column.type]
    total, decimals = column.digits
    return reasons.NOT_A_DECIMAL.format(whole=total - decimals, decimals=decimals)
