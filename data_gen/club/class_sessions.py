"""What the management system exports of the schedule: each class a week ahead, and again when it is called off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import GYMS
from data_gen.club.class_types import CLASS_TYPES, UNMAPPED_CLASS_TYPE
from data_gen.club.schedule import DAYS_AHEAD, FIRST_CLASS_SESSION_ID, SPARE_IDS, Schedule, ids_a_date, published_at
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.rows import Rows, cents_text, json_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import JSON, Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "club.class_sessions"
SHAPE = Shape(
    table=TABLE,
    keys=("class_session_id", "starts_at"),
    must=("class_session_id", "starts_at"),
    broken=(("capacity", '"many"'), ("ends_at", '"late"')),
    nothing="null",
)
CODES = (*(each.code for each in CLASS_TYPES), UNMAPPED_CLASS_TYPE)
_GYM_NUMBERS = np.array([gym.number for gym in GYMS])


@dataclass(frozen=True)
class Exported:
    """The schedule that counts, the kind of each session as exported (a position in CODES), and all rows to write."""

    schedule: Schedule
    code: np.ndarray
    rows: Rows
    defects: Defects


def exported(world: World, days: Days) -> Exported:
    """A stretch's schedule as exported."""
    chain, schedule, defects = world.chain, world.schedule(days), world.defects(TABLE, days)
    n = len(schedule)
    unmapped, backward, rest = np.split(
        defects.dice.permutation(n),
        np.cumsum([defects.count(kind, n) for kind in ("unmapped_class_type", "ends_before_start")]),
    )
    code = schedule.class_type.copy()
    code[unmapped] = len(CLASS_TYPES)

    told_at = published_at(chain, schedule.date)
    is_free = np.isin(np.arange(n), rest)
    rows = _rows(world, schedule, code, told_at, np.zeros(n, bool)).free(is_free)
    off = np.flatnonzero(schedule.is_cancelled)
    called_off = _rows(world, schedule.where(off), code[off], schedule.cancelled_at[off], np.ones(len(off), bool))
    called_off = called_off.free(is_free[off])
    defects.repeat(called_off.day)

    like = schedule.where(backward)
    spare = FIRST_CLASS_SESSION_ID + (like.date + 1) * ids_a_date(chain) - 1 - np.arange(len(like)) % SPARE_IDS
    like = replace(like, class_session_id=spare, ends_at=like.starts_at - 1800)
    strange = _rows(world, like, code[backward], told_at[backward], np.zeros(len(like), bool))
    strange = strange.free(np.zeros(len(like), bool))
    for kind, found, caught_as, why in (
        ("unmapped_class_type", rows.take(unmapped), FLAGGED, {"flag": "is_unmapped_class_type"}),
        ("ends_before_start", strange, QUARANTINED, {"rule": "ends_before_it_starts"}),
    ):
        defects.note(kind, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    return Exported(schedule, code, rows.plus(called_off, strange), defects)


def _rows(world: World, schedule: Schedule, code: np.ndarray, updated_at: np.ndarray, is_cancelled: np.ndarray) -> Rows:
    n = len(schedule)
    text = pa.table(
        {
            "class_session_id": whole(schedule.class_session_id),
            "class_type_code": json_text(pick(list(CODES), code)),
            "instructor_id": whole(schedule.instructor_id),
            "gym": whole(_GYM_NUMBERS[schedule.gym]),
            "starts_at": json_text(utc_text(schedule.starts_at)),
            "ends_at": json_text(utc_text(schedule.ends_at)),
            "capacity": whole(schedule.capacity),
            "drop_in_price": cents_text(schedule.drop_in_cents),
            "currency": json_text(pa.repeat(pa.scalar("USD"), n)),
            "status": json_text(pick(["scheduled", "cancelled"], is_cancelled.astype(np.int64))),
            "updated_at": json_text(utc_text(updated_at)),
        }
    )
    return Rows(text, world.chain.day_of(updated_at), updated_at)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows to write."""
    made = world.made(exported, days)
    defects.include(made.defects)
    return made.rows


STREAM = Stream(table=TABLE, shape=SHAPE, rows=rows, format=JSON, back=DAYS_AHEAD, ahead=1)
