"""The members: who they are, where they train, and the hidden engagement that drives all they do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from faker import Faker

from data_gen.chain.parameters import DAY, FIRST_USER_ID, GYMS, Parameters

# Of who joins; the keen stay longer, so that members in their first year come 4.1 times a month.
VISITS_A_MONTH = 3.97
# Visits a month are Poisson around a gamma-distributed engagement; this shape leaves 30 % of months without a visit.
ENGAGEMENT_SHAPE = 0.570
# The turnstiles see a phone or a watch of nearly everybody.
DEVICE_OWNER_SHARE = 0.95
LIFELOG_SHARE = 0.15
NEVER = np.int64(2**40)

# (city, state, first zip code, how many); New Jersey's begin with zero.
PLACES = (
    ("New York", "NY", 10001, 40),
    ("Yonkers", "NY", 10701, 10),
    ("Hoboken", "NJ", 7030, 1),
    ("Newark", "NJ", 7101, 8),
    ("Phoenix", "AZ", 85003, 40),
    ("Tempe", "AZ", 85280, 8),
    ("Scottsdale", "AZ", 85250, 12),
    ("Glendale", "AZ", 85301, 12),
    ("Honolulu", "HI", 96813, 10),
    ("Kailua", "HI", 96734, 1),
)
_PLACES_NEAR = {"NY": (0, 1, 2, 3), "AZ": (4, 5, 6, 7), "HI": (8, 9)}
# Names that also mean something else, so that a search for leaked names would find them everywhere.
_AMBIGUOUS_NAMES = {"April", "May", "June", "August", "Summer", "Autumn", "York", "Newark", "Glendale", "Phoenix"}


@dataclass(frozen=True)
class Pools:
    """Names and streets to draw from; `first_names` are by sex (0 F, 1 M)."""

    first_names: tuple[pa.Array, pa.Array]
    last_names: pa.Array
    streets: pa.Array


@dataclass(frozen=True)
class Members:
    """One element a member in every array; `gym` and `place` are positions in their lists."""

    user_id: np.ndarray
    gym: np.ndarray
    place: np.ndarray
    sex: np.ndarray
    gender: np.ndarray
    birth_day: np.ndarray
    visits_a_month: np.ndarray
    morning: np.ndarray
    resting_bpm: np.ndarray
    height_cm: np.ndarray
    weight_kg: np.ndarray
    owns_device: np.ndarray
    keeps_lifelog: np.ndarray
    counts_workouts_daily: np.ndarray

    def __len__(self) -> int:
        return len(self.user_id)

    def age_on(self, day: date) -> np.ndarray:
        """Whole years of age on `day`."""
        born_month, born_dom = self._born
        months = np.datetime64(day, "M").astype(np.int32) - born_month
        return ((months - (born_dom > day.day)) // 12).astype(np.int64)

    @cached_property
    def _born(self) -> tuple[np.ndarray, np.ndarray]:
        """Months since 1970-01 and day of the month of the birth."""
        born = self.birth_day.astype("datetime64[D]")
        month = born.astype("datetime64[M]")
        day = (born - month.astype("datetime64[D]")).astype(np.int8) + np.int8(1)
        return month.astype(np.int32), day


def draw_pools(chain: Parameters) -> Pools:
    """Names and streets, the same for the same seed."""
    fake = Faker("en_US")
    fake.seed_instance(chain.seed)

    def pool(draw, size: int) -> pa.Array:
        drawn = dict.fromkeys(draw() for _ in range(size))
        return pa.array([text for text in drawn if text not in _AMBIGUOUS_NAMES])

    return Pools(
        first_names=(pool(fake.first_name_female, 250), pool(fake.first_name_male, 250)),
        last_names=pool(fake.last_name, 500),
        streets=pool(fake.street_name, 400),
    )


def draw_members(chain: Parameters) -> Members:
    """The chain's members, former and future ones among them."""
    dice, n = chain.dice("members"), chain.members
    gym = dice.choice(len(GYMS), n, p=[gym.share for gym in GYMS])
    near = [_PLACES_NEAR[gym.state] for gym in GYMS]
    nearest = np.array([places[0] for places in near])[gym]
    place = nearest + dice.integers(0, 4, n) % np.array([len(places) for places in near])[gym]

    sex = dice.integers(0, 2, n)
    age_days = (np.clip(dice.gamma(4.0, 6.0, n) + 18, 18.1, 79.0) * 365.25).astype(np.int64)
    height = np.clip(dice.normal(np.where(sex == 1, 177, 164), 7.0), 145, 205).round()
    bmi = np.clip(dice.normal(25.5, 3.8, n), 17.5, 42)
    return Members(
        user_id=FIRST_USER_ID + np.arange(n, dtype=np.int64),
        gym=gym,
        place=place,
        sex=sex,
        gender=np.where(dice.random(n) < 0.03, 2, sex),
        birth_day=chain.begin // DAY - age_days,
        visits_a_month=dice.gamma(ENGAGEMENT_SHAPE, VISITS_A_MONTH / ENGAGEMENT_SHAPE, n),
        morning=dice.beta(1.2, 1.4, n),
        resting_bpm=np.clip(dice.normal(64, 7, n), 45, 85),
        height_cm=height,
        weight_kg=(bmi * (height / 100) ** 2).round(1),
        owns_device=dice.random(n) < DEVICE_OWNER_SHARE,
        keeps_lifelog=dice.random(n) < LIFELOG_SHARE,
        counts_workouts_daily=dice.random(n) < 0.15,
    )
