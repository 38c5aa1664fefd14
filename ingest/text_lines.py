"""Read text files with DuckDB's CSV reader, keeping and numbering what it cannot take apart.

The reader lists such records by their byte position (`store_rejects`); their text is taken from the file itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from ingest import reasons
from ingest.reading import Broken
from ingest.records import BLOCK, LONGEST_LINE, Scan, blocks, tidy_copy
from ingest.sql import quoted

# A byte that valid JSON cannot hold outside an escape: lines never split at it.
NO_DELIMITER = "\x01"
# What a blank line may hold: nothing that can be seen.
BLANKS = "".join(map(chr, range(1, 33))) + "\ufeff"
_REJECTS, _SCANS = "reject_errors", "reject_scans"
_REASONS = {
    "INVALID ENCODING": reasons.NOT_UTF8,
    "UNQUOTED VALUE": reasons.BAD_QUOTES,
    "LINE SIZE OVER MAXIMUM": reasons.TOO_LONG,
    "TOO MANY COLUMNS": reasons.TOO_MANY_FIELDS,
    "MISSING COLUMNS": reasons.TOO_FEW_FIELDS,
}


@dataclass(frozen=True)
class TextFile:
    """A text file as DuckDB is to read it: itself, or the tidy copy `path` beside which `left_out` was kept.

    `records` is the number of records of the dropped file by our own count, with the header if it has one.
    `delimiter` None means that lines are records and quotes mean nothing.
    """

    path: Path
    delimiter: str | None
    records: int
    left_out: tuple[tuple[int, str, str], ...] = ()

    @property
    def header(self) -> int:
        """Records that precede the rows."""
        return 1 if self.delimiter else 0

    @property
    def rows(self) -> int:
        """Records that are rows."""
        return self.records - self.header


def open_lines(path: Path, delimiter: str | None, seen: Scan, scratch: Path) -> TextFile:
    """Make `path` readable: a regular file is read where it lies, of any other a tidy copy goes to `scratch`."""
    if seen.regular:
        return TextFile(path, delimiter, seen.records)
    copy = scratch / "tidy_copy"
    return TextFile(copy, delimiter, seen.records, tuple(tidy_copy(path, delimiter, copy)))


def read_csv(path: Path, columns: list[str], **options: str) -> str:
    """SQL of the table function that reads `path` as text columns, tolerating broken records."""
    settings = {
        "columns": "{" + ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in columns) + "}",
        "auto_detect": "false",
        "compression": "'none'",
        "store_rejects": "true",
        "max_line_size": str(LONGEST_LINE + 1),
        "buffer_size": str(BLOCK),
        **options,
    }
    return f"read_csv({quoted(str(path))}, {', '.join(f'{key} = {value}' for key, value in settings.items())})"


def read_lines(path: Path) -> str:
    """SQL relation with the one column `line`: every line that is not blank."""
    lines = read_csv(
        path, ["line"], delim=quoted(NO_DELIMITER), quote="''", escape="''", header="false", strict_mode="true"
    )
    return f"(SELECT line FROM {lines} WHERE strlen(line) > 64 OR trim(line, chr(0) || {quoted(BLANKS)}) <> '')"


def forget_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    """Begin a new list of broken records."""
    connection.execute(f"DROP TABLE IF EXISTS {_REJECTS}; DROP TABLE IF EXISTS {_SCANS}")


def broken_records(connection: duckdb.DuckDBPyConnection, text: TextFile) -> list[Broken]:
    """The records of `text` that could not be taken apart since `forget_rejects`, numbered in the dropped file."""
    listed = _listed(connection, text)
    # A record that was left out stood before the copy's record of the same number.
    marks = sorted([(before, 0, reason, said) for before, reason, said in text.left_out] + listed)
    broken, gone = [], 0
    for number, kept, reason, said in marks:
        broken.append(Broken(number + gone + 1 - text.header, reason, said))
        gone += 1 - kept
    return broken


def _listed(connection: duckdb.DuckDBPyConnection, text: TextFile) -> list[tuple[int, int, str, str]]:
    """What DuckDB listed: (number of records before it in the file it read, 1, reason, text)."""
    try:
        if not connection.execute(f"SELECT 1 FROM {_REJECTS} LIMIT 1").fetchone():
            return []
    except duckdb.CatalogException:  # nothing was read
        return []
    order = " ".join(f"WHEN {quoted(kind)} THEN {rank}" for rank, kind in enumerate(_REASONS))
    rows = connection.execute(
        f"SELECT line_byte_position - 1, arg_min(error_type::VARCHAR, CASE error_type::VARCHAR {order} END)"
        f" FROM {_REJECTS} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    at, kinds = np.array([row[0] for row in rows]), [row[1] for row in rows]
    found: dict[int, tuple[str, str]] = {}
    begin = before = done = 0
    gap = b""  # what follows the last record of the blocks before
    for block in blocks(text.path, text.delimiter):
        end = int(block.ends[-1]) if len(block.ends) else 0
        for which in np.flatnonzero((at >= done) & (at < begin + end)).tolist():
            here = int(at[which]) - begin
            index = int(np.searchsorted(block.ends, here, side="right"))
            # Empty lines are counted to the record after them; a line of spaces is listed, but is no record.
            skipped = (gap[here:] if here < 0 else b"") + block.data[max(here, 0) : block.starts[index]].tobytes()
            if not skipped.strip(b"\r\n"):
                found.setdefault(before + index, (_reason(kinds[which], text), block.text(index)))
        gap = block.data[end:].tobytes() if end else gap + block.data.tobytes()
        done = begin + end if end else done
        begin, before = begin + len(block.data), before + len(block.starts)
    return [(number, 1, reason, said) for number, (reason, said) in found.items()]


def _reason(kind: str, text: TextFile) -> str:
    """Why DuckDB could not take a record apart, in our words."""
    if text.delimiter is None and kind == "TOO MANY COLUMNS":
        return reasons.NOT_JSON  # it holds the byte that stands for no delimiter
    return _REASONS[kind]
