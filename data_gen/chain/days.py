"""Stretches of days: what is made together, and how far from its day a row may arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_gen.chain.parameters import Parameters

# So that a stretch's rows fit into memory, whatever the number of members.
_MEMBER_DAYS = 300_000
_LONGEST = 31


@dataclass(frozen=True)
class Days:
    """The local dates [first, behind), as indexes from the chain's first day, and the number of their stretch.

    The first stretch also makes what happened before day 0: `is_first`.
    """

    number: int
    first: int
    behind: int

    def __len__(self) -> int:
        return self.behind - self.first

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.behind))

    @property
    def is_first(self) -> bool:
        """Whether history before day 0 belongs to this stretch."""
        return self.first == 0


def stretches(chain: Parameters) -> list[Days]:
    """All stretches of the chain. They depend on the parameters alone, never on which days a run writes."""
    length = min(_LONGEST, max(1, _MEMBER_DAYS // chain.members))
    return [
        Days(number, first, min(first + length, chain.days))
        for number, first in enumerate(range(0, chain.days, length))
    ]
