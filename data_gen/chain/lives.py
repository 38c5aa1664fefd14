"""Memberships over the whole time: who joins, pauses, leaves and comes back, and how keen they are meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_gen.chain.parameters import Parameters
from data_gen.chain.people import NEVER, Members


@dataclass(frozen=True)
class Lives:
    """One element a member. Days are indexes from the chain's first day and may be negative; `NEVER` is beyond all."""

    joined_day: np.ndarray  # of the first join
    left_day: np.ndarray  # first day without a membership after the last leaving, or NEVER
    engagement: np.ndarray

    def is_member(self, day: int) -> np.ndarray:
        """Who has a membership on that local date: active, paused or complimentary."""
        return (self.joined_day <= day) & (day < self.left_day)

    def may_train(self, day: int) -> np.ndarray:
        """Who is a member on that date and not paused."""
        return self.is_member(day)

    def visits_a_month(self, day: int) -> np.ndarray:
        """Expected visits a month of each member who may train, by engagement and the season of that date."""
        return self.engagement

    def includes_classes(self, day: int) -> np.ndarray:
        """Whose plan on that date includes classes."""
        return np.ones(len(self.joined_day), bool)


def draw_lives(chain: Parameters, members: Members) -> Lives:
    """Draw all memberships of the chain, those that ended within the year before it among them."""
    dice, n = chain.dice("lives"), len(members)
    joined = np.where(
        dice.random(n) < 0.12, dice.integers(0, max(1, chain.days * 3 // 4), n), -dice.integers(2, 365, n)
    )
    left = np.maximum(joined + 2, 1) + dice.integers(0, chain.days, n)
    return Lives(
        joined_day=joined,
        left_day=np.where((dice.random(n) < 0.04) & (left < chain.days), left, NEVER),
        engagement=members.visits_a_month,
    )
