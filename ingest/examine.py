"""Look at a dropped file before anything is written: what it is, and what forbids landing it."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingest.contract import Table
from ingest.csv_file import CsvFile, open_csv
from ingest.drops import Candidate, Found
from ingest.json_layout import LINES, Layout, layout_of
from ingest.parquet_file import ParquetFile
from ingest.places import Stamp, why
from ingest.records import NoRecords, Scan, open_text, scan
from ingest.sql import quoted
from ingest.text_lines import TextFile, open_lines

BEGINNING = 2**18
_CHUNK = 2**22
_FOREIGN = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"PAR1": "Parquet",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"%PDF": "PDF",
}


@dataclass
class Examined:
    """A dropped file, looked at. `faults` forbid landing it, `notes` are worth telling.

    `batch` names its content; while its `stamp` is the same, so is the content. `opened` is how it is read, None when
    nobody wants it; `scan` is there for files of lines.
    """

    found: Found
    batch: str = ""
    stamp: Stamp = (0, 0)
    opened: CsvFile | Layout | ParquetFile | None = None
    scan: Scan | None = None
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The tables that the file may hold."""
        return self.found.candidates

    def here(self, scratch: Path) -> AbstractContextManager[Path]:
        """The file on this machine; a copy that had to be brought goes away at the end."""
        return self.found.folder.here(self.found.relative, scratch)

    def unchanged(self, path: Path, scratch: Path) -> bool:
        """Whether `path`, which `here` gave, is still what was examined."""
        if path.parent == scratch:
            return name_of(path) == self.batch
        return self.found.folder.stamp(self.found.relative) == self.stamp

    def text(self, path: Path, scratch: Path) -> TextFile | None:
        """`path` as DuckDB is to read it line by line, perhaps a copy in `scratch`; None when it is not so read."""
        if not self.scan:
            return None
        return open_lines(path, self.opened.delimiter if isinstance(self.opened, CsvFile) else None, self.scan, scratch)


def name_of(path: Path) -> str:
    """The name that a file's content gives its batch: 32 hexadecimal digits of its SHA-256."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:32]


def examine(
    connection: duckdb.DuckDBPyConnection, found: Found, wanted: Callable[[str], bool], scratch: Path
) -> Examined:
    """Name the file's batch and, if that is `wanted`, open it and check it against its tables.

    Never raises for what is wrong with the file.
    """
    seen = Examined(found)
    try:
        seen.stamp = found.folder.stamp(found.relative)
        with seen.here(scratch) as path:
            seen.batch = name_of(path)
            if wanted(seen.batch):
                _open(connection, seen, path, scratch)
    except OSError as error:
        seen.faults.append(f"cannot be read ({why(error)})")
    return seen


def _open(connection: duckdb.DuckDBPyConnection, seen: Examined, path: Path, scratch: Path) -> None:
    try:
        if seen.candidates[0].drop.format == "parquet":
            _open_parquet(connection, seen, path)
        else:
            _open_text(connection, seen, path, scratch)
    except NoRecords:
        seen.faults.append("has no line end in 32 MB: it is no file of lines")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        seen.faults.append(f"its gzip is damaged ({error}); export it again")


def _open_parquet(connection: duckdb.DuckDBPyConnection, seen: Examined, path: Path) -> None:
    try:
        columns = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({quoted(str(path))})").fetchall()
    except duckdb.Error as error:
        seen.faults.append(f"is not a whole Parquet file ({why(error)}); export it again")
        return
    seen.opened = ParquetFile({column[0]: column[1] for column in columns})
    _check_columns(seen, seen.candidates[0].table)


def _open_text(connection: duckdb.DuckDBPyConnection, seen: Examined, path: Path, scratch: Path) -> None:
    kind = seen.candidates[0].drop.format
    with open_text(path) as opened:
        beginning = opened.read(BEGINNING)
    foreign = next((name for magic, name in _FOREIGN.items() if beginning.startswith(magic)), None)
    if foreign:
        seen.faults.append(f"is {foreign}, not {kind} in UTF-8; export it as that")
    elif b"\0" in beginning:
        seen.faults.append("holds zero bytes: it is UTF-16 without its mark, or no text; export it as UTF-8")
    elif not beginning.strip(b"\xef\xbb\xbf \t\r\n"):
        seen.notes.append("is empty")
        seen.opened = CsvFile(",", (), 0) if kind == "csv" else Layout(LINES, ())
        seen.scan = scan(path, None)
    elif kind == "csv":
        seen.opened = open_csv(beginning.decode("utf-8-sig", errors="replace"), seen.candidates[0].table)
        _check_columns(seen, seen.candidates[0].table)
        seen.scan = scan(path, seen.opened.delimiter)
        if seen.scan.header_broken:
            seen.faults.append("its header has a quote that is not closed")
    else:
        text = beginning.decode("utf-8-sig", errors="replace")
        seen.opened, seen.faults = layout_of(connection, path, text, cut=len(beginning) == BEGINNING)
        if not seen.faults:
            seen.scan = scan(path, None) if seen.opened.kind == LINES else _read_through(path)
            _check_records(connection, seen, path, scratch)


def _check_columns(seen: Examined, table: Table) -> None:
    seen.faults += seen.opened.faults(table)
    seen.notes += seen.opened.notes(table)


def _check_records(connection: duckdb.DuckDBPyConnection, seen: Examined, path: Path, scratch: Path) -> None:
    """Check a JSON file's first records against its tables; look through all where those lack a key."""
    for candidate in seen.candidates:
        one = seen.opened.file(path, candidate, seen.candidates)
        seen.faults += [fault for fault in one.faults() if fault not in seen.faults]
        if not seen.faults and (suspects := one.missing_keys()):
            text = seen.text(path, scratch)
            one = seen.opened.file(text.path if text else path, candidate, seen.candidates)
            lacking = [column.name for column in suspects if not connection.execute(one.present(column)).fetchone()[0]]
            if lacking:
                seen.faults.append(f"no record of {candidate.table.label} has the key column {', '.join(lacking)}")


def _read_through(path: Path) -> None:
    """Read the file to its end, for the errors that this raises."""
    with open_text(path) as opened:
        while opened.read(_CHUNK):
            pass
