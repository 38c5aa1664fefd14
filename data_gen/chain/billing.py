"""Billing periods: on which days those of a membership begin."""

from __future__ import annotations

import numpy as np

WEEKLY, FOUR_WEEKLY, MONTHLY, ANNUAL = range(4)
PERIODS = ("weekly", "four_weekly", "monthly", "annual")
# How long a period is: in days, or else in calendar months.
DAYS = {WEEKLY: 7, FOUR_WEEKLY: 28}
_DAYS = np.array([DAYS.get(period, 0) for period in range(len(PERIODS))])
_MONTHS = np.array([0, 0, 1, 12])
# Periods of a year, as (numerator, denominator) of what makes one period's price a month's.
A_MONTH = np.array([(52, 12), (13, 12), (1, 1), (1, 12)])


def period_start(started: np.ndarray, period: np.ndarray, k: np.ndarray) -> np.ndarray:
    """First day of billing period `k` (0, 1 …) of memberships begun on `started`; days since 1970-01-01.

    `period` are positions in `PERIODS`. A month without the day of the month begins its period on its last day.
    """
    month = started.astype("datetime64[D]").astype("datetime64[M]")
    day_of_month = started - month.astype("datetime64[D]").astype(np.int64)
    later = month + _MONTHS[period] * k
    first = later.astype("datetime64[D]").astype(np.int64)
    length = (later + 1).astype("datetime64[D]").astype(np.int64) - first
    return np.where(_DAYS[period] > 0, started + _DAYS[period] * k, first + np.minimum(day_of_month, length - 1))


def first_period_from(started: np.ndarray, period: np.ndarray, day: np.ndarray | int) -> np.ndarray:
    """Number of the first billing period that begins on `day` or later; days since 1970-01-01."""
    month = started.astype("datetime64[D]").astype("datetime64[M]")
    months = (np.asarray(day).astype("datetime64[D]").astype("datetime64[M]") - month).astype(np.int64)
    k = np.maximum(np.where(_DAYS[period] > 0, day - started, months) // np.maximum(_DAYS + _MONTHS, 1)[period], 0)
    return k + (period_start(started, period, k) < day)
