"""What the lifelog app exports day by day: daily rows, some out of range, late, twice or unusable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from data_gen.chain.days import Days
from data_gen.lifelog.days import lifelog_rows
from data_gen.writing.defects import Defects
from data_gen.writing.file_shapes import LACKING, is_first_lacking
from data_gen.writing.ledger import QUARANTINED, TOLERATED
from data_gen.writing.rows import Rows
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

SHAPE = Shape(
    table="lifelog.daily",
    keys=("user_id", "date"),
    must=("user_id", "date"),
    broken=(("steps", "many"), ("age", "31.7"), ("date", "2025-02-30"), ("weight_kg", "heavy")),
)
# column: (least, most) that are kept, (below, above) that are not
LIMITS = {
    "age": (("18", "100"), ("17", "101")),
    "steps": (("1", "50000"), ("0", "50001")),
    "heart_rate_avg": (("30", "200"), ("29", "201")),
    "sleep_hours": (("2", "16"), ("1.9", "16.1")),
    "calories_burned": (("500", "8000"), ("499.9", "8000.1")),
    "exercise_minutes": (("0", "600"), ("600.1",)),
    "stress_level": (("1", "10"), ("0", "11")),
    "weight_kg": (("30", "200"), ("29.9", "200.1")),
    "bmi": (("10", "60"), ("9.9", "60.1")),
}
# A negative value becomes zero before its range is checked; zero minutes are in range, zero steps are not.
_NEGATIVES = (("exercise_minutes", "-10"), ("steps", "-100"))


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows of these dates, some with values at or beyond the limits."""
    chain, made = world.chain, lifelog_rows(world, days)
    is_lacking = made.day == 0 if is_first_lacking(chain, SHAPE.table) else np.zeros(len(made), bool)
    made = made.with_column(LACKING[1], None, is_lacking)
    # Not of the first day, which has a column less.
    may = defects.dice.permutation(np.flatnonzero(made.day > 0 if chain.days > 1 else ~is_lacking))
    odd, is_odd = [], np.zeros(len(made), bool)
    for kind, column, value, is_kept in _odd_values():
        chosen, may = np.split(may, [min(defects.count(kind, len(made)), len(may) // 2)])
        is_odd[chosen] = True
        each = made.take(chosen).with_column(column, value)
        caught_as, why = (TOLERATED, {}) if is_kept else (QUARANTINED, {"rule": f"{column}_out_of_range"})
        defects.note(kind, caught_as, keys=each.keys(SHAPE.keys), days=each.day, **why)
        odd.append(each.free(np.zeros(len(each), bool)))
    return made.take(np.flatnonzero(~is_odd)).plus(*odd)


def _odd_values() -> list[tuple[str, str, str, bool]]:
    """(kind, column, value, is kept) of every value that a limit or rule is about."""
    odd = []
    for column, (kept, dropped) in LIMITS.items():
        odd += [("lifelog_at_limits", column, value, True) for value in kept]
        odd += [("lifelog_out_of_range", column, value, False) for value in dropped]
    return odd + [("lifelog_negative", column, value, column == "exercise_minutes") for column, value in _NEGATIVES]


STREAM = Stream("lifelog.daily", SHAPE, rows, file="lifelog/lifelog")
