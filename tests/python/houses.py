"""A home under test, and the project's commands run in it as a user runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
from one_parse import lend_parse

from gymhouse.home import DUCKDB, PROJECT, Home
from pipeline.dbt import DBT
from pipeline.dbt import environment as build_environment

SAMPLES = PROJECT / "samples"


@dataclass(frozen=True)
class House:
    """One home under test, and the project whose commands run in it."""

    home: Home
    project: Path = PROJECT

    def run(self, *command: str, expect: int | None = 0, **environment: str) -> subprocess.CompletedProcess:
        """Run `python -m <command>`; `expect` is the exit status it must have (None: any)."""
        if command[0] == "pipeline":
            self._spare_a_parse()
        return self._run([sys.executable, "-m", *command], expect, environment)

    def dbt(
        self, *arguments: str, expect: int | None = 0, unset: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess:
        """Run dbt, with its artifacts in this home; `unset`: variables that it must not see."""
        self._spare_a_parse()
        # dbt keeps a parse for each way to name a target, and commands of the project name theirs.
        environment = {"DBT_TARGET": DUCKDB} | environment
        return self._run([*DBT, *arguments], expect, environment, unset)

    def query(self, sql: str) -> list[tuple]:
        """Rows of the warehouse."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def link_jars(self, jars: Path) -> None:
        """Let this home use the folder `jars` of another: jars are pinned and never change."""
        self.home.jars.symlink_to(jars)

    def live(self) -> str:
        """The id of the live release."""
        return self.home.current.read_text().strip()

    def _spare_a_parse(self) -> None:
        if self.project == PROJECT:
            lend_parse(self.home)

    def _run(
        self, command: list[str], expect: int | None, environment: dict, unset: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess:
        seen = {**os.environ, **build_environment(self.home), **environment}
        done = subprocess.run(
            command,
            cwd=self.project,
            env={name: value for name, value in seen.items() if name not in unset},
            capture_output=True,
            text=True,
        )
        if expect is not None:
            assert done.returncode == expect, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done


def make_house(root: Path) -> House:
    """An empty home below `root`."""
    house = House(Home(root))
    house.home.warehouse.parent.mkdir(parents=True)
    return house


def copy_of_project(to: Path) -> Path:
    """The project as it lies here, without what runs and tools leave in it, in the new folder `to`."""
    left_out = (".git", ".venv*", "var", "target", "logs", "__pycache__", ".*_cache", ".hypothesis")
    return Path(shutil.copytree(PROJECT, to, symlinks=True, ignore=shutil.ignore_patterns(*left_out)))
