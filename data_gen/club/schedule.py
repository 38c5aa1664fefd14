"""The timetable of classes: which class is held when, where and by whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_gen.chain.days import Days


@dataclass(frozen=True)
class Schedule:
    """One element a class session, by start. `class_type` and `gym` are positions; times UTC seconds, `date` local."""

    class_session_id: np.ndarray
    class_type: np.ndarray
    instructor_id: np.ndarray
    gym: np.ndarray
    starts_at: np.ndarray
    ends_at: np.ndarray
    capacity: np.ndarray
    is_cancelled: np.ndarray
    date: np.ndarray
    drop_in_cents: np.ndarray

    def __len__(self) -> int:
        return len(self.class_session_id)


def plan_schedule(world, days: Days) -> Schedule:
    """The sessions of these days."""
    none = np.zeros(0, np.int64)
    return Schedule(*[none] * 7, np.zeros(0, bool), none, none)
