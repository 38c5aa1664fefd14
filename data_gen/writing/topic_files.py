"""Writes the files of the multiplex topic: readings by the million, and among them the lines of other records."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.answer_key import heart_rate
from data_gen.devices.heart_rate import Readings
from data_gen.devices.reading_lines import LINES_AT_ONCE, ReadingLines, damaged_lines
from data_gen.devices.readings import ReadingStretch
from data_gen.writing.drops import BOM, Drops, text_bytes
from data_gen.writing.file_shapes import PLAIN, TOPIC
from data_gen.writing.files import Span
from data_gen.writing.folder import PartFile
from data_gen.writing.rows import joined, whole
from data_gen.writing.topic import BPM, OFFSETS_A_DAY, Lines

if TYPE_CHECKING:
    from data_gen.answer_key.book import Book
    from data_gen.chain.world import World

PATH = "devices/multiplex"
_DAY_KEY = np.int64(2**34)  # Beyond every time in seconds.


class TopicFiles:
    """The files of the topic for some spans, which are written in turn.

    Readings are made when their first day is written. Offsets tell the day and the line's place in it.
    """

    def __init__(self, drops: Drops, world: World, spans: list[Span], tables: list[str]):
        self.drops, self.world, self.tables = drops, world, tables
        self.rows: Counter = Counter()
        self.defects: list = []
        self._spans = list(spans)
        self._first = spans[0].first if spans else 0
        self._file: PartFile | None = None
        self._lines = Lines.together([])
        self._readings, self._days = Readings.together([]), np.zeros(0, np.int32)
        self._stretches: list[tuple[ReadingStretch, Book | None]] = []
        self._writers: dict[str, ReadingLines] = {}

    def add(self, lines: Lines, stretch: ReadingStretch, book: Book | None) -> None:
        """Take a stretch: the `lines` of other records, and its readings, of which `book` (or nobody) is told."""
        self._lines = Lines.together([self._lines, lines])
        self._stretches.append((stretch, book))

    def write(self, behind: int) -> None:
        """Write all that arrives until day `behind`."""
        started = time.perf_counter()
        for day in range(self._first, behind):
            self._make(day)
            if day + 1 == behind or len(self._days) + len(self._lines) > LINES_AT_ONCE:
                self._flush(day + 1)
        self.drops.of(TOPIC).seconds += time.perf_counter() - started

    def _make(self, day: int) -> None:
        """Make all readings of which one may arrive on `day`."""
        readings, days, lines = [self._readings], [self._days], [self._lines]
        for stretch, book in self._stretches:
            while stretch.next_day <= day:
                batch = stretch.batch()
                readings.append(batch.readings)
                days.append(batch.day)
                for good, arrives, column, value in batch.unreadable:
                    before, after = damaged_lines(good, column, value)
                    table = np.full(len(good), self.tables.index(BPM))
                    lines.append(Lines(before, after, arrives.astype(np.int64), good.time, table))
            if stretch.is_done:
                self.defects.append(stretch.defects)
                if book:
                    book.add(heart_rate.TRUTH, stretch.truth.per_day())
                    book.add(heart_rate.ALL_WORKOUTS, stretch.truth.per_workout(self.world.members))
        self._stretches = [each for each in self._stretches if not each[0].is_done]
        if len(readings) > 1:
            self._readings, self._days = Readings.together(readings), np.concatenate(days)
            self._lines = Lines.together(lines)

    def finish(self) -> None:
        """Make what readings of days beyond the last are left: their workouts' truth needs them."""
        self._stretches = [each for each in self._stretches if each[1]]
        self._make(2**31 - 1)

    def _flush(self, behind: int) -> None:
        """Write the lines of the days until `behind`, and forget them."""
        day, lines = self._days, self._lines
        due = np.flatnonzero((day >= self._first) & (day < behind))
        key = day[due] * _DAY_KEY + self._readings.time[due]
        order = np.argsort(key, kind="stable")
        readings, reading_key = self._readings.where(due[order]), key[order]
        left = np.flatnonzero(day >= behind)
        self._readings, self._days = self._readings.where(left), day[left]

        due = np.flatnonzero((lines.day >= self._first) & (lines.day < behind))
        key = lines.day[due] * _DAY_KEY + lines.order[due]
        order = np.argsort(key, kind="stable")
        others, other_key = lines.take(due[order]), key[order]
        self._lines = lines.take(np.flatnonzero(lines.day >= behind))

        every = np.concatenate([reading_key, other_key])
        arrival = np.argsort(every, kind="stable")
        day = every[arrival] // _DAY_KEY
        offset = (day + 1) * OFFSETS_A_DAY + _place_in_day(day)
        while self._spans and self._spans[0].first < behind:
            span = self._spans[0]
            first, end = np.searchsorted(day, [max(span.first, self._first), span.behind])
            for at in range(first, end, LINES_AT_ONCE):
                to = slice(at, min(at + LINES_AT_ONCE, end))
                self._write(span, readings, others, arrival[to], offset[to])
            if behind < span.behind:
                break
            if self._file:
                self.drops.finish(TOPIC, self._file)
                self._file = None
            self._spans.pop(0)
        self._first = behind

    def _write(self, span: Span, readings: Readings, others: Lines, arrival: np.ndarray, offset: np.ndarray) -> None:
        shape = self.drops.shapes.get((TOPIC, span.first), PLAIN)
        end = shape.end_of_line
        if end not in self._writers:
            self._writers[end] = ReadingLines(end)
        writer = self._writers[end]
        if self._file is None:
            self._file = self.drops.folder.part(f"{PATH}_{span.label}.jsonl")
            self._file.write([BOM] if shape.bom else [end.encode()] if shape.blank_lines else [])
        is_reading = arrival < len(readings)
        good, good_offset = readings.where(arrival[is_reading]), offset[is_reading]
        self._file.rows += len(arrival)
        self.rows[BPM] += len(good)
        if len(good) == len(arrival):
            self._file.write(writer.pieces(good, good_offset))
            return
        other = others.take(arrival[~is_reading] - len(readings))
        self.rows.update({self.tables[table]: n for table, n in enumerate(np.bincount(other.table).tolist()) if n})
        numbered = pc.if_else(pc.is_valid(other.behind), whole(offset[~is_reading]), "")
        text = joined(other.before, numbered, other.behind, end)
        self._file.write([_in_turn(is_reading, writer.pieces(good, good_offset), writer.ends(good, good_offset), text)])


def _place_in_day(day: np.ndarray) -> np.ndarray:
    """How many lines of its day stand before each; days ascend."""
    begins = np.flatnonzero(np.diff(day, prepend=-1))
    return np.arange(len(day)) - np.repeat(begins, np.diff(begins, append=len(day)))


def _in_turn(is_reading: np.ndarray, pieces: Iterable[bytearray], ends: np.ndarray, text: pa.Array) -> bytes:
    """Readings' lines, which end at `ends` of all `pieces`, and other lines, as `is_reading` has them follow."""
    readings, others = memoryview(b"".join(pieces)), text_bytes(text)
    other_ends = np.frombuffer(text.buffers()[1], np.int32)[text.offset :]
    cuts = np.r_[0, np.flatnonzero(is_reading[1:] != is_reading[:-1]) + 1, len(is_reading)]
    before = np.r_[0, np.cumsum(is_reading)][cuts]
    in_readings, in_others = ends[before].tolist(), (other_ends[cuts - before] - other_ends[0]).tolist()
    return b"".join(
        part
        for (begin, end), (other_begin, other_end) in zip(pairwise(in_readings), pairwise(in_others), strict=True)
        for part in (readings[begin:end], others[other_begin:other_end])
    )
