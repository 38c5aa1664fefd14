"""One home, filled and built over and over: landing and dbt in forks of this process."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
from drop_pieces import DropFile
from forked_dbt import KILLED, ForkedDbt, in_fork
from schedules import Build

from gymhouse.home import PROJECT, Home
from ingest.contract import read_contract
from ingest.run import land_drops


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
            shutil.copy(self._seeded, self.home.warehouse)

    def land(self, files: dict[str, bytes]) -> None:
        """Land files, given as content by name."""
        number = len(list(self.home.drops.glob("*")))
        drops = self.home.drops / str(number)
        drops.mkdir(parents=True)
        for name, content in files.items():
            (drops / name).write_bytes(content)

        def work() -> int:
            print(f"── {len(files)} files land", flush=True)
            land_drops(self.home, read_contract(self.project / "models"), drops)
            return 0

        assert in_fork(work, self.dbt.said) == 0, self._last_said()

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
