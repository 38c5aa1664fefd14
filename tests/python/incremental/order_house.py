"""One home in which schedules are played, each from an empty lake; and what its tables must then be."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
from drop_pieces import DropFile
from forked_dbt import KILLED, ForkedDbt, in_fork
from same_tables import differences
from schedules import FRESH, WHOLE, Build, Schedule

from gymhouse.home import PROJECT, Home
from ingest.contract import read_contract
from ingest.run import land_drops

# How often a row came, and its place among those that came: another split or repetition gives other numbers.
HOW_OFTEN = ("copies_count", "reading_number")
# Rows counted by file, and rows named by the file and line that they came in.
COUNTED_BY_FILE = ("gold.row_reconciliation",)
NAMED_BY_FILE = "batch"


@dataclass(repr=False)
class OrderHouse:
    """The home `root`, the `files` of a chain, and the project whose commands run.

    `reference` is the warehouse of all files, whole and in time, built once by `--full-refresh`.
    """

    root: Path
    files: list[DropFile]
    project: Path = PROJECT

    def __post_init__(self):
        self.home = Home(self.root / "home")
        self.dbt = ForkedDbt(self.home, self.project)
        self.seeded, self.reference = self.root / "seeded.duckdb", self.root / "reference.duckdb"
        self._begin()
        self._must(Build(("seed",)))
        self._keep(self.seeded)
        self._land({file.name: file.head + b"".join(file.rows) for file in self.files}, 0)
        self._must(FRESH)
        self._keep(self.reference)

    @property
    def models(self) -> list[str]:
        """Names of all models."""
        return sorted(node.name for node in self._nodes if node.resource_type == "model")

    def play(self, schedule: Schedule) -> list[str]:
        """Play the schedule, build once more, and tell what is then not as it must be.

        After the last build the tables must be those of a `--full-refresh` over the same lake, to the last bit. And
        they must be those of the reference, but for what tells of files: see the names at the top of this module.
        """
        self._begin()
        for number, (files, builds) in enumerate(zip(schedule.instalments(self.files), schedule.builds, strict=True)):
            self._land(files, number)
            for build in builds:
                self._run(build)
        self._must(WHOLE)
        left = self.root / "left.duckdb"
        self._keep(left)
        self._must(FRESH)
        tables = self._tables()
        same_lake = differences(
            left, self.home.warehouse, dict.fromkeys(tables, ()), ("as left by the schedule", "after --full-refresh")
        )
        told_by_all = {
            table: HOW_OFTEN
            for table, columns in tables.items()
            if NAMED_BY_FILE not in columns and table not in COUNTED_BY_FILE
        }
        same_rows = differences(
            left, self.reference, told_by_all, ("as left by the schedule", "when all came whole and in time")
        )
        return same_lake + same_rows

    def _begin(self) -> None:
        """An empty lake, and a warehouse with the seeds alone."""
        shutil.rmtree(self.home.root, ignore_errors=True)
        self.home.warehouse.parent.mkdir(parents=True)
        if self.seeded.exists():
            shutil.copy(self.seeded, self.home.warehouse)

    def _keep(self, copy: Path) -> None:
        with duckdb.connect(str(self.home.warehouse)) as connection:
            connection.execute("checkpoint")
        shutil.copy(self.home.warehouse, copy)

    def _land(self, files: dict[str, bytes], number: int) -> None:
        drops = self.home.drops / str(number)
        drops.mkdir(parents=True)
        for name, content in files.items():
            (drops / name).write_bytes(content)

        def work() -> int:
            print(f"── {len(files)} files land", flush=True)
            land_drops(self.home, read_contract(self.project / "models"), drops)
            return 0

        assert in_fork(work, self.dbt.said) == 0, self._last_said()

    def _run(self, build: Build) -> None:
        """A build of the schedule. One of a part, or one that is stopped, may fail; one of everything must not."""
        status = self.dbt(build)
        may_fail = build.stop_at or {"--select", "--exclude"} & {*build.arguments}
        assert status == 0 or (may_fail and status in (1, KILLED)), self._last_said()

    def _must(self, build: Build) -> None:
        assert self.dbt(build) == 0, self._last_said()

    def _last_said(self) -> str:
        return self.dbt.said.read_text()[-6000:]

    def _tables(self) -> dict[str, set[str]]:
        """Columns by `<schema>.<table>`, of every model that is kept as a table."""
        kept = [node for node in self._nodes if node.resource_type == "model" and node.config.materialized != "view"]
        return {f"{node.schema}.{node.name}": {*node.columns} for node in kept}

    @property
    def _nodes(self) -> list:
        return [*self.dbt.manifest().nodes.values()]
