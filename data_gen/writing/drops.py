"""Writes a chain's exports: one file a table and day of arrival, in the shapes of the source systems."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.parameters import GYMS, Parameters
from data_gen.writing.file_shapes import EXTRA, PLAIN, Shape
from data_gen.writing.folder import DropFolder
from data_gen.lifelog.daily import LACKING
from data_gen.writing.rows import Rows, joined

_BOM = b"\xef\xbb\xbf"
LOCATIONS = "club.locations"
PATHS = {
    LOCATIONS: "club/locations_{day}.csv",
    "access.gym_logins": "access/gym_logins_{day}.csv",
    "devices.registered_devices": "devices/registered_users_{day}.csv",
    "devices.multiplex": "devices/multiplex_{day}.jsonl",
    "lifelog.daily": "lifelog/lifelog_{day}.csv",
}


@dataclass
class Written:
    """What was written of one table."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass
class Drops:
    """Writes files into the folder and remembers each."""

    folder: DropFolder
    chain: Parameters
    shapes: dict[tuple[str, int], Shape]
    files: list[dict] = field(default_factory=list)
    tables: dict[str, Written] = field(default_factory=dict)

    def csv(self, table: str, day: int, rows: Rows) -> None:
        """Write one day's CSV, if it has rows."""
        if not len(rows):
            return
        started = time.perf_counter()
        shape = self.shapes.get((table, day), PLAIN)
        lines = csv_lines(rows.text, shape)
        self._write(table, day, len(rows), [_BOM] if shape.bom else [], [lines], started)

    def lines(self, day: int, count: int, pieces: Iterator[pa.Array], started: float) -> None:
        """Write one day's stream of `count` lines; work on it began at `started`."""
        if not count:
            return
        shape = self.shapes.get(("devices.multiplex", day), PLAIN)
        blank = [shape.end_of_line.encode()] if shape.blank_lines else []
        self._write("devices.multiplex", day, count, [_BOM] if shape.bom else blank, pieces, started)

    def _write(self, table: str, day: int, count: int, head: list, pieces: Iterable[pa.Array], started: float) -> None:
        path = PATHS[table].format(day=self.chain.date_of(day).isoformat())

        def content():
            yield from head
            for piece in pieces:
                yield text_bytes(piece)

        size = self.folder.write(path, content())
        self.files.append({"path": path, "table": table, "rows": count, "bytes": size})
        written = self.tables.setdefault(table, Written())
        written.files += 1
        written.rows += count
        written.bytes += size
        written.seconds += time.perf_counter() - started


def planned_paths(chain: Parameters) -> list[str]:
    """Every file that a run with these parameters may write."""
    days = [chain.date_of(day).isoformat() for day in range(chain.days)]
    return [PATHS[table].format(day=day) for table in PATHS for day in (days[:1] if table == LOCATIONS else days)]


def location_rows(chain: Parameters) -> Rows:
    """The chain's gyms, as the management system exports them once."""
    text = {
        "gym": [str(gym.number) for gym in GYMS],
        "location_name": [gym.name for gym in GYMS],
        "city": [gym.city for gym in GYMS],
        "state": [gym.state for gym in GYMS],
        "country": ["US"] * len(GYMS),
        "time_zone": [gym.zone for gym in GYMS],
        "updated_at": [str(chain.begin)] * len(GYMS),
    }
    return Rows(pa.table(text), np.zeros(len(GYMS), np.int32), np.arange(len(GYMS)))


def csv_lines(text: pa.Table, shape: Shape) -> pa.Array:
    """Header and rows as lines with their ends."""
    if shape.missing_column:
        text = text.drop_columns([LACKING])
    if shape.extra_column:
        text = text.append_column(EXTRA[0], pa.repeat(pa.scalar(EXTRA[1]), text.num_rows))
    body = joined(*(_quoted(column.combine_chunks()) for column in text.columns), between=",")
    header = pa.array([",".join(text.column_names)])
    if shape.blank_lines:
        half = len(body) // 2
        blank = pa.array([""])
        lines = pa.concat_arrays([header, body.slice(0, half), blank, body.slice(half), blank, blank])
    else:
        lines = pa.concat_arrays([header, body])
    return joined(lines, shape.end_of_line)


def _quoted(column: pa.Array) -> pa.Array:
    """Fields with a comma, a quote or a line break between quotes."""
    needs = pc.fill_null(pc.match_substring_regex(column, '[,"\r\n]'), False)
    if not pc.any(needs).as_py():
        return column
    return pc.if_else(needs, joined('"', pc.replace_substring(column, '"', '""'), '"'), column)


def text_bytes(lines: pa.Array) -> memoryview:
    """The bytes of all texts one after another, without a copy."""
    if not len(lines):
        return memoryview(b"")
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)[[lines.offset, lines.offset + len(lines)]]
    return memoryview(data)[ends[0] : ends[1]]
