"""Heart rates: which workouts are recorded, and a plausible curve for each, once a second."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from data_gen.chain.parameters import Parameters
from data_gen.chain.people import Members
from data_gen.devices.workouts import Sessions
from gymhouse.console import Problem

RECORDED_SHARE = 0.165
# Of the seconds of a recording; skin contact is lost for some of them.
LOST_SHARE = 0.003
_LEAD = 10  # Seconds at most that a recording begins before, and ends after, its workout.
NO_VALUE = 300  # Stands for a reading without a value.


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


def choose_recorded(chain: Parameters, sessions: Sessions) -> np.ndarray:
    """Positions of the sessions to record, in order of start.

    By default about a sixth of all; `--heart-rate` draws as many as give that number of readings. Raises `Problem`
    when all of them together give fewer.
    """
    dice = chain.dice("recorded")
    drawn = dice.permutation(len(sessions))
    if chain.heart_rate is None:
        chosen = drawn[: round(RECORDED_SHARE * len(drawn))]
    else:
        given = np.r_[0, np.cumsum(((sessions.stop - sessions.start)[drawn] + _LEAD) * (1 - LOST_SHARE))]
        if chain.heart_rate > given[-1]:
            most = int(given[-1])
            raise Problem(
                f"--heart-rate {chain.heart_rate}: all {len(sessions):,} workouts together give {most} readings.",
                f"Ask for {most} or fewer, or raise --members or --days.",
            )
        nearest = int(np.argmin(np.abs(given - chain.heart_rate)))
        chosen = drawn[: max(nearest, min(chain.heart_rate, 1))]
    return chosen[np.lexsort((sessions.member[chosen], sessions.start[chosen]))]


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
