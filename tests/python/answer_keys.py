"""The simulator's answer key: what is true of a chain, known without the pipeline."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class AnswerKey:
    """The key that lies beside the drops in `folder`."""

    folder: Path
    content: dict

    @classmethod
    def beside(cls, drops: Path) -> AnswerKey:
        return cls(drops, json.loads((drops / "_answer_key.json").read_text()))

    @property
    def truth(self) -> dict:
        return self.content["truth"]

    @property
    def expected(self) -> dict[str, dict]:
        """Row counts by `<source>.<table>`; messages that no table takes stand under the topic's own name."""
        return self.content["expected"]

    def count(self, caught_as: str, by: str) -> Counter:
        """Defects caught in one way, counted by (source, table, the defect's field `by`)."""
        counted: Counter = Counter()
        for defect in self.content["defects"]:
            if defect["caught_as"] == caught_as:
                counted[defect["source"], defect["table"], defect.get(by)] += defect["count"]
        return counted

    def keys(self, kind: str, table: str | None = None) -> list[dict]:
        """The keys of all defects of a kind, or of those in one table; few enough for the key to list them all."""
        found = [
            defect
            for defect in self.content["defects"]
            if defect["kind"] == kind and table in (None, f"{defect['source']}.{defect['table']}")
        ]
        assert all(defect["keys_are_all"] for defect in found)
        return [key for defect in found for key in defect["keys"]]

    def rows(self, name: str, sql: str) -> list[tuple]:
        """Rows of a side file, as `sql` over the table `key` gives them."""
        return duckdb.sql(sql.replace("from key", f"from '{self.folder / self.truth_file(name)}'")).fetchall()

    def tables(self, day: str | None = None) -> Path:
        """The folder of tables that are true as of `day`; None: as of the last one."""
        days = sorted(path.name for path in (self.folder / "_answer_key").iterdir())
        return self.folder / "_answer_key" / (day or days[-1])

    def truth_file(self, name: str) -> str:
        return self.truth["tables"][name.replace(" ", "_")]
