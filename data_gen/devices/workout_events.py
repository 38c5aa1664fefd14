"""What devices send of the workouts: start and stop records, some missing, some of nobody we know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID, Parameters
from data_gen.devices.workouts import START, STOP, Events, events_of, lengthened, sessions_of
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import INCOMPLETE, QUARANTINED, TOLERATED
from data_gen.writing.rows import Rows, joined, json_in_json, json_text, pick, some_with_fraction, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

ACTIONS = ["start", "stop", "pause"]
PAUSE = 2
_STRANGERS_A_STRETCH = 100
SHAPE = Shape(
    table="devices.workouts",
    keys=("user_id", "workout_id", "session_id", "timestamp", "action"),
    must=("user_id", "workout_id", "session_id", "timestamp", "action"),
    broken=(("session_id", "2.7"), ("workout_id", '"first"'), ("timestamp", '"noon"')),
    nothing="null",
)


@dataclass(frozen=True)
class Sent:
    """The events of a stretch that silver keeps, their clean rows and others', and the defects made of them."""

    kept: Events
    rows: Rows
    defects: Defects


def sent(world: World, days: Days) -> Sent:
    """What devices send of the workouts of these dates, without the common defects."""
    defects = world.defects(SHAPE.table, days)
    chain, members, dice = world.chain, world.members, defects.dice
    sessions, long = lengthened(chain, world.made(sessions_of, days), members, defects)
    clean = events_of(sessions, members)
    touched = np.concatenate([long["workout_too_long"], long["workout_just_short_enough"]])
    may = np.ones(len(sessions), bool)
    may[touched] = False
    may &= ~members.counts_workouts_daily[sessions.member]
    chosen = dice.permutation(np.flatnonzero(may))
    kinds = ("workout_without_stop", "workout_without_start", "unknown_action")
    cuts = np.minimum(np.cumsum([defects.count(kind, len(sessions)) for kind in kinds]), len(chosen))
    no_stop, no_start, paused, _ = np.split(chosen, cuts)

    is_sent = np.ones(len(clean), bool)
    is_sent[no_stop + len(sessions)] = False
    is_sent[no_start] = False
    is_free = np.ones(len(clean), bool)
    is_free[
        np.concatenate([side + at for side in (0, len(sessions)) for at in (no_stop, no_start, paused, touched)])
    ] = False

    strangers = dice.permutation(len(sessions))[: defects.count("unknown_member", len(sessions))]
    user = FIRST_UNKNOWN_USER_ID + days.number * _STRANGERS_A_STRETCH + np.arange(len(strangers))
    once = np.ones(len(strangers), np.int64)
    strange = Events(user, once, once, once * START, sessions.start[strangers]).plus(
        Events(user, once, once, once * STOP, sessions.stop[strangers])
    )
    pauses = clean.where(paused)
    middle = (sessions.start[paused] + sessions.stop[paused]) // 2
    pauses = Events(pauses.user_id, pauses.workout_id, pauses.session_id, pauses.action * 0 + PAUSE, middle)

    kept = clean.where(is_sent)
    made = _event_rows(chain, dice, kept.plus(strange).plus(pauses))
    sent_as = np.cumsum(is_sent) - 1
    ends = np.cumsum([len(kept), len(strange), len(pauses)])
    for kind, caught_as, positions, why in (
        ("workout_without_stop", INCOMPLETE, sent_as[no_stop], {"reason": "no_stop"}),
        ("workout_without_start", INCOMPLETE, sent_as[no_start + len(sessions)], {"reason": "no_start"}),
        ("workout_too_long", INCOMPLETE, sent_as[long["workout_too_long"]], {"reason": "too_long"}),
        ("workout_just_short_enough", TOLERATED, sent_as[long["workout_just_short_enough"]], {}),
        ("unknown_member", QUARANTINED, np.arange(ends[0], ends[1]), {"rule": "unknown_member"}),
        ("unknown_action", QUARANTINED, np.arange(ends[1], ends[2]), {"rule": "unknown_action"}),
    ):
        found = made.take(positions)
        defects.note(kind, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    is_free = np.r_[is_free[is_sent], np.zeros(len(strange) + len(pauses), bool)]
    return Sent(kept, made.free(is_free), defects)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows to write."""
    made = world.made(sent, days)
    defects.include(made.defects)
    return made.rows


def _event_rows(chain: Parameters, dice: np.random.Generator, events: Events) -> Rows:
    """The events as rows of JSON values."""
    text = pa.table(
        {
            "user_id": whole(events.user_id),
            "workout_id": whole(events.workout_id),
            "timestamp": some_with_fraction(dice, events.timestamp),
            "action": json_text(pick(ACTIONS, events.action)),
            "session_id": whole(events.session_id),
            "_key": whole(events.user_id),
            "_timestamp": whole(events.timestamp),
        }
    )
    return Rows(text, chain.day_of(events.timestamp), events.timestamp + 1)


def values(text: pa.Table) -> pa.Array:
    """The records' JSON, escaped as the value of an envelope."""
    record = joined(
        '{"user_id": ', text["user_id"], ', "workout_id": ', text["workout_id"], ', "timestamp": ',
        text["timestamp"], ', "action": ', text["action"], ', "session_id": ', text["session_id"], "}",
    )  # fmt: skip
    return json_in_json(record)


STREAM = Stream("devices.workouts", SHAPE, rows, ahead=2, topic="workout", values=values)
