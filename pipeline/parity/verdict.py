"""What a comparison found about one table. No personal value is in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from gymhouse.masking import MASK

LONGEST_TEXT = 100


@dataclass(frozen=True)
class Example:
    """One difference: the row's `key` as text, then either the engine that alone has the row, or a cell of it."""

    key: dict[str, str]
    only_on: str | None = None
    column: str | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """How one table compares.

    Attributes:
        table: `<schema>.<table>`.
        rows: rows by engine; None where the engine lacks the table.
        structure: what differs in the columns, or who lacks the table, in sentences.
        only: rows that one engine alone has, by engine.
        changed: cells that differ, by column.
        examples: the first differences of each kind, by key.
        notes: what a reader should know about how it was compared.
    """

    table: str
    rows: dict[str, int | None]
    structure: tuple[str, ...] = ()
    only: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Same columns, same rows."""
        return not (self.structure or self.only or self.changed)

    @property
    def differences(self) -> int:
        """Rows on one side alone and cells that differ, counted."""
        return sum(self.only.values()) + sum(self.changed.values())

    def as_json(self) -> dict:
        """The same as plain data, with `equal`."""
        return {"table": self.table, "equal": self.equal, **{k: v for k, v in asdict(self).items() if k != "table"}}


def shown(value: str | None, type_: str, personal: bool) -> str:
    """A value for people: texts in quotation marks, so that spaces show; a personal one hidden."""
    if value is None:
        return "NULL"
    if personal:
        return MASK
    text = value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT] + MASK
    return json.dumps(text, ensure_ascii=False) if type_ == "varchar" else text
