"""Bookings of places in classes: kept, given back early or late, forgotten; and their export."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.app.users import has_app
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, Parameters
from data_gen.chain.visits import chance_of_a_visit, hours_of_day, plan_day, plan_days
from data_gen.club.class_choice import choose, with_a_place
from data_gen.club.schedule import (
    DAYS_AHEAD,
    FIRST_UNKNOWN_CLASS_SESSION_ID,
    NOT_CANCELLED,
    Schedule,
    dates_known,
    published_at,
)
from data_gen.writing.ledger import FLAGGED
from data_gen.writing.rows import Rows, cents_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

FIRST_BOOKING_ID = 20_000_001
CHANNELS = ("app", "web", "desk")
APP, WEB = 0, 1
_CHANNEL_UP_TO = (0.70, 0.82)
_WALK_IN = 0.08
# Of those who come, how many had given the same place back before; and for each expected visit, how many book a class
# that they never go to.
_REBOOKED, _BOOKED_ONLY = 0.025, 0.115
# What becomes of the latter: they stay away, cancel late, or cancel in time.
_STAYS_AWAY, _CANCELS_LATE = 0.48, 0.65
EARLY_ENOUGH = 12 * 3600
_EXACTLY_IN_TIME = 0.03
_AT_MOST_A_DATE = 4  # bookings of one member for one date


@dataclass(frozen=True)
class Bookings:
    """One element a booking, by number. `member` is a position, `class_session` one in the schedule of the same days.

    Times are UTC seconds; `cancelled_at` is NOT_CANCELLED while the place was not given back before the chain's end.
    `channel` is a position in CHANNELS.
    """

    booking_id: np.ndarray
    member: np.ndarray
    class_session: np.ndarray
    class_session_id: np.ndarray
    booked_at: np.ndarray
    cancelled_at: np.ndarray
    channel: np.ndarray
    paid_cents: np.ndarray

    def __len__(self) -> int:
        return len(self.booking_id)

    def where(self, chosen: np.ndarray) -> Bookings:
        """The chosen bookings (a mask or positions)."""
        return Bookings(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @property
    def stands(self) -> np.ndarray:
        """Which places were not given back."""
        return self.cancelled_at == NOT_CANCELLED


def plan_bookings(world: World, days: Days) -> Bookings:
    """All bookings of the classes of these days (and of those known ahead of the chain's end) made before its end."""
    chain, parts, first = world.chain, [], 0
    made = world.made(plan_days, days)
    for date in dates_known(chain, days):
        day = made[date - days.first] if date < days.behind else plan_day(world, date)
        parts.append(_bookings_of(world, date, day, first))
        first += len(day.sessions)
    every = Bookings(*(np.concatenate([getattr(one, f.name) for one in parts]) for f in fields(Bookings)))
    return every.where(every.booked_at < chain.end)


def _bookings_of(world: World, date: int, day, first: int) -> Bookings:
    """The bookings of one local date; its sessions stand from position `first` on."""
    chain, sessions = world.chain, day.sessions
    dice = chain.dice("bookings", date)
    goes = np.flatnonzero(dice.random(len(day.goers.member)) >= _WALK_IN)
    member, session = day.goers.member[goes], day.goers.session[goes]
    lead = _lead(dice, len(goes))

    before = np.flatnonzero((dice.random(len(goes)) < _REBOOKED) & (lead < 4 * DAY))
    gave_back = lead[before] + dice.integers(60, 7200, len(before))
    had_booked = gave_back + dice.integers(3600, DAY, len(before))

    absent, missed = _booked_only(world, date, day, dice)
    fate = dice.random(len(absent))
    stays_away = fate < _STAYS_AWAY
    taken = np.bincount(day.goers.session, minlength=len(sessions))
    has_place = with_a_place(np.where(stays_away, missed, -1), sessions.capacity - taken, dice.random(len(absent)))
    is_late = ~stays_away & (fate < _CANCELS_LATE)
    is_early = fate >= _CANCELS_LATE
    first_lead = np.where(is_early, EARLY_ENOUGH + 1800 + _lead(dice, len(absent)), _lead(dice, len(absent)) + 1200)
    share = dice.random(len(absent))
    late = 600 + share * (np.minimum(first_lead, EARLY_ENOUGH) - 1200)
    early = EARLY_ENOUGH + share * (first_lead - EARLY_ENOUGH - 600)
    early = np.where(dice.random(len(absent)) < _EXACTLY_IN_TIME, EARLY_ENOUGH, early)
    cancels_before = np.where(is_early, early, late).astype(np.int64)

    keeps = has_place | is_late | is_early
    member = np.concatenate([member, member[before], absent[keeps]])
    session = np.concatenate([session, session[before], missed[keeps]])
    lead = np.concatenate([lead, had_booked, first_lead[keeps]])
    given_back = np.where(stays_away, -1, cancels_before)[keeps]
    given_back = np.concatenate([np.full(len(goes), -1), gave_back, given_back])

    starts_at = sessions.starts_at[session]
    joined = chain.begin + (world.lives.joined_day[member].astype(np.int64) + 1) * DAY
    earliest = np.maximum(np.minimum(joined, starts_at - 900), published_at(chain, date))
    booked_at = np.maximum(starts_at - lead, earliest)
    cancelled_at = np.where(given_back < 0, NOT_CANCELLED, starts_at - given_back)
    # A class that was called off takes no more bookings, and nobody gives back a place there.
    called_off = sessions.cancelled_at[session]
    cancelled_at = np.where(cancelled_at < called_off, np.maximum(cancelled_at, booked_at + 30), NOT_CANCELLED)
    cancelled_at = np.where(cancelled_at < chain.end, cancelled_at, NOT_CANCELLED)
    includes = world.lives.includes_classes(min(date, chain.last_day))[member]
    order = np.lexsort((booked_at, member))
    n = len(order)
    every = Bookings(
        booking_id=FIRST_BOOKING_ID + date * len(world.members) * _AT_MOST_A_DATE + np.arange(n),
        member=member[order],
        class_session=first + session[order],
        class_session_id=sessions.class_session_id[session[order]],
        booked_at=booked_at[order],
        cancelled_at=cancelled_at[order],
        channel=_channels(chain, member[order], dice.random(n)),
        paid_cents=np.where(includes, 0, sessions.drop_in_cents[session])[order],
    )
    return every.where((booked_at < called_off)[order])


def _channels(chain: Parameters, member: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """How each booking comes in; who has no app uses the web site instead."""
    channel = np.searchsorted(_CHANNEL_UP_TO, drawn, side="right")
    return np.where((channel == APP) & ~has_app(chain, member), WEB, channel)


def _lead(dice: np.random.Generator, n: int) -> np.ndarray:
    """How long before the class people book, in seconds: 20 minutes to a week, most a day or two."""
    return np.clip(dice.exponential(1.4 * DAY, n), 1200, (DAYS_AHEAD - 0.5) * DAY).astype(np.int64)


def _booked_only(world: World, date: int, day, dice: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(member, session) of those who book a class of that date and do not come."""
    chance = chance_of_a_visit(world, date) * _BOOKED_ONLY
    member = np.flatnonzero(dice.random(len(chance)) < chance)
    busy = np.zeros(len(chance), bool)
    busy[day.visits.member] = True
    busy[day.goers.member] = True
    member = member[~busy[member]]
    gym = world.members.gym[member].astype(np.int64)
    hour = hours_of_day(world, member, dice)
    return member, choose(world.chain, day.sessions, member, gym, hour, dice)


SHAPE = Shape(
    table="club.bookings",
    keys=("booking_id", "class_session_id", "member_id", "updated_at"),
    must=("booking_id", "class_session_id", "member_id", "updated_at"),
    broken=(("booked_at", "soon"), ("paid", "free")),
)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """Each booking when it is made, and again when the place is given back."""
    bookings = world.made(plan_bookings, days)
    schedule = world.schedule(days)
    made = _rows(world, bookings, bookings.booked_at, np.full(len(bookings), NOT_CANCELLED))
    back = bookings.where(~bookings.stands)
    given_back = _rows(world, back, back.cancelled_at, back.cancelled_at)
    defects.repeat(given_back.day)
    return made.plus(given_back, _of_unknown_classes(world, bookings, schedule, days, defects))


def _rows(world: World, bookings: Bookings, updated_at: np.ndarray, cancelled_at: np.ndarray) -> Rows:
    n = len(bookings)
    text = pa.table(
        {
            "booking_id": whole(bookings.booking_id),
            "class_session_id": whole(bookings.class_session_id),
            "member_id": whole(world.members.user_id[bookings.member]),
            "booked_at": utc_text(bookings.booked_at),
            "cancelled_at": utc_text(
                np.where(cancelled_at == NOT_CANCELLED, 0, cancelled_at), cancelled_at == NOT_CANCELLED
            ),
            "channel": pick(list(CHANNELS), bookings.channel),
            "paid": cents_text(bookings.paid_cents),
            "currency": pa.repeat(pa.scalar("USD"), n),
            "updated_at": utc_text(updated_at),
        }
    )
    return Rows(text, world.chain.day_of(updated_at), updated_at)


def _of_unknown_classes(world: World, bookings: Bookings, schedule: Schedule, days: Days, defects: Defects) -> Rows:
    """Bookings of class sessions that no schedule ever told of."""
    count = defects.count("orphan_booking", len(bookings))
    like = bookings.where(np.sort(defects.dice.permutation(len(bookings))[:count]))
    number = len(world.members) * _AT_MOST_A_DATE
    date = schedule.date[like.class_session]
    # The last numbers of each date, which no booking has.
    strange = Bookings(
        booking_id=FIRST_BOOKING_ID + (date + 1) * number - 1 - np.arange(len(like)),
        member=like.member,
        class_session=like.class_session,
        class_session_id=FIRST_UNKNOWN_CLASS_SESSION_ID + days.number * 50 + np.arange(len(like)) % 50,
        booked_at=like.booked_at,
        cancelled_at=np.full(len(like), NOT_CANCELLED),
        channel=like.channel,
        paid_cents=like.paid_cents,
    )
    found = _rows(world, strange, strange.booked_at, strange.cancelled_at)
    defects.note("orphan_booking", FLAGGED, keys=found.keys(SHAPE.keys), days=found.day, flag="is_known_session")
    return found.free(np.zeros(len(found), bool))


STREAM = Stream(table="club.bookings", shape=SHAPE, rows=rows, back=DAYS_AHEAD, ahead=1)
