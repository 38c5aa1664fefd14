"""Parquet: the footer tells the columns, their types and the rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.contract import Table
from ingest.reading import Reading
from ingest.sql import name, quoted
from ingest.typing_rules import Value

POSITION = "file_row_number"


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file; `types` maps its columns to DuckDB types."""

    types: dict[str, str]

    def faults(self, table: Table) -> list[str]:
        """What forbids landing the file as `table`."""
        folded = [column.casefold() for column in self.types]
        lacking = [column for column in table.key if column.casefold() not in folded]
        twice = sorted({column for column in self.types if folded.count(column.casefold()) > 1})
        return [f"it has the column {column} twice" for column in twice] + (
            [f"it lacks the key column {', '.join(lacking)} (it has: {', '.join(self.types)})"] if lacking else []
        )

    def notes(self, table: Table) -> list[str]:
        """What is unusual, but no fault."""
        folded = {column.casefold() for column in self.types}
        lacking = [column.name for column in table.dropped if column.name.casefold() not in folded]
        return [f"without the optional {', '.join(lacking)}"] if lacking else []

    def readings(self, table: Table, path: Path) -> list[Reading]:
        """The one way to read it; `path` is the file."""
        own = {column.casefold(): column for column in self.types}
        values = {
            column.name: _value(own[column.name.casefold()], self.types)
            for column in table.dropped
            if column.name.casefold() in own
        }
        declared = {column.name.casefold() for column in table.dropped}
        extra = [column for folded, column in own.items() if folded not in declared]
        # Each of its columns under a name of its own, so that none meets one of landing's.
        taken = ", ".join(f"{name(column)} AS {_slot(column)}" for column in self.types)
        relation = f"(SELECT {taken}, {POSITION} FROM read_parquet({quoted(str(path))}, file_row_number = true))"
        return [Reading(relation, values, _json(list(self.types)), _rescued(extra), position=POSITION, reread=True)]


def _slot(column: str) -> str:
    return name(f"in {column}")


def _value(column: str, types: dict[str, str]) -> Value:
    if types[column] == "VARCHAR":
        return Value(_slot(column))
    return Value(_slot(column), "physical", physical=types[column])


def _json(columns: list[str]) -> str:
    return f"to_json(struct_pack({', '.join(f'{name(c)} := {_slot(c)}' for c in columns)}))::VARCHAR"


def _rescued(extra: list[str]) -> str:
    if not extra:
        return "NULL"
    anything = " OR ".join(f"{_slot(column)} IS NOT NULL" for column in extra)
    return f"CASE WHEN {anything} THEN {_json(extra)} END"
