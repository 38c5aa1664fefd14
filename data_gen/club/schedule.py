"""The timetable of classes: which class is held when, where and by whom."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.clock import to_utc
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS, Parameters
from data_gen.club.class_types import CLASS_TYPES, NIGHT_TYPE
from data_gen.club.instructors import POSTS, draw_instructors, rooms

if TYPE_CHECKING:
    from data_gen.chain.world import World

FIRST_CLASS_SESSION_ID = 1_000_001
# No session of the chain has such a number.
FIRST_UNKNOWN_CLASS_SESSION_ID = 900_001
# The schedule is known so many days ahead, also beyond the chain's last day.
DAYS_AHEAD = 7
NIGHT_HOUR = 23.5
NOT_CANCELLED = np.int64(2**40)
_HOURS = np.array([6.0, 7.25, 8.5, 10.0, 12.25, 16.5, 17.75, 19.0, 20.25])
_HOUR_WEIGHTS = np.array([1.0, 1.4, 1.0, 0.6, 0.7, 0.8, 1.5, 1.5, 1.0])
_LEAST_CLASSES, _MOST_CLASSES = 4, 9
_CANCELLED = 0.025
# Sessions at which the instructor signed nobody in, though people were there.
_UNRECORDED = 0.015
_CENTS_BY_MINUTES = {30: 1200, 45: 1800, 60: 2200}
# Numbers kept free for each date, for rows of sessions that cannot be.
SPARE_IDS = 250


@dataclass(frozen=True)
class Schedule:
    """One element a class session, by date and number. `class_type` and `gym` are positions; times UTC seconds.

    `date` is the local date, a day index. `cancelled_at` is when the session was called off, NOT_CANCELLED if never
    (or not until the chain's end). `is_unrecorded`: nobody was signed in, whoever came.
    """

    class_session_id: np.ndarray
    class_type: np.ndarray
    instructor_id: np.ndarray
    gym: np.ndarray
    room: np.ndarray
    starts_at: np.ndarray
    ends_at: np.ndarray
    capacity: np.ndarray
    is_cancelled: np.ndarray
    cancelled_at: np.ndarray
    is_unrecorded: np.ndarray
    date: np.ndarray
    drop_in_cents: np.ndarray

    def __len__(self) -> int:
        return len(self.class_session_id)

    def where(self, chosen: np.ndarray) -> Schedule:
        """The chosen sessions (a mask or positions)."""
        return Schedule(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def position_of(self, class_session_id: np.ndarray) -> np.ndarray:
        """Positions of these sessions, all of which are in it."""
        return np.searchsorted(self.class_session_id, class_session_id)


@dataclass(frozen=True)
class _Timetable:
    """One element a class of one weekday; `post` is who of the gym's instructors teaches, `hour` on the wall clock."""

    gym: np.ndarray
    room: np.ndarray
    hour: np.ndarray
    class_type: np.ndarray
    post: np.ndarray
    capacity: np.ndarray


def ids_a_date(chain: Parameters) -> int:
    """How many numbers of sessions each date has; the last `SPARE_IDS` of them are never held."""
    return len(GYMS) * rooms(chain) * (_MOST_CLASSES + 1) + SPARE_IDS


def dates_known(chain: Parameters, days: Days) -> range:
    """The local dates whose classes a stretch tells of: its own, and after the last stretch those known ahead."""
    is_last = days.behind == chain.days
    return range(days.first, days.behind + (DAYS_AHEAD if is_last else 0))


def published_at(chain: Parameters, date: np.ndarray) -> np.ndarray:
    """When the sessions of a local date came onto the schedule."""
    return chain.begin + (np.asarray(date, np.int64) - DAYS_AHEAD) * DAY + 2 * 3600


def plan_schedule(world: World, days: Days) -> Schedule:
    """The sessions of these days, and after the last stretch those of the days that are known ahead."""
    dates = [sessions_on(world.chain, date) for date in dates_known(world.chain, days)]
    return Schedule(*(np.concatenate([getattr(one, f.name) for one in dates]) for f in fields(Schedule)))


@lru_cache(maxsize=64)
def sessions_on(chain: Parameters, date: int) -> Schedule:
    """The sessions of one local date."""
    dice = chain.dice("schedule", date)
    table = _timetables(chain)[chain.date_of(date).weekday()]
    n = len(table.gym)
    wall = chain.begin + date * DAY + (table.hour * 3600).astype(np.int64)
    starts_at = np.zeros(n, np.int64)
    for position, gym in enumerate(GYMS):
        here = table.gym == position
        starts_at[here] = to_utc(wall[here], gym.zone)
    minutes = np.array([each.minutes for each in CLASS_TYPES])[table.class_type]
    is_called_off = dice.random(n) < _CANCELLED
    called_off_at = starts_at - dice.integers(3600, 48 * 3600, n)
    is_cancelled = is_called_off & (called_off_at < chain.end)
    instructors = draw_instructors(chain)
    return Schedule(
        class_session_id=FIRST_CLASS_SESSION_ID + date * ids_a_date(chain) + np.arange(n),
        class_type=table.class_type,
        instructor_id=instructors.instructor_id[instructors.on(date, table.gym, table.post)],
        gym=table.gym,
        room=table.room,
        starts_at=starts_at,
        ends_at=starts_at + minutes * 60,
        capacity=table.capacity,
        is_cancelled=is_cancelled,
        cancelled_at=np.where(is_cancelled, called_off_at, NOT_CANCELLED),
        is_unrecorded=~is_cancelled & (dice.random(n) < _UNRECORDED),
        date=np.full(n, date),
        drop_in_cents=np.array([_CENTS_BY_MINUTES[each.minutes] for each in CLASS_TYPES])[table.class_type],
    )


@lru_cache(maxsize=2)
def _timetables(chain: Parameters) -> list[_Timetable]:
    """The timetable of each weekday; the same all the time."""
    dice = chain.dice("timetable")
    liked = np.array([each.liked for each in CLASS_TYPES])
    places = np.array([each.places for each in CLASS_TYPES])
    night = next(position for position, each in enumerate(CLASS_TYPES) if each.code == NIGHT_TYPE)
    found = []
    for _ in range(7):
        rows = []
        for gym in range(len(GYMS)):
            for room in range(rooms(chain)):
                n = dice.integers(_LEAST_CLASSES, _MOST_CLASSES + 1)
                hours = np.sort(dice.choice(_HOURS, n, replace=False, p=_HOUR_WEIGHTS / _HOUR_WEIGHTS.sum()))
                kinds = dice.choice(len(CLASS_TYPES), n, replace=False, p=liked / liked.sum())
                posts = room * POSTS + np.resize(dice.permutation(POSTS), n)
                rows += [(gym, room, *one) for one in zip(hours, kinds, posts, strict=True)]
            if GYMS[gym].is_24h:
                rows.append((gym, 0, NIGHT_HOUR, night, int(dice.integers(POSTS))))
        rows.sort(key=lambda row: (row[2], row[0], row[1]))
        gym, room, hour, kind, post = (np.array(column) for column in zip(*rows, strict=True))
        capacity = np.clip(places[kind] + dice.integers(-2, 3, len(gym)), 8, 30)
        found.append(_Timetable(gym, room, hour, kind, post, capacity))
    return found
