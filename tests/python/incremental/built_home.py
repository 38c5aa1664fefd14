"""One home, filled, kept and built over and over: landing, housekeeping and dbt in forks of this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import duckdb
from drop_pieces import DropFile
from forked_dbt import KILLED, ForkedDbt, in_fork
from schedules import Build

from gymhouse.home import PROJECT, Home
from ingest.compact import Measure, compact
from ingest.contract import Retention, Table, read_contract
from ingest.keeper import Keeper, keeping
from ingest.lake import Lake
from ingest.retire import retire
from ingest.run import land_drops

# Every raw file of a test is tiny.
MEASURE = Measure(target_size=2**20, min_files=2)
# Who asks what time it is: landing, retention, what puts the lake right.
CLOCKS = ("ingest.run.now", "ingest.retire.now", "ingest.settle.now")


class BuiltHome:
    """A home below `root`, for the commands of `project`. `begin` empties it."""

    def __init__(self, root: Path, project: Path = PROJECT):
        self.root, self.project = root, project
        self.home = Home(root / "home")
        self.dbt = ForkedDbt(self.home, project)
        self._seeded = root / "seeded.duckdb"
        self.begin()
        self.must(Build(("seed",)))
        self.keep(self._seeded)

    def begin(self) -> None:
        """An empty lake, and a warehouse with the seeds alone."""
        shutil.rmtree(self.home.root, ignore_errors=True)
        self.home.warehouse.parent.mkdir(parents=True)
        if self._seeded.exists():
            self.forget()

    def forget(self) -> None:
        """The same lake, and a warehouse with the seeds alone."""
        shutil.copy(self._seeded, self.home.warehouse)

    def land(self, files: dict[str, bytes], at: datetime | None = None) -> None:
        """Land files, given as content by name; `at` is the time of it (UTC), if it is not to be now."""
        number = len(list(self.home.drops.glob("*")))
        drops = self.home.drops / str(number)
        drops.mkdir(parents=True)
        for name, content in files.items():
            (drops / name).write_bytes(content)

        def work() -> None:
            land_drops(self.home, read_contract(self.project / "models"), drops)

        self._at(at, f"{len(files)} files land", work)

    def compact(self) -> None:
        """Merge all raw files that may be merged."""
        self._at(
            None, "compact", lambda: self._keep("compact", lambda keeper, tables: compact(keeper, tables, MEASURE))
        )

    def retire(self, policies: Mapping[str, Retention], at: datetime) -> None:
        """Let go of what is too old at that time by the policies, given by `source.table`."""

        def work(keeper: Keeper, tables: list[Table]) -> None:
            told = [replace(table, retention=policies.get(table.label, Retention())) for table in tables]
            for one in retire(keeper, told, at.date()):
                print(one.table.label, one.batches, "batches", one.rejected_files, "files of rejected rows")

        self._at(at, "retire", lambda: self._keep("retire", work))

    def _keep(self, command: str, work: Callable[[Keeper, list[Table]], object]) -> None:
        tables = read_contract(self.project / "models")
        with keeping(Lake(self.home.lake), tables, self.home.scratch, command) as keeper:
            work(keeper, [table for table in tables if table.drops])

    def _at(self, time: datetime | None, said: str, work: Callable[[], None]) -> None:
        def told() -> int:
            print(f"── {said}{f' at {time}' if time else ''}", flush=True)
            with _clock(time):
                work()
            return 0

        assert in_fork(told, self.dbt.said) == 0, self._last_said()

    def land_whole(self, files: list[DropFile]) -> None:
        """Land files as they were written."""
        self.land({file.name: file.head + b"".join(file.rows) for file in files})

    def run(self, build: Build) -> None:
        """A build. One of a part, or one that is stopped, may fail; one of everything must not."""
        status = self.dbt(build)
        may_fail = build.stop_at or {"--select", "--exclude"} & {*build.arguments}
        assert status == 0 or (may_fail and status in (1, KILLED)), self._last_said()

    def must(self, build: Build) -> None:
        """A build that must not fail."""
        assert self.dbt(build) == 0, self._last_said()

    def keep(self, copy: Path) -> Path:
        """The warehouse as it is now, in the file `copy`."""
        # What a killed process left beside the file becomes part of it.
        with duckdb.connect(str(self.home.warehouse)) as connection:
            connection.execute("checkpoint")
        return Path(shutil.copy(self.home.warehouse, copy))

    def query(self, sql: str) -> list[tuple]:
        """Rows of the warehouse."""
        with duckdb.connect(str(self.home.warehouse)) as connection:
            return connection.execute(sql).fetchall()

    @property
    def dropped(self) -> list[str]:
        """The raw tables for which files are dropped, as `source.table`."""
        return [table.label for table in read_contract(self.project / "models") if table.drops]

    @property
    def models(self) -> list[str]:
        """Names of all models."""
        return sorted(node.name for node in self._models)

    @property
    def tables(self) -> dict[str, set[str]]:
        """Columns by `<schema>.<table>`, of every model that is kept as a table."""
        kept = [node for node in self._models if node.config.materialized != "view"]
        return {f"{node.schema}.{node.name}": {*node.columns} for node in kept}

    @property
    def marts(self) -> list[str]:
        """Those that are published, as `<schema>.<table>`."""
        return [f"{node.schema}.{node.name}" for node in self._models if "marts" in node.fqn]

    @property
    def _models(self) -> list:
        return [node for node in self.dbt.manifest().nodes.values() if node.resource_type == "model"]

    def _last_said(self) -> str:
        return self.dbt.said.read_text()[-6000:]


@contextmanager
def _clock(time: datetime | None) -> Iterator[None]:
    with ExitStack() as stack:
        for clock in CLOCKS if time else ():
            stack.enter_context(patch(clock, lambda: time))
        yield
