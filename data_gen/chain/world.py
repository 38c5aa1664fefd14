"""The world of a chain: what is known of the whole time, and what was last made of its days."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property

from data_gen.chain.days import Days, stretches
from data_gen.chain.lives import Lives, draw_lives
from data_gen.chain.parameters import Parameters
from data_gen.chain.people import Members, Pools, draw_members, draw_pools
from data_gen.chain.visits import Visits, plan_visits
from data_gen.club.bookings import Bookings, plan_bookings
from data_gen.club.schedule import Schedule, plan_schedule
from data_gen.crm.profiles import Changes, draw_changes
from data_gen.devices.heart_rate import recorded_share
from data_gen.devices.wearables import Carried, Devices, hand_out
from data_gen.writing.defects import Defects

_STRETCHES_KEPT = 4


class World:
    """Holds the members and what they do over the whole time; makes what happens in a stretch when asked for.

    A stretch is a pure function of the parameters, this spine and its days.
    """

    def __init__(self, chain: Parameters):
        self.chain = chain
        self.stretches = stretches(chain)
        self.members: Members = draw_members(chain)
        self.pools: Pools = draw_pools(chain)
        self.lives: Lives = draw_lives(chain, self.members)
        devices, carried = hand_out(chain, self.members, self.lives)
        self.devices: Devices = devices
        self.carried: Carried = carried
        self.changes: Changes = draw_changes(chain, self.members, self.lives)
        self._made: dict[Callable, OrderedDict[int, object]] = {}

    @cached_property
    def recorded_share(self) -> float:
        """The share of the workouts' seconds that heart rates are recorded of. Raises `Problem` when it is above 1."""
        return recorded_share(self)

    def visits(self, days: Days) -> Visits:
        """All visits of these local dates, of members with and without a wearable."""
        return self.made(plan_visits, days)

    def schedule(self, days: Days) -> Schedule:
        """All class sessions of these local dates."""
        return self.made(plan_schedule, days)

    def bookings(self, days: Days) -> Bookings:
        """All bookings of the classes of these local dates, and after the last of those known ahead."""
        return self.made(plan_bookings, days)

    def made(self, make: Callable[[World, Days], object], days: Days):
        """What `make(world, days)` gives; remembered for the last few stretches, so that streams and truth share it."""
        kept = self._made.setdefault(make, OrderedDict())
        if days.number not in kept:
            kept[days.number] = make(self, days)
            if len(kept) > _STRETCHES_KEPT:
                kept.popitem(last=False)
        return kept[days.number]

    def defects(self, table: str, days: Days) -> Defects:
        """The defects to make in one table's rows of a stretch: always the same ones, noted nowhere yet."""
        return Defects(self.chain, table, days, len(self.stretches))
