"""How a file holds its JSON records: one a line, or as values (an array, or objects that span lines)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.drops import Candidate
from ingest.json_file import JsonFile
from ingest.records import Scan, is_gzip
from ingest.sql import quoted
from ingest.text_lines import read_lines

SAMPLE = 1000
LARGEST_VALUE = 2**25
# DuckDB's names of the ways in which a file's values follow each other.
_ARRAY, _OBJECTS = "array", "unstructured"
LINES = "lines"


@dataclass(frozen=True)
class Layout:
    """`kind` is `lines`, or DuckDB's name of another layout; `sample` the first records that are objects."""

    kind: str
    sample: tuple[dict, ...]

    def lines(self, path: Path) -> str:
        """SQL relation with the one column `line`: the text of each record. Lines are read from a regular file."""
        return read_lines(path) if self.kind == LINES else _values(path, self.kind)

    def file(
        self, path: Path, candidate: Candidate, routes: tuple[Candidate, ...], scan: Scan | None = None
    ) -> JsonFile:
        """The file as one of its tables sees it."""
        return JsonFile(self.lines(path), self.sample, candidate, routes, scan=scan)


def layout_of(connection: duckdb.DuckDBPyConnection, path: Path, beginning: str, cut: bool) -> tuple[Layout, list[str]]:
    """The layout, told from the file's `beginning` (`cut` if there is more), and the faults that forbid reading it."""
    text = beginning.lstrip()
    if text.startswith("["):
        fault = _unreadable(connection, path, _ARRAY)
        if fault:
            return Layout(_ARRAY, ()), [f"is not a whole JSON array ({fault}); export it again"]
        return Layout(_ARRAY, _first_values(connection, path, _ARRAY)), []
    lines = [line for line in text.split("\n", SAMPLE + 1)[: SAMPLE + 1] if line.strip()]
    if cut and len(lines) > 1:
        lines.pop()
    if not any(line.lstrip().startswith("{") for line in lines):
        return Layout(LINES, ()), ["holds no JSON objects, neither one a line nor in an array"]
    if _parsed(lines[0]) is None and not _unreadable(connection, path, _OBJECTS):
        return Layout(_OBJECTS, _first_values(connection, path, _OBJECTS)), []
    return Layout(LINES, tuple(one for line in lines if isinstance(one := _parsed(line), dict))), []


def _values(path: Path, kind: str) -> str:
    packed = "gzip" if is_gzip(path) else "uncompressed"
    return (
        f"(SELECT json::VARCHAR AS line FROM read_json_objects({quoted(str(path))}, format = {quoted(kind)},"
        f" compression = {quoted(packed)}, maximum_object_size = {LARGEST_VALUE}))"
    )


def _unreadable(connection: duckdb.DuckDBPyConnection, path: Path, kind: str) -> str:
    """Why DuckDB cannot read the whole file so; empty when it can."""
    try:
        connection.execute(f"SELECT count(*) FROM {_values(path, kind)}").fetchone()
    except duckdb.Error as error:
        # The file's name and its values stay out of the message.
        return str(error).splitlines()[0].partition("in file")[0].strip() or "damaged"
    return ""


def _first_values(connection, path: Path, kind: str) -> tuple[dict, ...]:
    rows = connection.execute(f"SELECT line FROM {_values(path, kind)} LIMIT {SAMPLE}").fetchall()
    return tuple(one for (line,) in rows if isinstance(one := _parsed(line), dict))


def _parsed(line: str):
    try:
        return json.loads(line)
    except ValueError:
        return None
