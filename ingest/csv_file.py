"""CSV: find the delimiter and the header, then read all fields as text by position."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ingest.contract import Table
from ingest.reading import Reading
from ingest.sql import quoted
from ingest.text_lines import read_csv
from ingest.typing_rules import Value

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose header is known. `fields` are the header's names, in the file's order."""

    delimiter: str
    fields: tuple[str, ...]
    blank_lines: int

    def faults(self, table: Table) -> list[str]:
        """What forbids landing the file as `table`."""
        folded = [field.casefold() for field in self.fields]
        twice = sorted({field for field in self.fields if folded.count(field.casefold()) > 1})
        lacking = [column for column in table.key if column.casefold() not in folded]
        return [f"its header names {field} twice" for field in twice] + (
            [f"its header lacks the key column {', '.join(lacking)} (it has: {', '.join(self.fields)})"]
            if lacking
            else []
        )

    def notes(self, table: Table) -> list[str]:
        """What is unusual, but no fault."""
        folded = {field.casefold() for field in self.fields}
        lacking = [column.name for column in table.dropped if column.name.casefold() not in folded]
        return [f"without the optional {', '.join(lacking)}"] if lacking else []

    def readings(self, table: Table, path: Path) -> list[Reading]:
        """The one way to read it; `path` is the file, or its tidy copy."""
        if not self.fields:
            return [Reading("(SELECT 1 WHERE false)", {}, "''")]
        slots = [f"f{number}" for number in range(len(self.fields))]
        place = {field.casefold(): slot for field, slot in zip(self.fields, slots, strict=True)}
        values = {c.name: Value(place[c.name.casefold()]) for c in table.dropped if c.name.casefold() in place}
        declared = {column.name.casefold() for column in table.dropped}
        extra = [(f, place[f.casefold()]) for f in self.fields if f.casefold() not in declared]
        relation = read_csv(
            path,
            slots,
            delim=quoted(self.delimiter),
            quote="'\"'",
            escape="'\"'",
            header="true",
            skip=str(self.blank_lines),
            strict_mode="true",
            # In a file of one column a blank line is a row to DuckDB; this tells it from an empty field.
            allow_quoted_nulls=str(len(slots) > 1).lower(),
        )
        if len(slots) == 1:
            relation = f"(FROM {relation} WHERE {slots[0]} IS NOT NULL)"
        return [Reading(relation, values, _line(slots, self.delimiter), _rescued(extra))]


def open_csv(beginning: str, table: Table) -> CsvFile:
    """The file with its delimiter and header, out of its `beginning`; a file without a byte has no fields."""
    lines = io.StringIO(beginning, newline="")
    blank = next((at for at, line in enumerate(lines) if line.strip()), 0)
    known = {column.name.casefold() for column in table.dropped}
    headers = {}
    for delimiter in DELIMITERS:
        lines.seek(0)
        record = next((one for one in csv.reader(lines, delimiter=delimiter) if any(f.strip() for f in one)), [])
        headers[delimiter] = tuple(f.strip() or f"column_{at}" for at, f in enumerate(record, 1))
    best = max(DELIMITERS, key=lambda one: len(known.intersection(field.casefold() for field in headers[one])))
    return CsvFile(best, headers[best], blank)


def _line(slots: list[str], delimiter: str) -> str:
    """SQL of the record as CSV again: fields in their order, quoted where they must be."""
    special = quoted(f'["{delimiter}\r\n]').replace("\t", "\\t")
    fields = [
        f"coalesce(CASE WHEN regexp_matches({slot}, {special}) THEN '\"' || replace({slot}, '\"', '\"\"') || '\"'"
        f" ELSE {slot} END, '')"
        for slot in slots
    ]
    return f" || {quoted(delimiter)} || ".join(fields)


def _rescued(extra: list[tuple[str, str]]) -> str:
    if not extra:
        return "NULL"
    pairs = ", ".join(
        f"CASE WHEN {slot} IS NOT NULL THEN to_json({quoted(field)})::VARCHAR || ':' || to_json({slot})::VARCHAR END"
        for field, slot in extra
    )
    anything = " OR ".join(f"{slot} IS NOT NULL" for _, slot in extra)
    return f"CASE WHEN {anything} THEN '{{' || concat_ws(',', {pairs}) || '}}' END"
