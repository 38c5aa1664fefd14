"""The CRM's log of profile changes: members who join, move, change name, leave and come back."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.lives import Lives
from data_gen.chain.parameters import DAY, Parameters
from data_gen.chain.people import PLACES, Members, Pools
from data_gen.writing.rows import Rows, joined, json_in_json, json_text, pick, some_with_fraction, whole

NEW, UPDATE, DELETE = 0, 1, 2
TYPES = ["new", "update", "delete"]
GENDERS = ["F", "M", "X"]
UPDATES_A_MONTH = 0.22
_FAR = 100_000  # A day beyond every chain.
KEYS = ("user_id", "timestamp", "update_type")


@dataclass(frozen=True)
class Changes:
    """One element a change, in the CRM's order: `sequence` runs 1, 2, 3 …. Other columns are positions in pools.

    `is_same_second` marks a change in the same second as the one before it of the same member.
    """

    member: np.ndarray
    timestamp: np.ndarray
    sequence: np.ndarray
    type: np.ndarray
    last_name: np.ndarray
    gender: np.ndarray
    place: np.ndarray
    street: np.ndarray
    number: np.ndarray
    is_same_second: np.ndarray

    def where(self, chosen: np.ndarray) -> Changes:
        """The chosen changes (a mask or positions)."""
        return Changes(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def draw_changes(chain: Parameters, members: Members, lives: Lives) -> Changes:
    """The whole log. Each update changes something; a leaver in five comes back as new."""
    dice, n, plan = chain.dice("profiles"), len(members), chain.defects
    # In the hours that are day at all clubs.
    joined_at = chain.begin + lives.joined_day.astype(np.int64) * DAY + dice.integers(16 * 3600, 20 * 3600, n)
    left_at = (
        chain.begin + np.minimum(lives.left_day, _FAR).astype(np.int64) * DAY + dice.integers(16 * 3600, 20 * 3600, n)
    )
    everyone = np.flatnonzero(joined_at < chain.end)
    leavers = np.flatnonzero((left_at < chain.end) & (joined_at < chain.end))
    back_at = left_at[leavers] + dice.integers(DAY // 2, 6 * DAY, len(leavers))
    returns = (dice.random(len(leavers)) < 0.2) & (back_at < chain.end - 60)

    updates = np.repeat(np.arange(n), dice.poisson(UPDATES_A_MONTH * chain.days / 28, n))
    earliest = np.maximum(joined_at[updates] + 3600, chain.begin)
    latest = np.minimum(left_at[updates] - 3600, chain.end - 60)
    updated_at = earliest + (dice.random(len(updates)) * (latest - earliest)).astype(np.int64)
    updates, updated_at = updates[latest > earliest], updated_at[latest > earliest]
    again = np.sort(dice.permutation(len(updates))[: plan.count("same_second_change", len(updates))])

    parts = [
        (everyone, joined_at[everyone], NEW, False),
        (updates, updated_at, UPDATE, False),
        (updates[again], updated_at[again], UPDATE, True),
        (leavers, left_at[leavers], DELETE, False),
        (leavers[returns], back_at[returns], NEW, False),
    ]
    member = np.concatenate([part[0] for part in parts])
    timestamp = np.concatenate([part[1] for part in parts])
    type_ = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    is_same_second = np.concatenate([np.full(len(part[0]), part[3]) for part in parts])
    order = np.lexsort((is_same_second, member, timestamp))
    member, timestamp, type_, is_same_second = member[order], timestamp[order], type_[order], is_same_second[order]

    # A change in the same second is a move, which differs from whatever came before.
    what = np.where(is_same_second, 0.0, dice.random(len(member)))
    is_update = type_ == UPDATE
    moves, renames = is_update & (what < 0.6), is_update & (what >= 0.6) & (what < 0.85)
    regenders = is_update & (what >= 0.85)

    def over_time(first: np.ndarray, step: np.ndarray, size: int) -> np.ndarray:
        return ((first[member] + _sum_so_far(member, step)) % size).astype(np.int32)

    count = len(member)
    pool_sizes = dice.integers(0, 2**31, (3, n))
    return Changes(
        member=member.astype(np.int32),
        timestamp=timestamp,
        sequence=np.arange(1, count + 1, dtype=np.int32),
        type=type_.astype(np.int8),
        last_name=over_time(pool_sizes[0], renames * dice.integers(1, 97, count), 2**31),
        gender=over_time(members.gender, regenders * dice.integers(1, 3, count), len(GENDERS)),
        place=over_time(members.place, moves * dice.choice([0, 0, 1, 4, 9], count), len(PLACES)),
        street=over_time(pool_sizes[1], moves * dice.integers(0, 50, count), 2**31),
        number=over_time(pool_sizes[2], moves * dice.integers(1, 89_000, count), 90_000) + 1,
        is_same_second=is_same_second,
    )


def _sum_so_far(member: np.ndarray, step: np.ndarray) -> np.ndarray:
    """For each change the sum of its member's steps up to and with it."""
    order = np.argsort(member, kind="stable")
    running = np.cumsum(step[order])
    begins = np.r_[True, np.diff(member[order]) != 0] if len(member) else np.zeros(0, bool)
    before = (running - step[order])[np.maximum.accumulate(np.where(begins, np.arange(len(member)), 0))]
    total = np.empty(len(member), np.int64)
    total[order] = running - before
    return total


def first_names(chain: Parameters, members: Members, pools: Pools) -> np.ndarray:
    """Each member's first name: its position in the pools of all first names, one after the other."""
    drawn = chain.dice("first names").integers(0, 2**31, len(members))
    names = np.array([len(pool) for pool in pools.first_names])
    return drawn % names[members.sex] + np.where(members.sex == 1, names[0], 0)


def change_rows(chain: Parameters, members: Members, pools: Pools, changes: Changes, dice: np.random.Generator) -> Rows:
    """Changes as rows of JSON values, in the CRM's order; `dice` choose which times have a fraction."""
    member = changes.member
    first_name = first_names(chain, members, pools)[member]
    birth = pa.array(members.birth_day.astype(np.int32)).cast(pa.date32())
    zips = np.array([first for _, _, first, _ in PLACES])[changes.place]
    zips = zips + changes.number % np.array([many for _, _, _, many in PLACES])[changes.place]
    # A number cannot begin with zero, so the CRM sends those zip codes as text.
    zip_text = pc.if_else(pa.array(zips < 10_000), joined('"', pc.utf8_lpad(whole(zips), 5, "0"), '"'), whole(zips))
    text = pa.table(
        {
            "user_id": whole(members.user_id[member]),
            "update_type": json_text(pick(TYPES, changes.type)),
            "timestamp": some_with_fraction(dice, changes.timestamp),
            "sequence": whole(changes.sequence),
            "dob": json_text(pc.strftime(birth, format="%m/%d/%Y").take(pa.array(member))),
            "sex": json_text(pick(["F", "M"], members.sex[member])),
            "gender": json_text(pick(GENDERS, changes.gender)),
            "first_name": json_text(pick(pa.concat_arrays(pools.first_names), first_name)),
            "last_name": json_text(pick(pools.last_names, changes.last_name % len(pools.last_names))),
            "street_address": json_text(
                joined(whole(changes.number), pick(pools.streets, changes.street % len(pools.streets)), between=" ")
            ),
            "city": json_text(pick([place[0] for place in PLACES], changes.place)),
            "state": json_text(pick([place[1] for place in PLACES], changes.place)),
            "zip": zip_text,
            "_key": whole(members.user_id[member]),
            "_timestamp": whole(changes.timestamp),
        }
    )
    # What happened before the first day comes with its first export, all at once.
    order = np.maximum(changes.timestamp, chain.begin) + 2
    return Rows(text, chain.day_of(changes.timestamp), order)


def values(text: pa.Table) -> pa.Array:
    """The records' JSON, escaped as the value of an envelope."""
    record = joined(
        '{"user_id": ', text["user_id"], ', "update_type": ', text["update_type"],
        ', "timestamp": ', text["timestamp"], ', "sequence": ', text["sequence"],
        ', "dob": ', text["dob"], ', "sex": ', text["sex"], ', "gender": ', text["gender"],
        ', "first_name": ', text["first_name"], ', "last_name": ', text["last_name"],
        ', "address": {"street_address": ', text["street_address"], ', "city": ', text["city"],
        ', "state": ', text["state"], ', "zip": ', text["zip"], "}}",
    )  # fmt: skip
    return json_in_json(record)
