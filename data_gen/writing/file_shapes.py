"""What exports do to files: other line ends, a byte order mark, blank lines, a column more or less."""

from __future__ import annotations

from dataclasses import dataclass

from data_gen.chain.parameters import Parameters
from data_gen.writing.files import spans
from data_gen.writing.ledger import TOLERATED, Ledger

CRLF, BOM, BLANK_LINES, EXTRA_COLUMN, MISSING_COLUMN = "crlf", "bom", "blank_lines", "extra_column", "missing_column"
EXTRA = ("water_ml", "1500")
TOPIC = "devices.multiplex"
# The app may leave out this column of its first export.
LACKING = ("lifelog.daily", "stress_level")
_ODDITIES = {
    "access.gym_logins": (CRLF, BOM, BLANK_LINES),
    TOPIC: (CRLF, BOM, BLANK_LINES),
    "lifelog.daily": (CRLF, BOM, BLANK_LINES, EXTRA_COLUMN),
}


@dataclass(frozen=True)
class FileShape:
    """How one file is written."""

    crlf: bool = False
    bom: bool = False
    blank_lines: bool = False
    extra_column: bool = False
    missing_column: bool = False

    @property
    def end_of_line(self) -> str:
        return "\r\n" if self.crlf else "\n"


PLAIN = FileShape()


def is_first_lacking(chain: Parameters, table: str) -> bool:
    """Whether the first file of `table` lacks a column."""
    return table == LACKING[0] and chain.defects.rate("file_shape") > 0


def file_shapes(chain: Parameters) -> dict[tuple[str, int], FileShape]:
    """The shape of each (table, first day of a file) that is not plain; one oddity a file, each once a table."""
    odd: dict[tuple[str, int], FileShape] = {}
    if not chain.defects.rate("file_shape"):
        return odd
    for table, oddities in _ODDITIES.items():
        later = [span.first for span in spans(chain, table == TOPIC) if span.first > 0]
        drawn = chain.dice(f"file shapes of {table}").permutation(later)
        for oddity, day in zip(oddities, drawn, strict=False):
            odd[table, int(day)] = FileShape(**{oddity: True})
    odd[LACKING[0], 0] = FileShape(missing_column=True)
    return odd


def note_shapes(shapes: dict[tuple[str, int], FileShape], first: int, behind: int, ledger: Ledger) -> None:
    """Note the odd files that begin in the days [first, behind)."""
    for (table, day), shape in sorted(shapes.items()):
        if first <= day < behind:
            which = next(name for name in FileShape.__dataclass_fields__ if getattr(shape, name))
            column = {EXTRA_COLUMN: EXTRA[0], MISSING_COLUMN: LACKING[1]}.get(which)
            why = {"shape": which, **({"column": column} if column else {})}
            ledger.add("file_shape", table, TOLERATED, days=[day], **why)
