"""What machines send: who trained on them, for how long and how hard. They know people by their wearables."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import Truth
from data_gen.chain.days import Days
from data_gen.chain.gym_time import gym_date
from data_gen.chain.parameters import GYMS
from data_gen.chain.traits import chance
from data_gen.devices.machines import (
    FIRST_UNKNOWN_MACHINE_ID,
    IS_CARDIO,
    MACHINE_TYPES,
    draw_machines,
    unmapped,
)
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.rows import Rows, joined, json_in_json, some_with_fraction, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import TOPIC, Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "devices.equipment_sessions"
SHAPE = Shape(
    table=TABLE,
    keys=("user_id", "machine_id", "started"),
    must=("user_id", "machine_id", "started"),
    broken=(("machine_id", "2.7"), ("reps", '"many"'), ("ended", '"noon"')),
    nothing="null",
)
LONGEST = 3 * 3600
_MOST_MACHINES = 5
_MONTH = 30.4


@dataclass(frozen=True)
class Used:
    """One element a use of a machine. `member` and `machine` are positions, -1 for a machine nobody knows.

    Times are UTC seconds. Cardio machines count no sets and no weight (NaN).
    """

    member: np.ndarray
    machine: np.ndarray
    started: np.ndarray
    ended: np.ndarray
    sets: np.ndarray
    reps: np.ndarray
    weight_kg: np.ndarray

    def __len__(self) -> int:
        return len(self.member)

    def where(self, chosen: np.ndarray) -> Used:
        """The chosen uses (a mask or positions)."""
        return Used(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def used(world: World, days: Days) -> Used:
    """All uses of machines on these days: two to five, one after another, in a workout outside the classes."""
    chain, members, visits, machines = world.chain, world.members, world.visits(days), draw_machines(world.chain)
    dice = chain.dice("equipment", days.number)
    seen = (visits.device >= 0) & (visits.class_session < 0)
    visit, part = np.nonzero(np.where(seen[:, None], visits.start, 0))
    member, gym = visits.member[visit], visits.gym[visit]
    shape = (len(visit), _MOST_MACHINES)

    likes_cardio = 0.1 + 0.6 * chance(chain, "likes cardio", member)
    is_cardio = dice.random(shape) < likes_cardio[:, None]
    machine = np.zeros(shape, np.int64)
    for position in range(len(GYMS)):
        for kind_is_cardio in (False, True):
            there = np.flatnonzero((machines.gym == position) & (IS_CARDIO[machines.kind] == kind_is_cardio))
            chosen = (gym == position)[:, None] & (is_cardio == kind_is_cardio)
            machine[chosen] = there[dice.integers(0, len(there), int(chosen.sum()))]
    seconds = np.where(is_cardio, dice.integers(8 * 60, 25 * 60, shape), dice.integers(4 * 60, 10 * 60, shape))
    pauses = dice.integers(60, 240, shape)
    ended = visits.start[visit, part][:, None] + np.cumsum(seconds + pauses, axis=1)
    wanted = np.arange(_MOST_MACHINES) < dice.integers(2, _MOST_MACHINES + 1, len(visit))[:, None]
    row, turn = np.nonzero(wanted & (ended <= visits.stop[visit, part][:, None]))

    member, machine, ended = member[row], machine[row, turn], ended[row, turn]
    kind, is_cardio = machines.kind[machine], is_cardio[row, turn]
    sets = np.where(is_cardio, 0, np.clip(seconds[row, turn] // 150, 2, 4))
    months = np.maximum(visits.date[visit[row]] - world.lives.joined_day[member], 0) / _MONTH
    strength = (0.7 + 0.6 * chance(chain, "strength", member)) * np.where(members.sex[member] == 1, 1.0, 0.65)
    # Beginners gain fast, and ever less later.
    strength *= 1 + 0.4 * (1 - np.exp(-months / 10))
    first = np.array([each.weight_kg for each in MACHINE_TYPES])[kind]
    weight = np.maximum(np.round(first * strength * dice.normal(1, 0.05, len(row)) / 2.5), 1) * 2.5
    return Used(
        member=member,
        machine=machine,
        started=ended - seconds[row, turn],
        ended=ended,
        sets=sets,
        reps=sets * dice.integers(8, 13, len(row)),
        weight_kg=np.where(is_cardio, np.nan, weight),
    )


def _rows(world: World, days: Days, defects: Defects) -> Rows:
    clean, dice = world.made(used, days), defects.dice
    n = len(clean)
    kinds = ("equipment_too_long", "equipment_backward", "unknown_machine")
    # Copies stay forgotten for up to seven hours, still within the chain.
    may = dice.permutation(np.flatnonzero(clean.started + 7 * 3600 < world.chain.end))
    cuts = np.minimum(np.cumsum([defects.count(kind, n) for kind in kinds]), len(may))
    long, backward, elsewhere, _ = np.split(may, cuts)
    too_long = _again(clean.where(long))
    too_long = replace(too_long, ended=too_long.started + dice.integers(LONGEST + 1, 6 * 3600, len(long)))
    turned = _again(clean.where(backward))
    turned = replace(turned, ended=turned.started - dice.integers(0, 600, len(backward)))
    lost = _again(clean.where(elsewhere))
    lost = replace(lost, machine=np.full(len(elsewhere), -1))
    rows = _text(world, dice, clean)
    for kind, uses, caught_as, why in (
        ("equipment_too_long", too_long, QUARANTINED, {"rule": "equipment_too_long"}),
        ("equipment_backward", turned, QUARANTINED, {"rule": "equipment_backward"}),
        ("unknown_machine", lost, FLAGGED, {"flag": "is_known_machine"}),
    ):
        extra = _text(world, dice, uses)
        defects.note(kind, caught_as, keys=extra.keys(SHAPE.keys), days=extra.day, **why)
        rows = rows.plus(extra.free(np.zeros(len(extra), bool)))
    return rows


def _again(uses: Used) -> Used:
    """The same uses as records of their own."""
    return replace(uses, started=uses.started + 1)


def _text(world: World, dice: np.random.Generator, uses: Used) -> Rows:
    machine_id = draw_machines(world.chain).machine_id[uses.machine]
    machine_id = np.where(uses.machine < 0, FIRST_UNKNOWN_MACHINE_ID + uses.started % 9_000, machine_id)
    user_id = whole(world.members.user_id[uses.member])
    text = pa.table(
        {
            "user_id": user_id,
            "machine_id": whole(machine_id),
            "started": some_with_fraction(dice, uses.started),
            "ended": some_with_fraction(dice, uses.ended),
            "sets": whole(uses.sets),
            "reps": whole(uses.reps),
            "weight_kg": pa.array(uses.weight_kg, mask=np.isnan(uses.weight_kg)).cast(pa.string()).fill_null("null"),
            "_key": user_id,
            "_timestamp": whole(uses.ended),
        }
    )
    sent_at = np.maximum(uses.started, uses.ended)
    return Rows(text, world.chain.day_of(sent_at), sent_at + 1)


def values(text: pa.Table) -> pa.Array:
    """The records' JSON, escaped as the value of an envelope."""
    record = joined(
        '{"user_id": ', text["user_id"], ', "machine_id": ', text["machine_id"], ', "started": ', text["started"],
        ', "ended": ', text["ended"], ', "sets": ', text["sets"], ', "reps": ', text["reps"],
        ', "weight_kg": ', text["weight_kg"], "}",
    )  # fmt: skip
    return json_in_json(record)


STREAM = Stream(table=TABLE, shape=SHAPE, rows=_rows, format=TOPIC, ahead=2, topic="equipment", values=values)


def _pieces(world: World, days: Days) -> pa.Table:
    """(date, gym, machine_type; sessions, seconds): by the machine's gym and its local date of the begin."""
    uses, machines = world.made(used, days), draw_machines(world.chain)
    is_unmapped, _ = world.made(unmapped, world.stretches[0])
    gym = machines.gym[uses.machine]
    kind = np.where(is_unmapped[uses.machine], len(MACHINE_TYPES), machines.kind[uses.machine])
    return pa.table(
        {
            "date": gym_date(gym, uses.started),
            "gym": np.array([each.number for each in GYMS])[gym],
            "machine_type": pa.array([*(each.name for each in MACHINE_TYPES), ""]).take(pa.array(kind)),
            "sessions": np.ones(len(uses), np.int64),
            "seconds": uses.ended - uses.started,
        }
    )


TRUTH = Truth(name="equipment", keys=("date", "gym", "machine_type"), measures=("sessions", "seconds"), pieces=_pieces)
