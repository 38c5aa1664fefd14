"""The list of injected defects, from which the answer key is made."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

KEYS_LISTED = 500
REJECTED, DUPLICATE, QUARANTINED = "rejected", "duplicate", "quarantined"
FLAGGED, INCOMPLETE, LATE, OUT_OF_ORDER, TOLERATED = "flagged", "incomplete", "late", "out_of_order", "tolerated"


class Ledger:
    """Counts defects by kind, table, what becomes of them and why; remembers the keys of the first `KEYS_LISTED`."""

    def __init__(self):
        self._entries: dict[tuple, dict] = {}

    def add(
        self,
        kind: str,
        table: str,
        caught_as: str,
        *,
        keys: pa.Table | None = None,
        count: int | None = None,
        days: Iterable[int] = (),
        **why: str,
    ) -> None:
        """Note defects of one kind: `keys` name the rows (or `count` them), `days` are the files they arrive in.

        `table` is `<source>.<table>`; `why` tells a rule, reason, column or flag.
        """
        found = keys.num_rows if keys is not None else count
        if not found:
            return
        entry = self._entries.setdefault(
            (kind, table, caught_as, tuple(sorted(why.items()))), {"count": 0, "days": Counter(), "keys": []}
        )
        entry["count"] += int(found)
        entry["days"].update(int(day) for day in np.asarray(days).ravel())
        if keys is not None:
            listed = keys.slice(0, KEYS_LISTED - len(entry["keys"])).to_pylist()
            entry["keys"] += [{column: _plain(value) for column, value in key.items()} for key in listed]

    def total(self, table: str, caught_as: str) -> int:
        """How many rows of `table` end so."""
        return sum(e["count"] for (_, where, how, _), e in self._entries.items() if (where, how) == (table, caught_as))

    def by(self, why: str, table: str, caught_as: str) -> dict[str, int]:
        """The counts of `total` by rule or reason."""
        counts = Counter()
        for (_, where, how, whys), entry in self._entries.items():
            if (where, how) == (table, caught_as):
                counts[dict(whys)[why]] += entry["count"]
        return dict(sorted(counts.items()))

    def as_json(self, date_of) -> list[dict]:
        """The entries as the answer key carries them; days become dates by `date_of`."""
        return [
            {
                "kind": kind,
                "source": table.partition(".")[0],
                "table": table.partition(".")[2],
                "count": entry["count"],
                "caught_as": caught_as,
                **dict(whys),
                "arrives": {date_of(day).isoformat(): n for day, n in sorted(entry["days"].items())},
                "keys": entry["keys"],
                "keys_are_all": len(entry["keys"]) == entry["count"],
            }
            for (kind, table, caught_as, whys), entry in sorted(self._entries.items())
        ]


def _plain(written: str | int) -> str | int:
    """A value as it is meant, from how it is written in JSON or CSV: `1678451168.0` and `"new"` lose their dress."""
    try:
        value = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        return written
    return int(value) if isinstance(value, float) else value
