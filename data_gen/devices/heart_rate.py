"""Heart rates: which workouts are recorded, and a plausible curve for each, once a second."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.days import Days
from data_gen.chain.parameters import READINGS
from data_gen.chain.people import Members
from data_gen.devices.workouts import Sessions, sessions_of
from gymhouse.console import Problem

if TYPE_CHECKING:
    from data_gen.chain.world import World

RECORDED_SHARE = 0.165
# Of the seconds of a recording; skin contact is lost for some of them.
LOST_SHARE = 0.003
_LEAD = 10  # Seconds at most that a recording begins before, and ends after, its workout.
NO_VALUE = 300  # Stands for a reading without a value.
# Up to so many, every stretch is looked at before the first is written.
_MEMBER_DAYS_COUNTED = 1_500_000
_MEMBER_DAYS_SUMMED = 50_000_000


@dataclass(frozen=True)
class Readings:
    """One element a reading; `device` is a position, `bpm` whole beats a minute or `NO_VALUE`, `time` UTC seconds."""

    device: np.ndarray
    time: np.ndarray
    bpm: np.ndarray

    def __len__(self) -> int:
        return len(self.device)

    def where(self, chosen: np.ndarray) -> Readings:
        """The chosen readings (a mask or positions)."""
        return Readings(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    @classmethod
    def together(cls, several: list[Readings]) -> Readings:
        """All readings of `several`, in that order."""
        none = cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int16))
        return cls(**{f.name: np.concatenate([getattr(one, f.name) for one in [none, *several]]) for f in fields(cls)})


def recorded_share(world: World) -> float:
    """The share of all workout seconds to record, so that the readings asked for can be expected.

    By default about a sixth, and no more than the usual number of readings. Short chains are counted, of long ones some
    stretches are. Raises `Problem` when all workouts together give fewer readings than asked for.
    """
    chain = world.chain
    given, workouts = _readings_of_all(world)
    if chain.heart_rate is None:
        return min(RECORDED_SHARE, READINGS / max(given, 1))
    if chain.heart_rate > given:
        raise Problem(
            f"--heart-rate {chain.heart_rate}: all {workouts:,} workouts together give {int(given)} readings.",
            f"Ask for {int(given)} or fewer, or raise --members, --months or --days.",
        )
    return chain.heart_rate / given if given else 0.0


def _readings_of_all(world: World) -> tuple[float, int]:
    """About how many readings all workouts give, and how many workouts there are."""

    def counted(days: Days) -> tuple[float, int]:
        sessions = world.made(sessions_of, days)
        return float(_readings_of(sessions).sum()), len(sessions)

    chain, stretches = world.chain, world.stretches
    if len(world.members) * chain.days <= _MEMBER_DAYS_COUNTED:
        every = [counted(days) for days in stretches]
        return sum(readings for readings, _ in every), sum(workouts for _, workouts in every)

    # A few stretches tell how many readings an expected visit gives; short ones are each of another day of the week.
    length = len(stretches[0])
    parts = 7 if length < 7 else 3
    sampled = []
    for part in range(parts):
        day = int((part + 0.5) / parts * chain.days)
        if length < 7:
            day = min(day + (part - chain.date_of(day).weekday()) % 7, chain.last_day)
        sampled.append(stretches[day // length])
    found = [counted(days) for days in sampled]
    visits = sum(_expected_visits(world, day) for days in sampled for day in days)
    step = max(1, len(world.members) * chain.days // _MEMBER_DAYS_SUMMED)
    looked_at = range(0, chain.days, step)
    all_visits = sum(_expected_visits(world, day) for day in looked_at) * chain.days / len(looked_at)
    ratio = all_visits / max(visits, 1e-9)
    return sum(readings for readings, _ in found) * ratio, round(sum(workouts for _, workouts in found) * ratio)


def _expected_visits(world: World, day: int) -> float:
    return float(world.lives.visits_a_month(day)[world.lives.may_train(day)].sum())


def _readings_of(sessions: Sessions) -> np.ndarray:
    return (sessions.stop - sessions.start + _LEAD) * (1 - LOST_SHARE)


def recorded(world: World, days: Days) -> Sessions:
    """The sessions of these dates that are recorded, by start."""
    chain, sessions = world.chain, world.made(sessions_of, days)
    dice = chain.dice("recorded", days.number)
    drawn = dice.permutation(len(sessions))
    given = np.r_[0, np.cumsum(_readings_of(sessions)[drawn])]
    wanted = world.recorded_share * given[-1]
    is_whole = len(world.stretches) == 1
    if not is_whole and len(sessions):
        # Half a workout more or less here, so that the stretches' roundings even out.
        wanted += (dice.random() - 0.5) * given[-1] / len(sessions)
    nearest = int(np.argmin(np.abs(given - wanted)))
    chosen = drawn[: max(nearest, min(chain.heart_rate or 0, 1) if is_whole else 0)]
    return sessions.where(chosen[np.lexsort((sessions.member[chosen], sessions.start[chosen]))])


def record(dice: np.random.Generator, members: Members, ages: np.ndarray, sessions: Sessions) -> Readings:
    """The readings of these sessions, session after session.

    A recording begins up to ten seconds before the start button and ends up to ten after the stop button.
    """
    n = len(sessions)
    begin = sessions.start - dice.integers(0, _LEAD + 1, n)
    length = sessions.stop + dice.integers(0, _LEAD + 1, n) - begin + 1
    which = np.repeat(np.arange(n), length)
    second = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    kept = dice.random(len(which), dtype=np.float32) >= LOST_SHARE
    which, second = which[kept], second[kept]

    resting = members.resting_bpm[sessions.member]
    reserve = 211 - 0.64 * ages[sessions.member] - resting
    effort = dice.uniform(0.45, 0.8, n)
    warm_up = dice.uniform(120, 320, n)
    wave = dice.uniform(60, 420, n)
    wave_height = dice.uniform(0.01, 0.09, n)

    passed = second.astype(np.float32)
    left = length[which].astype(np.float32) - passed

    def each(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)[which]

    share = each(effort) * (1 - 0.75 * np.exp(-passed / each(warm_up)))
    share += each(wave_height) * np.sin(passed * (2 * np.pi / each(wave)), dtype=np.float32)
    share *= 1 - 0.35 * np.exp(-left / np.float32(90))
    bpm = each(resting) + each(reserve) * share + dice.standard_normal(len(which), dtype=np.float32) * np.float32(1.5)
    return Readings(
        device=sessions.device[which],
        time=begin[which] + second,
        bpm=np.clip(np.rint(bpm), 40, 215).astype(np.int16),
    )
