"""UTC and local wall clocks of the clubs, on whole arrays."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

HOUR = 3600
# Hours in which a clock changes once at most.
_FEW_WEEKS = 24 * 45


@lru_cache(maxsize=1024)
def _offset(zone: str, hour: int) -> int:
    """Seconds that `zone` is ahead of UTC in an hour; its changes of clock fall on whole UTC hours."""
    return int(datetime.fromtimestamp(hour * HOUR, UTC).astimezone(ZoneInfo(zone)).utcoffset().total_seconds())


@lru_cache(maxsize=256)
def _changes(zone: str, part: int) -> tuple[int, ...]:
    """The hours of 45 days at which the zone's clock is put forward or back; there is one at most."""
    before, behind = part * _FEW_WEEKS, (part + 1) * _FEW_WEEKS
    if _offset(zone, before) == _offset(zone, behind):
        return ()
    hours = range(before, behind + 1)
    return (hours[bisect_left(hours, True, key=lambda hour: _offset(zone, hour) != _offset(zone, before))],)


def _offset_at(seconds: np.ndarray, zone: str) -> np.ndarray:
    """Seconds that `zone` is ahead of UTC at each of these."""
    if not len(seconds):
        return np.zeros(0, np.int64)
    first, last = int(np.min(seconds)) // HOUR, int(np.max(seconds)) // HOUR
    parts = range(first // _FEW_WEEKS, last // _FEW_WEEKS + 1)
    changes = [hour for part in parts for hour in _changes(zone, part) if first < hour <= last]
    offsets = np.array([_offset(zone, hour) for hour in (first, *changes)], np.int64)
    if not changes:
        return np.broadcast_to(offsets, len(seconds))
    return offsets[np.searchsorted(np.array(changes) * HOUR, seconds, side="right")]


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
