"""What a format's reader hands to the engine: SQL that yields a file's records, and what landing must know of them."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.typing_rules import Value


@dataclass(frozen=True)
class Reading:
    """One way to read one file for one table.

    `relation`  SQL to select from: one row per record, in the file's order
    `values`    raw value per contract column; a column that is not here is not in the file
    `text`      SQL of the record as it came
    `rescued`   SQL of a JSON object of what no column takes, or NULL
    `flaws`     (SQL condition, reason): the whole record is bad; the first that holds counts
    `sound`     SQL condition, cheap, from which it follows that the record has no flaw
    `position`  SQL of the record's number less one; empty when the order of the rows tells it
    `reread`    reading the relation again costs less than keeping its rows
    `plain`     a shorter reading, which gives the same for records of which its `sound` holds; it knows no flaws
    """

    relation: str
    values: dict[str, Value]
    text: str
    rescued: str = "NULL"
    flaws: tuple[tuple[str, str], ...] = ()
    sound: str = "true"
    position: str = ""
    reread: bool = False
    plain: Reading | None = None


@dataclass(frozen=True)
class Broken:
    """A record that cannot even be taken apart: its 1-based number in the file, why, and its text."""

    row: int
    reason: str
    text: str
