"""What the CRM sends: the log of profile changes, not always in its own order."""

from __future__ import annotations

import numpy as np

from data_gen.chain.parameters import Parameters
from data_gen.writing.ledger import OUT_OF_ORDER, QUARANTINED, Ledger
from data_gen.chain.people import Members, Pools
from data_gen.crm.profiles import Changes, change_rows
from data_gen.writing.rows import Rows
from data_gen.writing.spoil import COMMON_KINDS, Shape, Spoiler, counts_for

SHAPE = Shape(
    table="crm.profile_changes",
    keys=("user_id", "sequence", "timestamp", "update_type"),
    must=("user_id", "timestamp", "update_type"),
    broken=(("dob", '"13/45/1980"'), ("user_id", '"none"'), ("sequence", "2.7")),
    nothing="null",
)


def spoiled(chain: Parameters, members: Members, pools: Pools, changes: Changes, ledger: Ledger) -> Rows:
    """All rows to write, defects among them; the log that silver keeps stays `changes`."""
    dice, plan = chain.dice("profile defects"), chain.defects
    rows = change_rows(chain, members, pools, changes)
    following = _next_of_member(changes)
    later = np.flatnonzero(changes.is_same_second)
    before_later = np.flatnonzero(np.isin(following, later)) if len(later) else np.zeros(0, np.int64)

    can_wait = np.flatnonzero(following >= 0)
    taken = np.union1d(later, before_later)
    can_wait = can_wait[~np.isin(can_wait, taken) & ~np.isin(following[can_wait], taken)]
    waiting = dice.permutation(can_wait)[: plan.count("out_of_order_change", len(rows))]
    waiting = waiting[~np.isin(following[waiting], waiting)]

    # Each arrives right after the change that followed it.
    delayed = np.concatenate([before_later, waiting])
    day, order = rows.day.copy(), rows.order.copy()
    day[delayed], order[delayed] = day[following[delayed]], order[following[delayed]] + 1
    rows = Rows(rows.text, day, order)
    for kind, positions in (("same_second_change", before_later), ("out_of_order_change", waiting)):
        found = rows.take(positions)
        ledger.add(kind, SHAPE.table, OUT_OF_ORDER, keys=found.keys(SHAPE.keys), days=found.day)

    is_free = np.ones(len(rows), bool)
    is_free[np.concatenate([delayed, following[delayed]])] = False
    strange = dice.permutation(np.flatnonzero(is_free))[: plan.count("unknown_update_type", len(rows))]
    merged = rows.take(strange).with_column("update_type", '"merge"')
    ledger.add(
        "unknown_update_type", SHAPE.table, QUARANTINED, keys=merged.keys(SHAPE.keys), days=merged.day,
        rule="unknown_update_type",
    )  # fmt: skip
    is_free = np.r_[is_free, np.zeros(len(merged), bool)]
    spoiler = Spoiler(SHAPE, chain.last_day, dice, ledger)
    return spoiler.spoil(rows.plus(merged), is_free, counts_for(plan, COMMON_KINDS, len(rows)))


def _next_of_member(changes: Changes) -> np.ndarray:
    """The position of each change's successor of the same member, -1 for the last."""
    order = np.argsort(changes.member, kind="stable")
    following = np.full(len(order), -1)
    same = changes.member[order][1:] == changes.member[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    return following
