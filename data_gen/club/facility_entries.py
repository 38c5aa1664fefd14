"""Who went to the pool, the sauna and the like by wristband, and what the management system exports of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import GYMS, UNMAPPED_GYM
from data_gen.club.facilities import FACILITIES, NO_FACILITY
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED, QUARANTINED, TOLERATED
from data_gen.writing.numbers import numbered
from data_gen.writing.rows import Rows, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "club.facility_entries"
SHAPE = Shape(
    table=TABLE,
    keys=("entry_id", "member_id", "gym", "entered_at"),
    must=("entry_id", "member_id", "gym", "entered_at"),
    broken=(("left_at", "dripping"),),
)
FIRST_ENTRY_ID = 40_000_001
NOT_SEEN = -1
_LEFT_UNSEEN = 0.04
_A_MEMBER_AND_DATE = 6


@dataclass(frozen=True)
class Entries:
    """One element an entry that counts; `gym` is the number, `facility` a position in FACILITIES.

    `left_at` is NOT_SEEN where the reader missed the way out.
    """

    entry_id: np.ndarray
    member: np.ndarray
    gym: np.ndarray
    facility: np.ndarray
    entered_at: np.ndarray
    left_at: np.ndarray

    def __len__(self) -> int:
        return len(self.entry_id)

    def where(self, chosen: np.ndarray) -> Entries:
        """The chosen entries (a mask or positions)."""
        return Entries(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def plus(self, *others: Entries) -> Entries:
        """These entries, then those of `others`."""
        every = (self, *others)
        return Entries(**{f.name: np.concatenate([getattr(one, f.name) for one in every]) for f in fields(self)})


@dataclass(frozen=True)
class Exported:
    """The entries that count, all rows to write, and what is wrong with them."""

    entries: Entries
    rows: Rows
    defects: Defects


def exported(world: World, days: Days) -> Exported:
    """A stretch's entries."""
    chain, visits = world.chain, world.visits(days)
    dice, defects = chain.dice("facility entries", days.number), world.defects(TABLE, days)
    bathing = visits.where(visits.facility != NO_FACILITY)
    n = len(bathing)
    each_date = len(world.members) * _A_MEMBER_AND_DATE
    entries = Entries(
        entry_id=FIRST_ENTRY_ID + bathing.date * each_date + numbered(bathing.date),
        member=bathing.member,
        gym=np.array([gym.number for gym in GYMS])[bathing.gym],
        facility=bathing.facility,
        entered_at=bathing.facility_in,
        left_at=np.where(dice.random(n) < _LEFT_UNSEEN, NOT_SEEN, bathing.facility_out),
    )
    kinds = ("unmapped_gym", "second_access", "ends_before_start")
    cuts = np.minimum(np.cumsum([defects.count(kind, n) for kind in kinds]), n)
    gone_on, twice, backward, rest = np.split(defects.dice.permutation(n), cuts)
    gone_on = gone_on[bathing.facility_out[gone_on] + 2 * 3600 < chain.end]
    copied = np.concatenate([gone_on, twice, backward])
    last = FIRST_ENTRY_ID + (bathing.date + 1) * each_date - 1
    own_ids = last[copied] - numbered(bathing.date[copied])
    elsewhere, again, impossible = (entries.where(at) for at in (gone_on, twice, backward))
    elsewhere = replace(
        elsewhere,
        gym=np.full(len(gone_on), UNMAPPED_GYM),
        entered_at=bathing.facility_out[gone_on] + 3600,
        left_at=bathing.facility_out[gone_on] + 5400,
    )
    again = replace(again, entered_at=again.entered_at + defects.dice.integers(5, 56, len(twice)))
    impossible = replace(impossible, left_at=impossible.entered_at - defects.dice.integers(60, 600, len(backward)))
    elsewhere, again, impossible = (
        replace(one, entry_id=ids)
        for one, ids in zip(
            (elsewhere, again, impossible),
            np.split(own_ids, np.cumsum([len(gone_on), len(twice)])),
            strict=True,
        )
    )
    counted = entries.plus(elsewhere, again)
    rows = _rows(world, counted.plus(impossible))
    added = np.split(np.arange(n, len(rows)), np.cumsum([len(gone_on), len(twice)]))
    for kind, at, caught_as, why in (
        ("unmapped_gym", added[0], FLAGGED, {"flag": "is_unmapped_gym"}),
        ("second_access", added[1], TOLERATED, {}),
        ("ends_before_start", added[2], QUARANTINED, {"rule": "left_before_entered"}),
    ):
        found = rows.take(at)
        defects.note(kind, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    return Exported(counted, rows.free(np.isin(np.arange(len(rows)), rest)), defects)


def _rows(world: World, entries: Entries) -> Rows:
    unseen = entries.left_at == NOT_SEEN
    text = pa.table(
        {
            "entry_id": whole(entries.entry_id),
            "member_id": whole(world.members.user_id[entries.member]),
            "gym": whole(entries.gym),
            "facility": pick(list(FACILITIES), entries.facility),
            "entered_at": utc_text(entries.entered_at),
            "left_at": utc_text(np.where(unseen, 0, entries.left_at), unseen),
        }
    )
    # The export of a day holds who went in on it and has come out, so most rows arrive when the member leaves.
    at = np.minimum(
        np.where(unseen, entries.entered_at, np.maximum(entries.entered_at, entries.left_at)), world.chain.end - 1
    )
    return Rows(text, world.chain.day_of(at), at)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows to write."""
    made = world.made(exported, days)
    defects.include(made.defects)
    return made.rows


STREAM = Stream(table=TABLE, shape=SHAPE, rows=rows, ahead=2)
