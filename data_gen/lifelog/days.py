"""The lifelog app's daily rows: what a member's day was like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.days import Days
from data_gen.chain.parameters import Parameters
from data_gen.chain.people import Members
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


def minutes_trained(world: World, days: Days) -> np.ndarray:
    """(days, members): minutes of training on each local date."""
    sessions = world.made(sessions_of, days)
    minutes = np.zeros((len(days), len(world.members)), np.float32)
    at = (sessions.date - days.first, sessions.member)
    np.add.at(minutes, at, (sessions.stop - sessions.start) / 60)
    return minutes


def lifelog_rows(chain: Parameters, members: Members, is_member: np.ndarray, day: int, trained: np.ndarray) -> Rows:
    """The clean rows of one date; `trained` are each member's minutes of training on it."""
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
    text = {
        "user_id": whole(members.user_id[who]),
        "date": pa.repeat(pa.scalar(on.isoformat()), n),
        "age": whole(age),
        "gender": pick(GENDERS, members.gender[who]),
        "height_cm": whole(height),
        "activity_type": pick(ACTIVITIES, activity),
        "steps": whole(steps),
        "heart_rate_avg": whole(
            np.clip(members.resting_bpm[who] + 9 + exercise * 0.12 + dice.normal(0, 3, n), 45, 150)
        ),
        "sleep_hours": decimal(np.clip(dice.normal(7.1, 1.1, n), 3, 12), 2),
        "calories_burned": decimal(calories, 1),
        "exercise_minutes": decimal(np.clip(exercise, 0, 400), 1),
        "stress_level": whole(stress),
        "weight_kg": decimal(weight, 1),
        "bmi": decimal(weight / (height / 100) ** 2, 1),
    }
    for column in ("heart_rate_avg", "sleep_hours", "stress_level", "weight_kg", "bmi"):
        gone = pa.array(dice.random(n) < _MISSING_SHARE)
        text[column] = pc.if_else(gone, pa.scalar(None, pa.string()), text[column])
    table = pa.table({column: text[column] for column in COLUMNS})
    return Rows(table, np.full(n, day, np.int32), np.arange(n))
