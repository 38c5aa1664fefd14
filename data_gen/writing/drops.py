"""Writes one table's files: a span of days each, in the shape of its source system."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.parameters import DAY, Parameters
from data_gen.writing.file_shapes import EXTRA, LACKING, PLAIN, FileShape
from data_gen.writing.files import Span
from data_gen.writing.folder import DropFolder, PartFile
from data_gen.writing.rows import Rows, joined
from data_gen.writing.stream import JSON, Stream

BOM = b"\xef\xbb\xbf"
_ROWS_AT_ONCE = 250_000
_HOURS = 24


@dataclass
class Written:
    """What was written of one table."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def add(self, other: Written) -> None:
        """Add what another worker wrote."""
        self.files += other.files
        self.rows += other.rows
        self.bytes += other.bytes
        self.seconds += other.seconds


@dataclass
class Drops:
    """The folder, and what has been written into it so far."""

    folder: DropFolder
    chain: Parameters
    shapes: dict[tuple[str, int], FileShape]
    files: list[dict] = field(default_factory=list)
    tables: dict[str, Written] = field(default_factory=dict)

    def finish(self, table: str, file: PartFile) -> None:
        """Give a whole file its name."""
        size = file.commit()
        self.files.append({"path": file.path, "table": table, "rows": file.rows, "bytes": size})
        written = self.of(table)
        written.files += 1
        written.rows += file.rows
        written.bytes += size

    def of(self, table: str) -> Written:
        """What was written of `table`."""
        return self.tables.setdefault(table, Written())


def paths_of(stream: Stream, chain: Parameters, span: Span) -> list[str]:
    """The files of a stream's span: one, or one an hour where the stream asks for that on the last day."""
    ending = "csv" if stream.format != JSON else "jsonl"
    if stream.is_hourly_at_last and span.first == chain.last_day:
        return [f"{stream.path}_{span.label}T{hour:02}.{ending}" for hour in range(_HOURS)]
    return [f"{stream.path}_{span.label}.{ending}"]


class TableFiles:
    """The files of one table for some spans, which are written in turn."""

    def __init__(self, drops: Drops, stream: Stream, spans: list[Span]):
        self.drops, self.stream = drops, stream
        self._spans = list(spans)
        self._file: PartFile | None = None

    def write(self, rows: Rows, behind: int) -> None:
        """Write `rows`, which are arranged and all that arrive until day `behind`; earlier ones have been written."""
        while self._spans and self._spans[0].first < behind:
            span = self._spans[0]
            at = int(np.searchsorted(rows.day, span.behind))
            part, rows = rows.slice(0, at), rows.slice(at, len(rows) - at)
            paths = paths_of(self.stream, self.drops.chain, span)
            if len(paths) > 1:
                hour = np.clip((part.order - self.drops.chain.begin) % DAY // 3600, 0, _HOURS - 1)
                hour = np.where((part.order - self.drops.chain.begin) // DAY < span.first, 0, hour)
                for each, path in enumerate(paths):
                    self._add(part.take(np.flatnonzero(hour == each)), path, PLAIN)
                    self._close(PLAIN)
            else:
                shape = self.drops.shapes.get((self.stream.table, span.first), PLAIN)
                self._add(part, paths[0], shape)
                if behind < span.behind:
                    return
                self._close(shape)
            self._spans.pop(0)

    def _add(self, rows: Rows, path: str, shape: FileShape) -> None:
        if not len(rows):
            return
        is_new = self._file is None
        if is_new:
            self._file = self.drops.folder.part(path)
            if shape.bom:
                self._file.write([BOM])
        is_json = self.stream.format == JSON
        if is_new and not is_json:
            self._file.write(
                [(",".join(_shaped(rows.text.slice(0, 0), shape).column_names) + shape.end_of_line).encode()]
            )
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            text = _shaped(rows.text.slice(first, _ROWS_AT_ONCE), shape)
            lines = json_lines(text) if is_json else csv_lines(text)
            if is_new and shape.blank_lines and first == 0:
                half = len(lines) // 2
                lines = pa.concat_arrays([lines.slice(0, half), pa.array([""]), lines.slice(half)])
            self._file.write([text_bytes(joined(lines, shape.end_of_line))])
        self._file.rows += len(rows)

    def _close(self, shape: FileShape) -> None:
        if self._file is None:
            return
        if shape.blank_lines:
            self._file.write([shape.end_of_line.encode() * 2])
        self.drops.finish(self.stream.table, self._file)
        self._file = None


def _shaped(text: pa.Table, shape: FileShape) -> pa.Table:
    if shape.missing_column:
        text = text.drop_columns([LACKING[1]])
    if shape.extra_column:
        text = text.append_column(EXTRA[0], pa.repeat(pa.scalar(EXTRA[1]), text.num_rows))
    return text


def csv_lines(text: pa.Table) -> pa.Array:
    """The rows as lines without their ends."""
    return joined(*(_quoted(column.combine_chunks()) for column in text.columns), between=",")


def json_lines(text: pa.Table) -> pa.Array:
    """The rows as JSON objects. Columns hold JSON values; missing ones are left out; `a.b` is field b of object a."""
    fields: list[pa.Array] = []
    nested: dict[str, list[pa.Array]] = {}
    for name, column in zip(text.column_names, text.columns, strict=True):
        outer, _, inner = name.rpartition(".")
        written = pc.binary_join_element_wise(f'"{inner}":', column.combine_chunks(), "")
        if outer and outer not in nested:
            nested[outer] = []
            fields.append(outer)
        (nested[outer] if outer else fields).append(written)
    whole_fields = [
        joined(f'"{each}":{{', _present(nested[each]), "}") if isinstance(each, str) else each for each in fields
    ]
    return joined("{", _present(whole_fields), "}")


def _present(fields: list[pa.Array]) -> pa.Array:
    # Arrow gives no row at all where it has nothing to join.
    first = pc.if_else(pc.is_null(pc.coalesce(*fields)), "", fields[0])
    return pc.binary_join_element_wise(first, *fields[1:], ",", null_handling="skip")


def _quoted(column: pa.Array) -> pa.Array:
    """Fields with a comma, a quote or a line break between quotes."""
    content = bytes(text_bytes(column))
    # Most columns need none, which a look at all their bytes tells soonest.
    if not any(special in content for special in (b",", b'"', b"\r", b"\n")):
        return column
    needs = pc.fill_null(pc.match_substring_regex(column, '[,"\r\n]'), False)
    return pc.if_else(needs, joined('"', pc.replace_substring(column, '"', '""'), '"'), column)


def text_bytes(lines: pa.Array) -> memoryview:
    """The bytes of all texts one after another, without a copy."""
    if not len(lines):
        return memoryview(b"")
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)[[lines.offset, lines.offset + len(lines)]]
    return memoryview(data)[ends[0] : ends[1]]
