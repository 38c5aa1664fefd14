"""dbt's parse of the project, begun while files still land: it reads no data and takes ten seconds of a processor."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gymhouse.home import Home
from pipeline.dbt import parse_command
from pipeline.step import start

# dbt keeps what it parsed there, and reads again only what has changed since.
KEPT = "partial_parse.msgpack"


class ParseAhead:
    """One parse beside the steps of a run; none where dbt has kept an earlier one.

    Whether it ends well is no matter here: a build parses what it lacks, and says what is wrong.
    """

    def __init__(self, home: Home, engine: str, log: Path):
        self.home, self.engine, self.log = home, engine, log
        self._process: subprocess.Popen | None = None

    def begin(self, at: dict[str, str], lock: int) -> None:
        """Start it, with the variables and the lock that a step gets."""
        if not (self.home.target_of(self.engine) / KEPT).exists():
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self._process = start(parse_command(self.engine), at, self.log, lock)

    def wait(self) -> None:
        """Return when it has ended."""
        if self._process:
            self._process.wait()

    def stop(self) -> None:
        """End it, if nobody needs it any more."""
        if self._process:
            self._process.kill()
            self._process.wait()
