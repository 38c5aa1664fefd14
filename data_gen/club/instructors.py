"""Who teaches: the instructors of each gym, who come and go, and their export."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data_gen.chain.parameters import GYMS, Parameters

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
def draw_instructors(chain: Parameters, rooms: int) -> Instructors:
    """All who teach between the chain's first day and a month after its last; no post is ever empty."""
    dice = chain.dice("instructors")
    found = []
    for gym in range(len(GYMS)):
        for post in range(POSTS * rooms):
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


def stage_name(position: int) -> str:
    """The name on the schedule of the instructor at this position: nobody's own."""
    rounds, which = divmod(position, len(_STYLES) * len(_TITLES))
    name = f"{_TITLES[(which // len(_STYLES) + which) % len(_TITLES)]} {_STYLES[which % len(_STYLES)]}"
    return f"{name} {rounds + 1}" if rounds else name
