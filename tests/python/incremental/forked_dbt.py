"""dbt in a fork of this process: the project is parsed once, and a command can be stopped in its middle."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from schedules import Build

from gymhouse.home import PROJECT, Home
from pipeline.dbt import environment

KILLED = -signal.SIGKILL


def in_fork(work: Callable[[], int], said: Path) -> int:
    """The exit status of `work` in a fork of this process (negative: the signal that ended it).

    What it prints is added to the file `said`.
    """
    gc.freeze()
    child = os.fork()
    if not child:
        status = 99
        gc.disable()  # as the pipeline runs dbt
        try:
            with said.open("a") as told:
                os.dup2(told.fileno(), 1)
                os.dup2(told.fileno(), 2)
                sys.stdout, sys.stderr = told, told
                try:
                    status = work()
                except BaseException:
                    traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# Parsed once for a project and the `--vars` that a command names: the same for every home.
_manifests: dict[tuple[Path, tuple[str, ...]], Manifest] = {}


@dataclass
class ForkedDbt:
    """dbt on DuckDB over one home."""

    home: Home
    project: Path = PROJECT

    @property
    def said(self) -> Path:
        """All that the commands printed."""
        return self.home.root / "said.txt"

    def manifest(self, given: tuple[str, ...] = ()) -> Manifest:
        """The project's manifest with these arguments (`--vars`, its value)."""
        if (self.project, given) not in _manifests:
            with patch.dict(os.environ, environment(self.home)):
                done = dbtRunner().invoke(["--quiet", *LOG, "parse", *self._place, *given])
            assert done.success, done.exception
            _manifests[self.project, given] = done.result
        return _manifests[self.project, given]

    def __call__(self, build: Build) -> int:
        """Run it; returns dbt's exit status, or `KILLED`."""
        given = build.arguments
        vars_ = given[given.index("--vars") :][:2] if "--vars" in given else ()
        manifest = self.manifest(vars_)

        def work() -> int:
            os.environ.update(environment(self.home))
            print(f"── {build}", flush=True)
            if build.stop_at:
                _stop(build.stop_at, build.is_killed)
            done = dbtRunner(manifest=manifest).invoke(["--quiet", "--no-write-json", *LOG, *given, *self._place, *ONE])
            if done.exception:
                print(done.exception)
            return 0 if done.success else 1

        return in_fork(work, self.said)

    @property
    def _place(self) -> tuple[str, ...]:
        return ("--project-dir", str(self.project))


LOG = ("--log-level-file", "none")
# One thread: the same statements in the same order, whenever a schedule is played again.
ONE = ("--threads", "1")


def _stop(at: int, is_killed: bool) -> None:
    """Let the `at`-th statement from now on fail, or end the process before it."""
    execute, count = DuckDBCursorWrapper.execute, 0

    def counted(self, sql, bindings=None):
        nonlocal count
        count += 1
        if count == at:
            if is_killed:
                os.kill(os.getpid(), signal.SIGKILL)
            raise RuntimeError(f"statement {at} was made to fail: {sql[:200]}")
        return execute(self, sql, bindings)

    DuckDBCursorWrapper.execute = counted
