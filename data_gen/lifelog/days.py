"""The lifelog app's daily rows: what a member's day was like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.crm.profiles import GENDERS
from data_gen.devices.workouts import sessions_of
from data_gen.writing.rows import Rows, decimal, pick, whole

if TYPE_CHECKING:
    from data_gen.chain.world import World

COLUMNS = (
    "user_id", "date", "age", "gender", "height_cm", "activity_type", "steps", "heart_rate_avg", "sleep_hours",
    "calories_burned", "exercise_minutes", "stress_level", "weight_kg", "bmi",
)  # fmt: skip
ACTIVITIES = ["walking", "running", "cycling", "hiking", "swimming", "yoga", "gym_workout"]
_LOGGED_SHARE = 0.92
_MISSING_SHARE = 0.03
_SOMETIMES_MISSING = ("heart_rate_avg", "sleep_hours", "stress_level", "weight_kg", "bmi")
_WHOLE = ("user_id", "age", "height_cm", "steps", "heart_rate_avg", "stress_level")
_DIGITS = {"sleep_hours": 2, "calories_burned": 1, "exercise_minutes": 1, "weight_kg": 1, "bmi": 1}


def minutes_trained(world: World, days: Days) -> np.ndarray:
    """(days, members): minutes of training on each local date."""
    sessions = world.made(sessions_of, days)
    minutes = np.zeros((len(days), len(world.members)), np.float32)
    at = (sessions.date - days.first, sessions.member)
    np.add.at(minutes, at, (sessions.stop - sessions.start) / 60)
    return minutes


def lifelog_rows(world: World, days: Days) -> Rows:
    """The clean rows of these dates."""
    trained = minutes_trained(world, days)
    parts = [_measured(world, day, trained[day - days.first]) for day in days]
    rows = np.array([len(part["user_id"]) for part in parts])
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    missing = {name: values[f"{name} is missing"] for name in _SOMETIMES_MISSING}
    dates = [world.chain.date_of(day).isoformat() for day in days]
    texts = {
        **{name: whole(values[name], missing.get(name)) for name in _WHOLE},
        **{name: decimal(values[name], digits, missing.get(name)) for name, digits in _DIGITS.items()},
        "date": pick(dates, np.repeat(np.arange(len(days)), rows)),
        "gender": pick(GENDERS, values["gender"]),
        "activity_type": pick(ACTIVITIES, values["activity_type"]),
    }
    order = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
    return Rows(pa.table({column: texts[column] for column in COLUMNS}), np.repeat(list(days), rows), order)


def _measured(world: World, day: int, trained: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of one date, and which values are missing; `trained` are each member's minutes of training on it."""
    chain, members, is_member = world.chain, world.members, world.lives.is_member(day)
    dice, on = chain.dice("lifelog", day), chain.date_of(day)
    logs = members.keeps_lifelog & is_member
    who = np.flatnonzero(logs & (dice.random(len(members)) < _LOGGED_SHARE))
    n = len(who)
    exercise = trained[who] + np.where(dice.random(n) < 0.4, dice.gamma(2.0, 14.0, n), 0)
    steps = np.clip(dice.lognormal(8.75, 0.5, n) + exercise * 40, 150, 45_000)
    age = members.age_on(on)[who]
    height = members.height_cm[who]
    trend = (members.user_id[who] * 7919 % 41 - 20) / 1000  # Kilograms a day, a member's own.
    weight = np.clip(members.weight_kg[who] + trend * day + dice.normal(0, 0.3, n), 38, 180).round(1)
    basal = 10 * weight + 6.25 * height - 5 * age + np.where(members.sex[who] == 1, 5, -161)
    calories = np.clip(basal * dice.normal(1.2, 0.05, n) + steps * 0.03 + exercise * 6, 900, 7000)
    stress = np.clip(np.rint(dice.normal(5 - np.minimum(exercise, 60) / 40, 1.8, n)), 1, 10)
    activity = np.where(trained[who] > 0, ACTIVITIES.index("gym_workout"), dice.integers(0, 6, n))
    values = {
        "user_id": members.user_id[who],
        "age": age,
        "gender": members.gender[who],
        "height_cm": height,
        "activity_type": activity,
        "steps": steps,
        "heart_rate_avg": np.clip(members.resting_bpm[who] + 9 + exercise * 0.12 + dice.normal(0, 3, n), 45, 150),
        "sleep_hours": np.clip(dice.normal(7.1, 1.1, n), 3, 12),
        "calories_burned": calories,
        "exercise_minutes": np.clip(exercise, 0, 400),
        "stress_level": stress,
        "weight_kg": weight,
        "bmi": weight / (height / 100) ** 2,
    }
    return values | {f"{name} is missing": dice.random(n) < _MISSING_SHARE for name in _SOMETIMES_MISSING}
