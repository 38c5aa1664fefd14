"""Members as the log of profile changes leaves them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import AsOf
from data_gen.chain.parameters import DAY
from data_gen.chain.people import PLACES
from data_gen.crm.profiles import DELETE

if TYPE_CHECKING:
    from data_gen.chain.world import World

NAME = "members"


def member_states(world: World, collected: dict[str, pa.Table], as_of: date) -> pa.Table:
    """One row per member of the log: the state in which it leaves them on `as_of` (UTC), and how many versions.

    A version is a `new` or `update`; those followed by another in the same second lasted no time at all.
    """
    members, n = world.members, len(world.members)
    until = world.chain.begin + (world.chain.day_index(as_of) + 1) * DAY
    changes = world.changes.where(slice(0, np.searchsorted(world.changes.timestamp, until)))
    last = np.zeros(n, np.int64)
    last[changes.member] = np.arange(len(changes.member))  # The CRM's order: the last assignment wins.
    kept = changes.type != DELETE
    order = np.argsort(changes.member, kind="stable")
    by_member, at = changes.member[order], changes.timestamp[order]
    no_time = by_member[:-1][(by_member[1:] == by_member[:-1]) & (at[1:] == at[:-1]) & kept[order][:-1]]
    table = pa.table(
        {
            "user_id": members.user_id,
            "is_deleted": changes.type[last] == DELETE,
            "city": pa.array([place[0] for place in PLACES]).take(pa.array(changes.place[last])),
            "state": pa.array([place[1] for place in PLACES]).take(pa.array(changes.place[last])),
            "versions": np.bincount(changes.member[kept], minlength=n),
            "versions_of_no_time": np.bincount(no_time, minlength=n),
        }
    )
    return table.filter(pa.array(np.bincount(changes.member, minlength=n) > 0))


AS_OF = AsOf(NAME, member_states)
