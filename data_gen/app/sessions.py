"""What members do in the app when they open it: look around, and keep an eye on their goals."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from data_gen.app.users import has_app
from data_gen.chain.clock import to_utc
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS
from data_gen.chain.traits import chance

if TYPE_CHECKING:
    from data_gen.chain.world import World

EVENT_TYPES = [
    "login", "class_booked", "calendar_viewed", "goal_set", "goal_progress", "browse", "class_cancelled",
]  # fmt: skip
LOGIN, CLASS_BOOKED, CALENDAR_VIEWED, GOAL_SET, GOAL_PROGRESS, BROWSE, CLASS_CANCELLED = range(7)
PAGES = ["home", "classes", "shop", "profile", "challenges", "videos"]
GOAL_TYPES = ["visits_a_month", "weight_kg", "minutes_a_week"]
NONE = -1

_DAYS_A_MONTH = 365.25 / 12
_OPENS_A_MONTH, _OPENS_PER_VISIT, _MOST_VISITS = 2.0, 0.6, 14.0
_WHILE_PAUSED = 0.3
# Who is about to leave loses interest in the app first, in these days before the last one.
_FADES, _LEAST_INTEREST = 49, 0.1
# In the order of what is done within one opening, with how likely it is.
_STEPS = (
    (LOGIN, 1.0),
    (BROWSE, 0.60),
    (CALENDAR_VIEWED, 0.50),
    (BROWSE, 0.30),
    (GOAL_PROGRESS, 0.35),
    (GOAL_SET, 0.03),
)
_STEPS_KEPT = 8
_PLACES_IN_A_DAY = 2**36


@dataclass(frozen=True)
class Happened:
    """One element an event. `member` is a position; times UTC seconds; what an event has not is `NONE` or NaN.

    `number` is the event's own, from which its id is made. `kind`, `goal` and `page` are positions in their lists.
    """

    number: np.ndarray
    member: np.ndarray
    kind: np.ndarray
    at: np.ndarray
    class_session_id: np.ndarray
    goal: np.ndarray
    target: np.ndarray
    progress: np.ndarray
    page: np.ndarray

    def __len__(self) -> int:
        return len(self.number)

    def where(self, chosen: np.ndarray) -> Happened:
        """The chosen events (a mask or positions)."""
        return Happened(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def plus(self, *others: Happened) -> Happened:
        """These events, then those of `others`."""
        every = (self, *others)
        return Happened(
            **{field.name: np.concatenate([getattr(one, field.name) for one in every]) for field in fields(self)}
        )


def plain(number: np.ndarray, member: np.ndarray, kind: np.ndarray, at: np.ndarray) -> Happened:
    """Events about nothing in particular."""
    none, nothing = np.full(len(number), NONE, np.int64), np.full(len(number), np.nan)
    return Happened(number, member, kind, at, none, none, nothing, nothing, none)


def in_app(world: World, days: Days) -> Happened:
    """All that happens in openings of the app on these local dates of the members' own gyms."""
    chain, members, lives = world.chain, world.members, world.lives
    users = np.flatnonzero(has_app(chain, np.arange(len(members))))
    wall, member, place = [], [], []
    for day in days:
        dice = chain.dice("app openings", day)
        visits = np.where(lives.may_train(day), lives.visits_a_month(day), 0.0)[users]
        interest = np.clip((lives.left_day[users] - day) / _FADES, _LEAST_INTEREST, 1.0)
        interest *= np.where(lives.may_train(day)[users], 1.0, _WHILE_PAUSED) * lives.is_member(day)[users]
        a_month = (_OPENS_A_MONTH + _OPENS_PER_VISIT * np.minimum(visits, _MOST_VISITS)) * interest
        opens = users[dice.random(len(users)) < a_month / _DAYS_A_MONTH]
        part = dice.choice(3, len(opens), p=[0.25, 0.2, 0.55])
        hour = dice.normal(np.array([7.2, 12.4, 20.2])[part], np.array([0.7, 0.8, 1.4])[part])
        wall.append(chain.begin + day * DAY + (np.clip(hour, 5.5, 23.8) * 3600).astype(np.int64))
        member.append(opens)
        place.append((day + 1) * _PLACES_IN_A_DAY + np.arange(len(opens)) * _STEPS_KEPT)
    member, place = np.concatenate(member), np.concatenate(place)
    begin = _utc(members.gym[member], np.concatenate(wall))

    dice, shape = chain.dice("app steps", days.number), (len(member), len(_STEPS))
    done = dice.random(shape) < np.array([likely for _, likely in _STEPS])
    at = begin[:, None] + np.cumsum(dice.integers(5, 90, shape), axis=1)
    done &= at < chain.end
    opening, step = np.nonzero(done)
    made = plain(
        place[opening] + step, member[opening], np.array([kind for kind, _ in _STEPS])[step], at[opening, step]
    )
    return _with_what_it_is_about(world, dice, made)


def _with_what_it_is_about(world: World, dice: np.random.Generator, events: Happened) -> Happened:
    """Pages of what was browsed, and goals of members: one each, kept for ever."""
    chain, member = world.chain, events.member
    page = np.where(events.kind == BROWSE, dice.integers(0, len(PAGES), len(events)), NONE)
    is_goal = (events.kind == GOAL_SET) | (events.kind == GOAL_PROGRESS)
    goal = (chance(chain, "goal", member) * len(GOAL_TYPES)).astype(np.int64)
    ambition = chance(chain, "ambition", member)
    weight = world.members.weight_kg[member]
    target = np.select(
        [goal == 0, goal == 1], [4 * (1 + np.floor(ambition * 4)), np.round(weight * (0.97 - 0.1 * ambition))],
        60 + 30 * np.floor(ambition * 5),
    )  # fmt: skip
    way = dice.random(len(events))
    reached = np.where(goal == 1, np.round(weight + (target - weight) * way, 1), np.floor(target * way * 1.1))
    return Happened(
        number=events.number,
        member=member,
        kind=events.kind,
        at=events.at,
        class_session_id=events.class_session_id,
        goal=np.where(is_goal, goal, NONE),
        target=np.where(is_goal, target, np.nan),
        progress=np.where(events.kind == GOAL_PROGRESS, reached, np.nan),
        page=page,
    )


def _utc(gym: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """UTC seconds of wall clocks at these gyms (positions)."""
    utc = np.zeros(len(wall), np.int64)
    for position, each in enumerate(GYMS):
        here = gym == position
        utc[here] = to_utc(wall[here], each.zone)
    return utc
