"""UTC and local wall clocks of the clubs, on whole arrays."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

HOUR = 3600


@lru_cache(maxsize=64)
def _offsets(zone: str, first_hour: int, hours: int) -> np.ndarray:
    """Seconds that `zone` is ahead of UTC in each hour; its changes of clock fall on whole UTC hours."""
    clock = ZoneInfo(zone)
    return np.array(
        [
            int(datetime.fromtimestamp((first_hour + hour) * HOUR, UTC).astimezone(clock).utcoffset().total_seconds())
            for hour in range(hours)
        ],
        dtype=np.int64,
    )


def _offset_at(seconds: np.ndarray, zone: str) -> np.ndarray:
    if not len(seconds):
        return np.zeros(0, np.int64)
    hour = np.asarray(seconds) // HOUR
    # Whole months, so that a day-by-day caller meets the same table again.
    month = 744
    first = int(hour.min()) // month * month
    hours = (int(hour.max()) // month + 1) * month - first
    return _offsets(zone, first, hours)[hour - first]


def to_local(seconds: np.ndarray, zone: str) -> np.ndarray:
    """Wall-clock seconds (as if the wall clock were UTC) of UTC `seconds`."""
    return seconds + _offset_at(seconds, zone)


def to_utc(wall: np.ndarray, zone: str) -> np.ndarray:
    """UTC seconds of wall-clock seconds. A time that the clock skips is read as an hour later."""
    guess = wall - _offset_at(wall, zone)
    found = wall - _offset_at(guess, zone)
    return np.where(to_local(found, zone) == wall, found, guess)


def local_day(seconds: np.ndarray, zone: str) -> np.ndarray:
    """Days since 1970-01-01 of the local dates on which `seconds` (UTC) fall."""
    return to_local(seconds, zone) // 86_400


def clock_changes(zone: str, begin: int, end: int) -> list[int]:
    """The moments (UTC seconds) in [begin, end) at which the zone's clock is put forward or back."""
    hours = np.arange(begin // HOUR - 1, end // HOUR) * HOUR
    offsets = _offset_at(hours, zone)
    return [int(hours[at + 1]) for at in np.flatnonzero(np.diff(offsets))]
