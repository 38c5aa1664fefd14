"""Look at a dropped file before anything is written: what it is, its content hash, and what forbids landing it."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass, field

import duckdb

from ingest.csv_file import CsvFile, open_csv
from ingest.drops import Candidate, Found
from ingest.json_layout import Layout, layout_of
from ingest.parquet_file import ParquetFile
from ingest.typing_rules import quoted

BEGINNING = 2**18
_CHUNK = 2**22
_GZIP = b"\x1f\x8b"
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
    """A dropped file, looked at. `batch` names its content; `faults` forbid landing it, `notes` are worth telling."""

    found: Found
    batch: str = ""
    size: int = 0
    gzip: bool = False
    opened: CsvFile | Layout | ParquetFile | None = None
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def format(self) -> str:
        """The format in which the tables declare it."""
        return self.found.candidates[0].drop.format

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The tables that the file may hold."""
        return self.found.candidates


def examine(connection: duckdb.DuckDBPyConnection, found: Found) -> Examined:
    """Hash the file, open it, and check it against its tables; never raises for what is wrong with the file."""
    seen = Examined(found)
    try:
        beginning = _hash(seen)
    except OSError as error:
        seen.faults.append(f"cannot be read ({error.strerror or error})")
        return seen
    if seen.faults:
        return seen
    if seen.format == "parquet":
        _open_parquet(connection, seen)
    elif seen.size and (
        foreign := next((name for magic, name in _FOREIGN.items() if beginning.startswith(magic)), None)
    ):
        seen.faults.append(f"is {foreign}, not {seen.format} in UTF-8; export it as that")
    elif b"\0" in beginning:
        seen.faults.append("holds zero bytes: it is UTF-16 without its mark, or no text; export it as UTF-8")
    elif not beginning.strip(b"\xef\xbb\xbf \t\r\n"):
        seen.notes.append("is empty")
        seen.opened = CsvFile(found.path, seen.gzip, ",", (), 0) if seen.format == "csv" else Layout("lines", ())
    else:
        _open_text(connection, seen, beginning.decode("utf-8-sig", errors="replace"))
    return seen


def _hash(seen: Examined) -> bytes:
    """Read the file whole, once: its name, its gzip's integrity, its first bytes (uncompressed)."""
    digest, beginning, inflate = hashlib.sha256(), b"", None
    with seen.found.path.open("rb") as opened:
        seen.gzip = opened.read(2) == _GZIP and seen.format != "parquet"
        opened.seek(0)
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
            seen.size += len(chunk)
            if not seen.gzip and len(beginning) < BEGINNING:
                beginning += chunk[: BEGINNING - len(beginning)]
    seen.batch = digest.hexdigest()[:32]
    if seen.gzip:
        try:
            with gzip.open(seen.found.path) as inflate:
                beginning = inflate.read(BEGINNING)
                while inflate.read(_CHUNK):
                    pass
        except (EOFError, OSError, zlib.error) as error:
            seen.faults.append(f"its gzip is damaged ({error}); export it again")
    return beginning


def _open_parquet(connection: duckdb.DuckDBPyConnection, seen: Examined) -> None:
    try:
        path = quoted(str(seen.found.path))
        columns = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({path})").fetchall()
    except duckdb.Error as error:
        seen.faults.append(f"is not a whole Parquet file ({str(error).splitlines()[0]}); export it again")
        return
    seen.opened = ParquetFile(seen.found.path, {column[0]: column[1] for column in columns})
    _check_columns(seen)


def _open_text(connection: duckdb.DuckDBPyConnection, seen: Examined, beginning: str) -> None:
    path = seen.found.path
    if seen.format == "csv":
        seen.opened = open_csv(path, seen.gzip, beginning, seen.candidates[0].table)
        _check_columns(seen)
        return
    seen.opened, faults = layout_of(connection, path, seen.gzip, beginning, len(beginning) >= BEGINNING)
    seen.faults += faults
    if not faults:
        for candidate in seen.candidates:
            one = seen.opened.file(path, seen.gzip, candidate, seen.candidates)
            for fault in one.faults():
                if fault not in seen.faults:
                    seen.faults.append(fault)
            lacking = [
                column.name
                for column in one.missing_keys()
                if not connection.execute(one.present(column)).fetchone()[0]
            ]
            if lacking and not seen.faults:
                seen.faults.append(f"no record of {candidate.table.label} has the key column {', '.join(lacking)}")


def _check_columns(seen: Examined) -> None:
    table = seen.candidates[0].table
    seen.faults += seen.opened.faults(table)
    seen.notes += seen.opened.notes(table)
