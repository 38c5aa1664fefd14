"""Small worlds, and what their streams give, in the plainest form: a dictionary a row."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from data_gen.chain.parameters import GYMS, Parameters
from data_gen.chain.world import World
from data_gen.writing.defect_plan import DefectPlan
from data_gen.writing.stream import CSV, Stream

# New York's clocks change on 9 March.
START = date(2025, 2, 24)
ZONES = {gym.number: ZoneInfo(gym.zone) for gym in GYMS}


@cache
def small_world(defects: str = "default", members: int = 400, days: int = 28, seed: int = 7) -> World:
    """A world of these parameters, made once a test process."""
    return World(Parameters(members=members, days=days, start=START, seed=seed, defects=DefectPlan.parse(defects)))


class Export:
    """All rows that a stream gives of a world, without the common defects, and what it notes of its own."""

    def __init__(self, stream: Stream, world: World):
        self.rows: list[dict] = []
        self.noted: dict[str, list[dict]] = {}
        self.caught: dict[str, tuple[str, dict]] = {}
        self.arrived: list[int] = []
        self.repeated = 0
        is_json = stream.format != CSV
        for days in world.stretches:
            defects = world.defects(stream.table, days)
            rows = stream.rows(world, days, defects)
            assert ((rows.day >= days.first - stream.back) & (rows.day < days.behind + stream.ahead)).all()
            self.rows += [_meant(row, is_json) for row in rows.text.to_pylist()]
            self.arrived += rows.day.tolist()
            self.repeated += len(defects.repeats)
            for note in defects.notes:
                keys = [_meant(key, is_json) for key in note.keys.to_pylist()]
                self.noted.setdefault(note.kind, []).extend(keys)
                self.caught[note.kind] = (note.caught_as, dict(note.why))
        self.keys = stream.shape.keys

    def key(self, row: dict) -> tuple:
        """The key of a row."""
        return tuple(row[column] for column in self.keys)

    def of(self, kind: str) -> list[dict]:
        """The rows that the notes of this kind name; each names one."""
        named = {self.key(key) for key in self.noted.get(kind, [])}
        found = [row for row in self.rows if self.key(row) in named]
        assert len(found) == len(named) == len(self.noted.get(kind, []))
        return found

    def but(self, *kinds: str) -> list[dict]:
        """The rows that no note of these kinds names."""
        named = {self.key(key) for kind in kinds for key in self.noted.get(kind, [])}
        return [row for row in self.rows if self.key(row) not in named]


def _meant(row: dict, is_json: bool) -> dict:
    return {name: json.loads(value) if is_json and value is not None else value for name, value in row.items()}


def true_sums(world: World, truth) -> dict[tuple, tuple]:
    """The truth's figures by its keys, over the whole world."""
    sums: dict[tuple, list[int]] = {}
    for days in world.stretches:
        for row in truth.pieces(world, days).to_pylist():
            found = sums.setdefault(tuple(row[key] for key in truth.keys), [0] * len(truth.measures))
            for at, measure in enumerate(truth.measures):
                found[at] += row[measure]
    return {key: tuple(found) for key, found in sums.items()}


def counted(rows: list[tuple[tuple, tuple]]) -> dict[tuple, tuple]:
    """Sums by key of (key, figures)."""
    sums: dict[tuple, Counter] = {}
    for key, figures in rows:
        sums.setdefault(key, Counter()).update(dict(enumerate(figures)))
    return {key: tuple(found.values()) for key, found in sums.items()}


def moment(text: str) -> datetime:
    """A time as exports write it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def cents(text: str) -> int:
    """An amount as exports write it; it has two decimals."""
    whole, point, part = text.partition(".")
    assert point
    assert len(part) == 2
    return int(whole + part)
