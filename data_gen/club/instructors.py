"""Who teaches: the instructors of each gym, who come and go, and their export."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS, Parameters
from data_gen.writing.rows import Rows, date_text, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

FIRST_INSTRUCTOR_ID = 3001
# A gym's posts for each of its rooms, and how long one person keeps a post.
POSTS = 8
_DAYS_IN_POST, _LEAST_DAYS_IN_POST = 540, 60
_STYLES = (
    "Blaze", "Thunder", "Echo", "Nova", "Pulse", "Granite", "Comet", "Breeze", "Tiger", "Maverick", "Lotus", "Viper",
    "Cobalt", "Jazz", "Titan", "Velvet", "Rocket", "Sparrow", "Onyx", "Zen", "Falcon", "Ember", "Storm", "Pixel",
)  # fmt: skip
_TITLES = ("Coach", "DJ", "Captain", "Doc", "Sensei", "Major", "Lady", "Sir", "Iron", "Silver", "Golden", "Turbo")
NEVER_LEFT = np.int64(2**31 - 1)
_MEMBERS_A_ROOM = 10_000
# The system knows of them so long before they begin and before they leave.
_KNOWN_BEFORE, _NOTICE = 21, 28


@dataclass(frozen=True)
class Instructors:
    """One element an instructor; `gym` is a position, days count from the chain's first and may be negative.

    `liked` is a weight of how they draw people, `skill` the mean of the stars they get. `at_post` (gyms, posts)
    lists the instructors (positions) who held a post, one after another.
    """

    instructor_id: np.ndarray
    gym: np.ndarray
    hired_day: np.ndarray
    left_day: np.ndarray
    liked: np.ndarray
    skill: np.ndarray
    post: np.ndarray

    def __len__(self) -> int:
        return len(self.instructor_id)

    def on(self, day: int, gym: np.ndarray, post: np.ndarray) -> np.ndarray:
        """Positions of those who hold these posts on `day`."""
        there = np.flatnonzero((self.hired_day <= day) & (day < self.left_day))
        posts = int(self.post.max()) + 1
        holder = np.zeros(len(GYMS) * posts, np.int64)
        holder[self.gym[there] * posts + self.post[there]] = there
        return holder[gym * posts + post]


@lru_cache(maxsize=2)
def draw_instructors(chain: Parameters) -> Instructors:
    """All who teach between the chain's first day and a month after its last; no post is ever empty."""
    dice = chain.dice("instructors")
    found = []
    for gym in range(len(GYMS)):
        for post in range(POSTS * rooms(chain)):
            since = -int(dice.integers(30, 900))
            while since < chain.days + 31:
                until = since + _LEAST_DAYS_IN_POST + int(dice.exponential(_DAYS_IN_POST))
                if until > 0:
                    found.append((gym, since, until if until < chain.days else NEVER_LEFT, post))
                since = until if until < chain.days else chain.days + 31
    gym, hired, left, post = (np.array(column, np.int64) for column in zip(*found, strict=True))
    n = len(gym)
    return Instructors(
        instructor_id=FIRST_INSTRUCTOR_ID + np.arange(n),
        gym=gym,
        hired_day=hired,
        left_day=left,
        liked=np.clip(dice.lognormal(0, 0.5, n), 0.3, 3.0),
        skill=np.clip(dice.normal(4.1, 0.45, n), 2.6, 4.9),
        post=post,
    )


def rooms(chain: Parameters) -> int:
    """Rooms for classes in each gym: one is enough for a usual chain, a big one has more."""
    return max(1, chain.members // _MEMBERS_A_ROOM)


def stage_name(position: int) -> str:
    """The name on the schedule of the instructor at this position: nobody's own."""
    rounds, which = divmod(position, len(_STYLES) * len(_TITLES))
    name = f"{_TITLES[(which // len(_STYLES) + which) % len(_TITLES)]} {_STYLES[which % len(_STYLES)]}"
    return f"{name} {rounds + 1}" if rounds else name


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """Each instructor before the first class, and again when it is known that they leave."""
    chain, everyone = world.chain, draw_instructors(world.chain)
    hired = everyone.hired_day - _KNOWN_BEFORE
    leaving = np.where(everyone.left_day == NEVER_LEFT, NEVER_LEFT, everyone.left_day - _NOTICE)

    def told(known_day: np.ndarray, left_day: np.ndarray) -> Rows:
        is_now = (known_day >= days.first) | days.is_first
        at = np.flatnonzero(is_now & (known_day < days.behind))
        updated_at = chain.begin + known_day[at] * DAY + 9 * 3600
        left = left_day[at]
        text = pa.table(
            {
                "instructor_id": whole(everyone.instructor_id[at]),
                "stage_name": pa.array([stage_name(int(position)) for position in at], pa.string()),
                "home_gym": whole(np.array([gym.number for gym in GYMS])[everyone.gym[at]]),
                "hired_on": date_text(chain, everyone.hired_day[at]),
                "left_on": date_text(chain, np.where(left == NEVER_LEFT, 0, left), left == NEVER_LEFT),
                "updated_at": utc_text(updated_at),
            }
        )
        return Rows(text, chain.day_of(updated_at), updated_at)

    again = told(leaving, everyone.left_day)
    defects.repeat(again.day)
    return told(hired, np.full(len(everyone), NEVER_LEFT)).plus(again)


STREAM = Stream(
    table="club.instructors",
    shape=Shape(
        table="club.instructors",
        keys=("instructor_id", "updated_at"),
        must=("instructor_id", "updated_at"),
        broken=(("hired_on", "in spring"),),
    ),
    rows=rows,
)
