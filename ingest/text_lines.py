"""Read text files with DuckDB's CSV reader, keeping what it cannot take apart.

The reader lists such records in a table (`store_rejects`) by their byte position; `broken_records` turns that list
into numbered rejects.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from pathlib import Path

import duckdb
import numpy as np

from ingest import reasons
from ingest.reading import Broken
from ingest.typing_rules import quoted

# A byte that valid JSON cannot hold outside an escape: lines never split at it.
NO_DELIMITER = "\x01"
BLANKS = " \t\r\v\f\ufeff"
LONGEST_LINE = 16 * 2**20
BUFFER = 32 * 2**20
REJECTS, SCANS = "reject_errors", "reject_scans"

_REASONS = {
    "INVALID ENCODING": reasons.NOT_UTF8,
    "UNQUOTED VALUE": reasons.BAD_QUOTES,
    "LINE SIZE OVER MAXIMUM": reasons.TOO_LONG,
    "TOO MANY COLUMNS": reasons.TOO_MANY_FIELDS,
    "MISSING COLUMNS": reasons.TOO_FEW_FIELDS,
}
_BLOCK = 16 * 2**20


def read_csv(path: Path, columns: list[str], gzip: bool, **options: str) -> str:
    """SQL of the table function that reads `path` as text columns, tolerating broken records."""
    settings = {
        "columns": "{" + ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in columns) + "}",
        "auto_detect": "false",
        "compression": "'gzip'" if gzip else "'none'",
        "store_rejects": "true",
        "max_line_size": str(LONGEST_LINE),
        "buffer_size": str(BUFFER),
        **options,
    }
    return f"read_csv({quoted(str(path))}, {', '.join(f'{key} = {value}' for key, value in settings.items())})"


def read_lines(path: Path, gzip: bool) -> str:
    """SQL relation with the one column `line`: every line that is not blank."""
    lines = read_csv(
        path, ["line"], gzip, delim=quoted(NO_DELIMITER), quote="''", escape="''", header="false", strict_mode="false"
    )
    return f"(SELECT line FROM {lines} WHERE strlen(line) > 64 OR trim(line, {quoted(BLANKS)}) <> '')"


def forget_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    """Begin a new list of broken records."""
    connection.execute(f"DROP TABLE IF EXISTS {REJECTS}; DROP TABLE IF EXISTS {SCANS}")


def broken_records(
    connection: duckdb.DuckDBPyConnection, path: Path, gzip: bool, quotes: bool, header: int
) -> list[Broken]:
    """The records that the reader could not take apart since `forget_rejects`, in the file's order.

    `quotes` tells that quoted fields may hold line ends, `header` how many records precede the data.
    """
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [REJECTS]).fetchone()[0]
    if not known:
        return []
    order = " ".join(f"WHEN {quoted(kind)} THEN {rank}" for rank, kind in enumerate(_REASONS))
    rows = connection.execute(
        f"SELECT line_byte_position - 1, arg_min(error_type::VARCHAR, CASE error_type::VARCHAR {order} ELSE 9 END),"
        f" any_value(csv_line) FROM {REJECTS} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    rows = [row for row in rows if row[2].strip()]
    if not rows:
        return []
    # A blank line before a broken record counts as its beginning.
    shifted = [(at + len(text) - len(text.lstrip("\r\n")), kind, text.strip("\r\n")) for at, kind, text in rows]
    starts = record_starts(path, quotes)
    return [Broken(bisect_left(starts, at) + 1 - header, _REASONS[kind], text) for at, kind, text in shifted]


def record_starts(path: Path, quotes: bool) -> np.ndarray:
    """Byte position of each record of the plain text file `path`, blank lines left out."""
    size = path.stat().st_size
    if not size:
        return np.empty(0, np.int64)
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        whole = np.frombuffer(mapped, np.uint8)
        ends, odd = [], 0
        for begin in range(0, size, _BLOCK):
            block = whole[begin : begin + _BLOCK]
            found = np.flatnonzero(block == ord("\n"))
            if quotes:
                marks = np.flatnonzero(block == ord('"'))
                found = found[(np.searchsorted(marks, found) + odd) % 2 == 0]
                odd = (odd + len(marks)) % 2
            ends.append(found + begin)
        starts = np.concatenate([np.zeros(1, np.int64), np.concatenate(ends) + 1])
        starts = starts[starts < size]
        first = whole[starts]
        second = whole[np.minimum(starts + 1, size - 1)]
        blank = (first == ord("\n")) | ((first == ord("\r")) & (second == ord("\n")))
        del whole, block, first, second
        return starts[~blank]
