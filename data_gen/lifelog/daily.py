"""What the lifelog app exports day by day: daily rows, some out of range, late, twice or unusable."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from data_gen.chain.parameters import Parameters
from data_gen.writing.ledger import QUARANTINED, TOLERATED, Ledger
from data_gen.lifelog.days import expected_rows, lifelog_rows
from data_gen.chain.people import Members
from data_gen.writing.rows import Rows
from data_gen.writing.spoil import COMMON_KINDS, Shape, Spoiler

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
# The app may leave out this column of its first export: no row of a later day can arrive there.
LACKING = "stress_level"


class LifelogStream:
    """Gives the rows to write for each day in turn."""

    def __init__(
        self, chain: Parameters, members: Members, trained: np.ndarray, is_first_lacking: bool, ledger: Ledger
    ):
        self.chain, self.members, self.trained, self.ledger = chain, members, trained, ledger
        self.is_first_lacking = is_first_lacking
        self._waiting: dict[int, list[Rows]] = defaultdict(list)
        self._spoiler = Spoiler(SHAPE, chain.last_day, chain.dice("lifelog spoils"), ledger)
        dice, rows, plan = chain.dice("lifelog defects"), expected_rows(chain, members), chain.defects
        even = np.full(chain.days, 1 / chain.days)
        self._counts = {kind: dice.multinomial(plan.count(kind, rows), even) for kind in COMMON_KINDS}
        self._odd: dict[int, list[tuple[str, str, str, bool]]] = defaultdict(list)
        for kind, column, value, is_kept in _odd_values():
            for _ in range(plan.count(kind, rows)):
                # Not the first day, which has a column less.
                day = int(dice.integers(min(1, chain.last_day), chain.days))
                if column != LACKING or day > 0:
                    self._odd[day].append((kind, column, value, is_kept))

    def day(self, day: int) -> Rows:
        """The rows that arrive on `day`."""
        rows = lifelog_rows(self.chain, self.members, day, self.trained[day])
        if day == 0 and self.is_first_lacking:
            rows = rows.with_column(LACKING, None)
        order = self.chain.dice("lifelog odd", day).permutation(len(rows))
        odd = self._odd[day][: len(rows) // 2]
        pieces = [rows.take(order[len(odd) :])]
        for (kind, column, value, is_kept), at in zip(odd, order, strict=False):
            one = rows.take(np.array([at])).with_column(column, value)
            caught_as, why = (TOLERATED, {}) if is_kept else (QUARANTINED, {"rule": f"{column}_out_of_range"})
            self.ledger.add(kind, SHAPE.table, caught_as, keys=one.keys(SHAPE.keys), days=one.day, **why)
            pieces.append(one)
        spoiled = self._spoiler.spoil(
            pieces[0], np.ones(len(pieces[0]), bool), {kind: int(each[day]) for kind, each in self._counts.items()}
        ).plus(*pieces[1:])
        for later in np.unique(spoiled.day[spoiled.day > day]):
            self._waiting[int(later)].append(spoiled.take(np.flatnonzero(spoiled.day == later)))
        today = spoiled.take(np.flatnonzero(spoiled.day == day))
        return today.plus(*self._waiting.pop(day, [])).arranged()


def _odd_values() -> list[tuple[str, str, str, bool]]:
    """(kind, column, value, is kept) of every value that a limit or rule is about."""
    odd = []
    for column, (kept, dropped) in LIMITS.items():
        odd += [("lifelog_at_limits", column, value, True) for value in kept]
        odd += [("lifelog_out_of_range", column, value, False) for value in dropped]
    return odd + [("lifelog_negative", column, value, column == "exercise_minutes") for column, value in _NEGATIVES]
