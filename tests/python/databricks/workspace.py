"""dbt for the target `databricks`, in its own environment, with credentials of a workspace that does not exist."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from gymhouse.home import PROJECT
from pipeline.parse_ahead import KEPT

ENVIRONMENT = PROJECT / ".venv-databricks"
RECORDER = Path(__file__).with_name("recorded_dbt.py")
CATALOG = "chain"
LAKE = f"/Volumes/{CATALOG}/raw/lake"

TOKEN = {"DATABRICKS_TOKEN": "none"}
OAUTH = {"DATABRICKS_CLIENT_ID": "none", "DATABRICKS_CLIENT_SECRET": "none"}
CREDENTIALS = {"DATABRICKS_HOST": "https://localhost/", "DATABRICKS_HTTP_PATH": "/sql/1.0/warehouses/none"}


@dataclass(frozen=True)
class Statement:
    """One statement that dbt sent: for which node, its SQL, and the settings of its session."""

    node: str
    sql: str
    session: dict[str, str] = field(hash=False)

    @property
    def words(self) -> str:
        """The statement in one line."""
        return " ".join(self.sql.split())


@dataclass(frozen=True)
class Workspace:
    """Where dbt writes, and what is set for it."""

    folder: Path
    variables: dict[str, str] = field(default_factory=lambda: CREDENTIALS | TOKEN)

    @property
    def target(self) -> Path:
        return self.folder / "target"

    @property
    def compiled(self) -> Path:
        """Where dbt leaves the SQL of models and tests."""
        return self.target / "compiled" / "gymhouse"

    @property
    def manifest(self) -> dict:
        return json.loads((self.target / "manifest.json").read_text())

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run dbt."""
        return self._run(str(ENVIRONMENT / "bin" / "dbt"), *arguments)

    def record(
        self,
        *arguments: str,
        time_zone: str = "UTC",
        lake: dict[str, list[str]] | None = None,
        tables: dict[str, dict[str, list[str]]] | None = None,
    ) -> tuple[subprocess.CompletedProcess, list[Statement]]:
        """Run dbt with a warehouse that only listens; also what dbt sent it.

        `lake`: the names in each of its folders, by default those of an empty one; `tables`: those that are there
        already, by schema and name, with their columns.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        record, answers = self.folder / "record.jsonl", self.folder / "answers.json"
        record.write_text("")
        warehouse = {
            "time_zone": time_zone,
            "user": "builder@example.com",
            "lake": lake or {LAKE: []},
            "tables": tables or {},
        }
        answers.write_text(json.dumps(warehouse))
        done = self._run(str(ENVIRONMENT / "bin" / "python"), str(RECORDER), str(record), str(answers), *arguments)
        return done, [Statement(**json.loads(line)) for line in record.read_text().splitlines()]

    def _run(self, *command: str) -> subprocess.CompletedProcess:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DATABRICKS_", "GYMHOUSE_"))
        }
        own = {
            "DATABRICKS_CATALOG": CATALOG,
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
        }
        kept = self.target / KEPT
        known_by = frozenset(self.variables.items())
        if known_by in _parsed and not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(_parsed[known_by])
        done = subprocess.run(
            [*command, "--target", "databricks"],
            cwd=PROJECT,
            env=inherited | own | self.variables,
            capture_output=True,
            text=True,
        )
        if known_by not in _parsed and kept.exists():
            _parsed[known_by] = kept.read_bytes()
        return done


# What dbt kept of the first parse with these variables, which saves ten seconds of the next one.
_parsed: dict[frozenset[tuple[str, str]], bytes] = {}


def said(done: subprocess.CompletedProcess) -> str:
    """What a command told, in one line, however it was broken up."""
    return " ".join((done.stdout + done.stderr).split())
