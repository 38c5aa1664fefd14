"""The list of injected defects, from which the answer key is made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
import pyarrow as pa

KEYS_LISTED = 500
REJECTED, DUPLICATE, QUARANTINED = "rejected", "duplicate", "quarantined"
FLAGGED, INCOMPLETE, LATE, OUT_OF_ORDER, TOLERATED = "flagged", "incomplete", "late", "out_of_order", "tolerated"
_OWN = ("kind", "source", "table", "count", "caught_as", "arrives", "keys", "keys_arrive", "keys_are_all")


class Ledger:
    """Counts defects by kind, table, what becomes of them and why; lists the keys of the `KEYS_LISTED` first to arrive.

    Whatever the order in which stretches and workers are added up, the same ones are listed.
    """

    def __init__(self):
        # Each entry: arrivals by day, and (day, key) of the first to arrive.
        self._entries: dict[tuple, tuple[Counter, list[tuple[int, dict]]]] = {}

    def add(
        self, kind: str, table: str, caught_as: str, *, days: Iterable[int], keys: pa.Table | None = None, **why: str
    ) -> None:
        """Note defects of one kind by the `days` they arrive on; `keys` names their rows.

        `table` is `<source>.<table>`; `why` tells a rule, reason, column or flag.
        """
        days = np.asarray(days, np.int64)
        if not len(days):
            return
        arrivals, listed = self._entries.setdefault(
            (kind, table, caught_as, tuple(sorted(why.items()))), (Counter(), [])
        )
        arrivals.update(days.tolist())
        if keys is not None:
            first = np.argsort(days, kind="stable")[:KEYS_LISTED]
            if len(listed) == KEYS_LISTED:
                first = first[days[first] < listed[-1][0]]
            rows = keys.take(pa.array(first)).to_pylist()
            listed += [
                (int(day), {column: _plain(value) for column, value in row.items()})
                for day, row in zip(days[first], rows, strict=True)
            ]
            listed.sort(key=lambda one: one[0])
            del listed[KEYS_LISTED:]

    def include(self, other: Ledger) -> None:
        """Add what `other` tells of other files."""
        for entry, (arrivals, listed) in other._entries.items():
            mine, keys = self._entries.setdefault(entry, (Counter(), []))
            mine.update(arrivals)
            keys += listed
            keys.sort(key=lambda one: one[0])
            del keys[KEYS_LISTED:]

    def total(self, table: str, caught_as: str) -> int:
        """How many rows of `table` end so."""
        return sum(
            arrivals.total()
            for (_, where, how, _), (arrivals, _) in self._entries.items()
            if (where, how) == (table, caught_as)
        )

    def by(self, why: str, table: str, caught_as: str) -> dict[str, int]:
        """The counts of `total` by rule or reason."""
        counts = Counter()
        for (_, where, how, whys), (arrivals, _) in self._entries.items():
            if (where, how) == (table, caught_as):
                counts[dict(whys)[why]] += arrivals.total()
        return dict(sorted(counts.items()))

    def as_json(self, date_of: Callable[[int], date]) -> list[dict]:
        """The entries as the answer key carries them; days become dates by `date_of`."""
        return [
            {
                "kind": kind,
                "source": table.partition(".")[0],
                "table": table.partition(".")[2],
                "count": arrivals.total(),
                "caught_as": caught_as,
                **dict(whys),
                "arrives": {date_of(day).isoformat(): n for day, n in sorted(arrivals.items())},
                "keys": [key for _, key in listed],
                "keys_are_all": len(listed) == arrivals.total(),
                "keys_arrive": [date_of(day).isoformat() for day, _ in listed],
            }
            for (kind, table, caught_as, whys), (arrivals, listed) in sorted(self._entries.items())
        ]

    @classmethod
    def from_json(cls, defects: list[dict], day_index: Callable[[date], int]) -> Ledger:
        """The ledger whose `as_json` gave `defects`."""
        ledger = cls()

        def day(text: str) -> int:
            return day_index(date.fromisoformat(text))

        for told in defects:
            why = {name: value for name, value in told.items() if name not in _OWN}
            entry = (told["kind"], f"{told['source']}.{told['table']}", told["caught_as"], tuple(sorted(why.items())))
            arrivals = Counter({day(on): count for on, count in told["arrives"].items()})
            listed = [(day(on), key) for on, key in zip(told["keys_arrive"], told["keys"], strict=True)]
            ledger._entries[entry] = (arrivals, listed)
        return ledger


def _plain(written: str | int | None) -> str | int | None:
    """A value as it is meant, from how it is written in JSON or CSV: `1678451168.0` and `"new"` lose their dress."""
    try:
        value = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        return written
    return int(value) if isinstance(value, float) else value
