"""What the CRM sends: the log of profile changes, not always in its own order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.days import Days
from data_gen.crm.profiles import Changes, change_rows, values
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import OUT_OF_ORDER, QUARANTINED
from data_gen.writing.rows import Rows
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

SHAPE = Shape(
    table="crm.profile_changes",
    keys=("user_id", "sequence", "timestamp", "update_type"),
    must=("user_id", "timestamp", "update_type"),
    broken=(("dob", '"13/45/1980"'), ("user_id", '"none"'), ("sequence", "2.7")),
    nothing="null",
)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The changes that these days export, some later than their order says; the log itself stays `world.changes`."""
    chain, dice = world.chain, defects.dice
    first, behind = np.searchsorted(chain.day_of(world.changes.timestamp), [days.first, days.behind])
    changes = world.changes.where(slice(first, behind))
    made = change_rows(chain, world.members, world.pools, changes, dice)
    following = _next_of_member(changes)
    later = np.flatnonzero(changes.is_same_second)
    before_later = np.flatnonzero(np.isin(following, later))

    can_wait = np.flatnonzero(following >= 0)
    taken = np.union1d(later, before_later)
    can_wait = can_wait[~np.isin(can_wait, taken) & ~np.isin(following[can_wait], taken)]
    waiting = dice.permutation(can_wait)[: defects.count("out_of_order_change", len(made))]
    waiting = waiting[~np.isin(following[waiting], waiting)]

    # Each arrives right after the change that followed it.
    delayed = np.concatenate([before_later, waiting])
    day, order = made.day.copy(), made.order.copy()
    day[delayed], order[delayed] = day[following[delayed]], order[following[delayed]] + 1
    is_free = np.ones(len(made), bool)
    is_free[np.concatenate([delayed, following[delayed]])] = False
    made = Rows(made.text, day, order, is_free)
    for kind, positions in (("same_second_change", before_later), ("out_of_order_change", waiting)):
        found = made.take(positions)
        defects.note(kind, OUT_OF_ORDER, keys=found.keys(SHAPE.keys), days=found.day)

    strange = dice.permutation(np.flatnonzero(is_free))[: defects.count("unknown_update_type", len(made))]
    merged = made.take(strange).with_column("update_type", '"merge"')
    defects.note(
        "unknown_update_type", QUARANTINED, keys=merged.keys(SHAPE.keys), days=merged.day, rule="unknown_update_type"
    )
    return made.plus(merged.free(np.zeros(len(merged), bool)))


def _next_of_member(changes: Changes) -> np.ndarray:
    """The position of each change's successor of the same member, -1 for the last."""
    order = np.argsort(changes.member, kind="stable")
    following = np.full(len(order), -1)
    same = changes.member[order][1:] == changes.member[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    return following


STREAM = Stream("crm.profile_changes", SHAPE, rows, topic="user_info", values=values)
