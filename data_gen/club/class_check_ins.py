"""Who was signed in to a class, and what the management system exports of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID
from data_gen.chain.visits import Visits
from data_gen.club.bookings import Bookings
from data_gen.club.class_choice import NO_CLASS
from data_gen.club.schedule import Schedule
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED
from data_gen.writing.numbers import numbered
from data_gen.writing.rows import Rows, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "club.class_check_ins"
SHAPE = Shape(
    table=TABLE,
    keys=("check_in_id", "class_session_id", "member_id"),
    must=("check_in_id", "class_session_id", "member_id"),
    broken=(("checked_in_at", "just now"), ("booking_id", "none")),
)
FIRST_CHECK_IN_ID = 30_000_001
NO_BOOKING = 0
_EARLIEST, _LATEST = -10 * 60, 5 * 60
_A_MEMBER_AND_DATE = 3


@dataclass(frozen=True)
class CheckIns:
    """One element a check-in that counts. `member_id` is the id, for some are nobody's; `class_session` a position."""

    check_in_id: np.ndarray
    member_id: np.ndarray
    class_session: np.ndarray
    booking_id: np.ndarray
    checked_in_at: np.ndarray

    def __len__(self) -> int:
        return len(self.check_in_id)


@dataclass(frozen=True)
class Exported:
    """The check-ins that count, all rows to write, and what is wrong with them."""

    check_ins: CheckIns
    rows: Rows
    defects: Defects


def exported(world: World, days: Days) -> Exported:
    """A stretch's check-ins: of those who came to a class, unless nobody was signed in there."""
    chain, schedule, visits = world.chain, world.schedule(days), world.visits(days)
    dice, defects = chain.dice("check-ins", days.number), world.defects(TABLE, days)
    in_class = visits.where(visits.class_session != NO_CLASS)
    in_class = in_class.where(~schedule.is_unrecorded[in_class.class_session])
    n = len(in_class)
    at = schedule.starts_at[in_class.class_session] + dice.integers(_EARLIEST, _LATEST + 1, n)
    at = np.clip(at, in_class.login + 20, in_class.logout - 60)
    booking = _booking_of(world.bookings(days), in_class, schedule)
    strange = np.sort(defects.dice.permutation(n)[: defects.count("unknown_member", n)])
    each_date = len(world.members) * _A_MEMBER_AND_DATE
    first = FIRST_CHECK_IN_ID + in_class.date * each_date
    check_ins = CheckIns(
        check_in_id=np.concatenate(
            [first + numbered(in_class.date), (first + each_date)[strange] - 1 - numbered(in_class.date[strange])]
        ),
        member_id=np.concatenate(
            [world.members.user_id[in_class.member], FIRST_UNKNOWN_USER_ID + (at[strange] // 7) % 50_000]
        ),
        class_session=np.concatenate([in_class.class_session, in_class.class_session[strange]]),
        booking_id=np.concatenate([booking, np.full(len(strange), NO_BOOKING)]),
        checked_in_at=np.concatenate([at, at[strange]]),
    )
    rows = _rows(world, check_ins, schedule)
    found = rows.take(np.arange(n, len(rows)))
    defects.note("unknown_member", FLAGGED, keys=found.keys(SHAPE.keys), days=found.day, flag="is_known_member")
    return Exported(check_ins, rows.free(np.arange(len(rows)) < n), defects)


def _booking_of(bookings: Bookings, visits: Visits, schedule: Schedule) -> np.ndarray:
    """The number of the standing booking that each visit to a class answers; NO_BOOKING for a walk-in."""
    standing = bookings.where(bookings.stands)
    pair = standing.member.astype(np.int64) * len(schedule) + standing.class_session
    order = np.argsort(pair)
    pair = pair[order]
    wanted = visits.member.astype(np.int64) * len(schedule) + visits.class_session
    at = np.minimum(np.searchsorted(pair, wanted), max(len(pair) - 1, 0))
    if not len(pair):
        return np.full(len(visits), NO_BOOKING)
    return np.where(pair[at] == wanted, standing.booking_id[order][at], NO_BOOKING)


def _rows(world: World, check_ins: CheckIns, schedule: Schedule) -> Rows:
    text = pa.table(
        {
            "check_in_id": whole(check_ins.check_in_id),
            "class_session_id": whole(schedule.class_session_id[check_ins.class_session]),
            "member_id": whole(check_ins.member_id),
            "booking_id": whole(check_ins.booking_id, missing=check_ins.booking_id == NO_BOOKING),
            "checked_in_at": utc_text(check_ins.checked_in_at),
        }
    )
    return Rows(text, world.chain.day_of(check_ins.checked_in_at), check_ins.checked_in_at)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows to write."""
    made = world.made(exported, days)
    defects.include(made.defects)
    return made.rows


STREAM = Stream(table=TABLE, shape=SHAPE, rows=rows, ahead=1)
