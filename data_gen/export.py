"""Writes the files of a range of days: makes stretch after stretch, and writes a day once nothing more can reach it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from data_gen.answer_key.book import Book
from data_gen.answer_key.heart_rate import HeartRateTruth
from data_gen.answer_key.workouts import complete_workouts
from data_gen.chain.days import Days
from data_gen.chain.world import World
from data_gen.devices.readings import ReadingStretch
from data_gen.streams import STREAMS
from data_gen.writing.defects import Defects
from data_gen.writing.drops import Drops, TableFiles, Written
from data_gen.writing.file_shapes import TOPIC, file_shapes, note_shapes
from data_gen.writing.files import Span, spans
from data_gen.writing.folder import DropFolder
from data_gen.writing.ledger import Ledger
from data_gen.writing.rows import Rows
from data_gen.writing.spoil import LATEST, spoil
from data_gen.writing.stream import Stream
from data_gen.writing.topic import BPM, Lines, noise, topic_lines
from data_gen.writing.topic_files import TopicFiles

# A reading may come after midnight, and its repetition a day later.
_READINGS_AHEAD = 2


@dataclass
class Exported:
    """What one worker wrote, and what it knows of it."""

    files: list[dict] = field(default_factory=list)
    tables: dict[str, Written] = field(default_factory=dict)
    rows: Counter = field(default_factory=Counter)
    repeats: Counter = field(default_factory=Counter)
    ledger: Ledger = field(default_factory=Ledger)
    book: Book = field(default_factory=Book)

    def include(self, other: Exported) -> None:
        """Add what another worker did."""
        self.files += other.files
        for table, written in other.tables.items():
            self.tables.setdefault(table, Written()).add(written)
        self.rows.update(other.rows)
        self.repeats.update(other.repeats)
        self.ledger.include(other.ledger)
        self.book.include(other.book)


def export(
    world: World,
    folder: DropFolder,
    first: int,
    behind: int,
    truth: tuple[int, int] | None,
    on_day: Callable[[int], None],
) -> Exported:
    """Write the files of the days [first, behind), which are whole files; `on_day` is called as days are written.

    What is true of all stretches that begin in the days [first, behind) of `truth` is gathered too.
    """
    return _Range(world, folder, first, behind, truth).export(on_day)


class _Range:
    def __init__(self, world: World, folder: DropFolder, first: int, behind: int, truth: tuple[int, int] | None):
        self.world, self.chain = world, world.chain
        self.first, self.behind, self.truth = first, behind, truth or (0, 0)
        self.drops = Drops(folder, self.chain, file_shapes(self.chain))
        self.done = Exported(self.drops.files, self.drops.tables)
        note_shapes(self.drops.shapes, first, behind, self.done.ledger)
        self.tables = [_Table(self.drops, stream, self._spans()) for stream in STREAMS if not stream.topic]
        self.topics = [stream for stream in STREAMS if stream.topic]
        names = [TOPIC, BPM, *(stream.table for stream in self.topics)]
        self.topic = TopicFiles(self.drops, world, self._spans(is_topic=True), names)

    def _spans(self, is_topic: bool = False) -> list[Span]:
        return [span for span in spans(self.chain, is_topic) if self.first <= span.first < self.behind]

    def export(self, on_day: Callable[[int], None]) -> Exported:
        """Make the stretches in turn and write what is ready."""
        told = self.first
        for days, following in self._needed():
            for table in self.tables:
                started = time.perf_counter()
                if self._reaches(table.stream, days):
                    table.add(self._rows(table.stream, days))
                table.write(self._ready(following, table.stream.back))
                self.drops.of(table.stream.table).seconds += time.perf_counter() - started
            if self._reaches_topic(days):
                self._add_to_topic(days)
            self.topic.write(self._ready(following, 0))
            if self._is_owner(days):
                self.done.book.add_stretch(self.world, days)
            for day in range(told, self._ready(following, 0)):
                on_day(day)
            told = max(told, self._ready(following, 0))
        self.topic.finish()
        for defects in self.topic.defects:
            self._note(defects)
        self.done.rows.update(self.topic.rows)
        for table in self.tables:
            self.done.rows[table.stream.table] += table.rows
        return self.done

    def _needed(self) -> Iterator[tuple[Days, Days | None]]:
        """The stretches to make, each with the one after it."""
        every = self.world.stretches
        for days, following in zip(every, [*every[1:], None], strict=True):
            reaches = any(self._reaches(stream, days) for stream in STREAMS)
            if reaches or self._reaches_topic(days) or self._is_owner(days):
                yield days, following

    def _reaches(self, stream: Stream, days: Days) -> bool:
        return days.first - stream.back < self.behind and self.first <= days.behind - 1 + stream.ahead + LATEST

    def _reaches_topic(self, days: Days) -> bool:
        ahead = max(_READINGS_AHEAD, *(stream.ahead for stream in self.topics))
        return days.first < self.behind and self.first <= days.behind - 1 + ahead + LATEST

    def _is_owner(self, days: Days) -> bool:
        return self.truth[0] <= days.first < self.truth[1]

    def _ready(self, following: Days | None, back: int) -> int:
        """The day until which all rows are known before `following` is made."""
        return self.behind if following is None else int(np.clip(following.first - back, self.first, self.behind))

    def _rows(self, stream: Stream, days: Days) -> Rows:
        """A stretch's rows with all their defects, without those that arrive after the last day."""
        defects = self.world.defects(stream.table, days)
        rows = stream.rows(self.world, days, defects)
        rows = rows.where(rows.day <= self.chain.last_day)
        earliest, latest = max(0, days.first - stream.back), days.behind - 1 + stream.ahead
        if days.is_first:
            earliest = 0
        if len(rows) and not earliest <= rows.day.min() <= rows.day.max() <= latest:
            raise ValueError(
                f"{stream.table}: rows of the days {days.first} to {days.behind - 1} arrive on {rows.day.min()} to "
                f"{rows.day.max()}, and not within {earliest} to {latest}"
            )
        rows = spoil(stream.shape, rows, defects, self.chain.last_day)
        self._note(defects)
        return rows

    def _note(self, defects: Defects) -> None:
        """Take into the ledger what arrives in these days."""
        for note in defects.notes:
            here = (note.days >= self.first) & (note.days < self.behind)
            keys = note.keys.filter(here) if note.keys is not None else None
            self.done.ledger.add(
                note.kind, note.table, note.caught_as, days=note.days[here], keys=keys, **dict(note.why)
            )
        repeats = defects.repeats
        self.done.repeats[defects.table] += int(((repeats >= self.first) & (repeats < self.behind)).sum())

    def _add_to_topic(self, days: Days) -> None:
        truth = None
        if self._is_owner(days):
            truth = HeartRateTruth(self.chain, self.world.made(complete_workouts, days), self.world.devices)
        readings = ReadingStretch(self.world, days, truth)
        if not truth:
            readings.skip(self.first - _READINGS_AHEAD - LATEST)
        lines = [
            topic_lines(stream, self._rows(stream, days), self.topic.tables.index(stream.table))
            for stream in self.topics
        ]
        defects = self.world.defects(TOPIC, days)
        total = sum(len(each) for each in lines) + readings.planned
        lines.append(noise(self.chain, days, total, defects, self.topic.tables))
        self._note(defects)
        self.topic.add(Lines.together(lines), readings, self.done.book if truth else None)


class _Table:
    """A table's rows that wait for their day, and its files."""

    def __init__(self, drops: Drops, stream: Stream, spans: list[Span]):
        self.stream = stream
        self.files = TableFiles(drops, stream, spans)
        self.rows = 0
        self._first = spans[0].first if spans else 0
        self._waiting: list[Rows] = []

    def add(self, rows: Rows) -> None:
        """Take a stretch's rows; those of days before the first are others' to write."""
        self._waiting.append(rows.where(rows.day >= self._first))

    def write(self, behind: int) -> None:
        """Write what arrives until day `behind`."""
        if behind <= self._first or not self._waiting:
            return
        waiting = Rows.together(self._waiting)
        due = waiting.arranged(behind)
        self._waiting = [waiting.where(waiting.day >= behind)]
        self.files.write(due, behind)
        self.rows += len(due)
        self._first = behind
