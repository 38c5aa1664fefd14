"""What devices send of the workouts: start and stop records, some missing, some of nobody we know."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID, Parameters
from data_gen.writing.ledger import INCOMPLETE, QUARANTINED, TOLERATED, Ledger
from data_gen.chain.people import Members
from data_gen.writing.rows import Rows, joined, json_in_json, json_text, pick, some_with_fraction, whole
from data_gen.writing.spoil import COMMON_KINDS, Shape, Spoiler, counts_for
from data_gen.devices.workouts import START, STOP, Events, Sessions, events_of

ACTIONS = ["start", "stop", "pause"]
PAUSE = 2
SHAPE = Shape(
    table="devices.workouts",
    keys=("user_id", "workout_id", "session_id", "timestamp", "action"),
    must=("user_id", "workout_id", "session_id", "timestamp", "action"),
    broken=(("session_id", "2.7"), ("workout_id", '"first"'), ("timestamp", '"noon"')),
    nothing="null",
)


def spoiled(
    chain: Parameters, members: Members, sessions: Sessions, long: dict[str, np.ndarray], ledger: Ledger
) -> tuple[Events, Rows]:
    """The events that silver keeps, and the rows to write: those, the quarantined and the unusable ones.

    `long` names the positions of sessions whose stop came too late, or just in time.
    """
    dice, plan = chain.dice("workout defects"), chain.defects
    clean = events_of(sessions, members)
    touched = np.concatenate([long["workout_too_long"], long["workout_just_short_enough"]])
    may = np.ones(len(sessions), bool)
    may[touched] = False
    may &= ~members.counts_workouts_daily[sessions.member]
    chosen = dice.permutation(np.flatnonzero(may))
    kinds = ("workout_without_stop", "workout_without_start", "unknown_action")
    cuts = np.minimum(np.cumsum([plan.count(kind, len(sessions)) for kind in kinds]), len(chosen))
    no_stop, no_start, paused, _ = np.split(chosen, cuts)

    is_sent = np.ones(len(clean), bool)
    is_sent[no_stop + len(sessions)] = False
    is_sent[no_start] = False
    is_free = np.ones(len(clean), bool)
    is_free[
        np.concatenate([side + at for side in (0, len(sessions)) for at in (no_stop, no_start, paused, touched)])
    ] = False

    strangers = dice.permutation(len(sessions))[: plan.count("unknown_member", len(sessions))]
    user = FIRST_UNKNOWN_USER_ID + np.arange(len(strangers))
    once = np.ones(len(strangers), np.int64)
    strange = Events(user, once, once, once * START, sessions.start[strangers]).plus(
        Events(user, once, once, once * STOP, sessions.stop[strangers])
    )
    pauses = clean.where(paused)
    middle = (sessions.start[paused] + sessions.stop[paused]) // 2
    pauses = Events(pauses.user_id, pauses.workout_id, pauses.session_id, pauses.action * 0 + PAUSE, middle)

    kept = clean.where(is_sent)
    rows = event_rows(chain, dice, kept.plus(strange).plus(pauses))
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
        found = rows.take(positions)
        ledger.add(kind, SHAPE.table, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    is_free = np.r_[is_free[is_sent], np.zeros(len(strange) + len(pauses), bool)]
    spoiler = Spoiler(SHAPE, chain.last_day, dice, ledger)
    return kept, spoiler.spoil(rows, is_free, counts_for(plan, COMMON_KINDS, len(rows)))


def event_rows(chain: Parameters, dice: np.random.Generator, events: Events) -> Rows:
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
