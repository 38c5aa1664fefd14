"""How bookings ended, as the exports tell: the true figures of classes.

A session that was called off ends all its bookings. Else a check-in with the booking's number is attendance, without
one a walk-in's. Who gave the place back twelve hours before the class or earlier was in time, later was not. Where
nobody at all was signed in nothing is known; elsewhere the others did not show up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import AsOf, Collected, Truth
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, FIRST_UNKNOWN_USER_ID, GYMS, Parameters
from data_gen.club import class_check_ins, class_sessions
from data_gen.club.bookings import EARLY_ENOUGH
from data_gen.writing.rows import pick

if TYPE_CHECKING:
    from data_gen.chain.world import World

OUTCOMES = ("attended", "late_cancel", "early_cancel", "no_show", "unknown", "class_cancelled")
ATTENDED, LATE_CANCEL, EARLY_CANCEL, NO_SHOW, UNKNOWN, CLASS_CANCELLED = range(len(OUTCOMES))
_GYM_NUMBERS = np.array([gym.number for gym in GYMS])


@dataclass(frozen=True)
class Attendance:
    """One element a booking or a walk-in; `session` is a position in the stretch's schedule."""

    session: np.ndarray
    member_id: np.ndarray
    outcome: np.ndarray
    is_walk_in: np.ndarray
    paid_cents: np.ndarray


def attendance(world: World, days: Days) -> Attendance:
    """How the bookings of a stretch's classes ended, walk-ins among them; without classes after the chain's end."""
    schedule, bookings = world.schedule(days), world.bookings(days)
    check_ins = world.made(class_check_ins.exported, days).check_ins
    signed_in = np.bincount(check_ins.class_session, minlength=len(schedule)) > 0
    session = bookings.class_session
    before = schedule.starts_at[session] - bookings.cancelled_at
    outcome = np.select(
        [
            schedule.is_cancelled[session],
            np.isin(bookings.booking_id, check_ins.booking_id),
            ~bookings.stands & (before >= EARLY_ENOUGH),
            ~bookings.stands,
            ~signed_in[session],
        ],
        [CLASS_CANCELLED, ATTENDED, EARLY_CANCEL, LATE_CANCEL, UNKNOWN],
        NO_SHOW,
    )
    walked_in = np.flatnonzero(check_ins.booking_id == class_check_ins.NO_BOOKING)
    n = len(walked_in)
    every = Attendance(
        session=np.concatenate([session, check_ins.class_session[walked_in]]),
        member_id=np.concatenate([world.members.user_id[bookings.member], check_ins.member_id[walked_in]]),
        outcome=np.concatenate([outcome, np.full(n, ATTENDED)]),
        is_walk_in=np.concatenate([np.zeros(len(bookings), bool), np.ones(n, bool)]),
        paid_cents=np.concatenate([bookings.paid_cents, np.zeros(n, np.int64)]),
    )
    past = schedule.date[every.session] < world.chain.days
    return Attendance(**{name: column[past] for name, column in vars(every).items()})


def dates(chain: Parameters, day: np.ndarray) -> pa.Array:
    """Days (indexes from the chain's first) as date32."""
    return pa.array((np.asarray(day) + chain.begin // DAY).astype(np.int32)).cast(pa.date32())


def _class_columns(world: World, days: Days, session: np.ndarray) -> dict[str, pa.Array]:
    """(class_date, gym, class_type_code) of sessions at these positions of a stretch's schedule."""
    made = world.made(class_sessions.exported, days)
    return {
        "class_date": dates(world.chain, made.schedule.date[session]),
        "gym": _GYM_NUMBERS[made.schedule.gym[session]],
        "class_type_code": pick(list(class_sessions.CODES), made.code[session]),
    }


def _outcomes(world: World, days: Days) -> pa.Table:
    found = world.made(attendance, days)
    return pa.table(
        {
            **_class_columns(world, days, found.session),
            "instructor_id": world.schedule(days).instructor_id[found.session],
            "outcome": pick(list(OUTCOMES), found.outcome),
            "bookings": np.ones(len(found.session), np.int64),
            "walk_ins": found.is_walk_in.astype(np.int64),
        }
    )


def _fill(world: World, days: Days) -> pa.Table:
    schedule, found = world.schedule(days), world.made(attendance, days)
    attended = np.bincount(found.session[found.outcome == ATTENDED], minlength=len(schedule))
    held = np.flatnonzero(~schedule.is_cancelled & (schedule.date < world.chain.days))
    return pa.table(
        {
            **_class_columns(world, days, held),
            "sessions": np.ones(len(held), np.int64),
            "capacity": schedule.capacity[held],
            "attended": attended[held],
            "empty_sessions": (attended[held] == 0).astype(np.int64),
        }
    )


def _revenue(world: World, days: Days) -> pa.Table:
    found = world.made(attendance, days)
    counts = ~np.isin(found.outcome, [EARLY_CANCEL, CLASS_CANCELLED]) & (found.paid_cents > 0)
    return pa.table(
        {**_class_columns(world, days, found.session[counts]), "net_cents": found.paid_cents[counts]},
    )


def _attended(world: World, days: Days) -> pa.Table:
    """(member_id, day) of each class that a member attended; days count from the chain's first."""
    found, schedule = world.made(attendance, days), world.schedule(days)
    at = (found.outcome == ATTENDED) & (found.member_id < FIRST_UNKNOWN_USER_ID)
    return pa.table(
        {
            "member_id": found.member_id[at].astype(np.int32),
            "day": schedule.date[found.session[at]].astype(np.int16),
        }
    )


def _first_classes(world: World, collected: dict[str, pa.Table], as_of: date) -> pa.Table:
    """(member_id; first_class_date, second_class_date): null where there is no second one."""
    table = collected[ATTENDED_CLASSES.name]
    day = table["day"].to_numpy().astype(np.int64)
    past = day <= world.chain.day_index(as_of)
    member, day = table["member_id"].to_numpy()[past], day[past]
    order = np.lexsort((day, member))
    member, day = member[order], day[order]
    first = np.flatnonzero(np.r_[True, member[1:] != member[:-1]][: len(member)])
    second = np.minimum(first + 1, max(len(member) - 1, 0))
    is_lone = (second == first) | (member[second] != member[first])
    second_date = dates(world.chain, day[second])
    return pa.table(
        {
            "member_id": member[first].astype(np.int64),
            "first_class_date": dates(world.chain, day[first]),
            "second_class_date": pa.array(second_date.to_pylist(), pa.date32(), mask=is_lone),
        }
    )


_CLASS = ("class_date", "gym", "class_type_code")
ATTENDED_CLASSES = Collected("attended_classes", _attended)
TRUTHS = (
    Truth("attendance", (*_CLASS, "instructor_id", "outcome"), ("bookings", "walk_ins"), _outcomes),
    Truth("class_fill", _CLASS, ("sessions", "capacity", "attended", "empty_sessions"), _fill),
    Truth("class_revenue", _CLASS, ("net_cents",), _revenue),
    ATTENDED_CLASSES,
    AsOf("first_classes", _first_classes),
)
