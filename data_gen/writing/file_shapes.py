"""What exports do to files: other line ends, a byte order mark, blank lines, a column more or less."""

from __future__ import annotations

from dataclasses import dataclass

from data_gen.chain.parameters import Parameters
from data_gen.writing.ledger import TOLERATED, Ledger
from data_gen.lifelog.daily import LACKING

CRLF, BOM, BLANK_LINES, EXTRA_COLUMN, MISSING_COLUMN = "crlf", "bom", "blank_lines", "extra_column", "missing_column"
EXTRA = ("water_ml", "1500")


@dataclass(frozen=True)
class Shape:
    """How one file is written."""

    crlf: bool = False
    bom: bool = False
    blank_lines: bool = False
    extra_column: bool = False
    missing_column: bool = False

    @property
    def end_of_line(self) -> str:
        return "\r\n" if self.crlf else "\n"


PLAIN = Shape()


def shapes(chain: Parameters, ledger: Ledger) -> dict[tuple[str, int], Shape]:
    """The shape of each (table, day) whose file is not plain; one oddity a file, each once a table."""
    odd: dict[tuple[str, int], Shape] = {}
    if not chain.defects.count("file_shape", 1):
        return odd
    for table, oddities in (
        ("access.gym_logins", (CRLF, BOM, BLANK_LINES)),
        ("devices.multiplex", (CRLF, BOM, BLANK_LINES)),
        ("lifelog.daily", (CRLF, BOM, BLANK_LINES, EXTRA_COLUMN)),
    ):
        days = chain.dice(f"file shapes of {table}").permutation(chain.days)
        days = days[days > 0]
        for oddity, day in zip(oddities, days, strict=False):
            odd[table, int(day)] = Shape(**{oddity: True})
    odd["lifelog.daily", 0] = Shape(missing_column=True)
    for (table, day), shape in sorted(odd.items()):
        which = next(name for name in Shape.__dataclass_fields__ if getattr(shape, name))
        column = {EXTRA_COLUMN: EXTRA[0], MISSING_COLUMN: LACKING}.get(which)
        ledger.add(
            "file_shape", table, TOLERATED, count=1, days=[day], shape=which, **({"column": column} if column else {})
        )
    return odd
