"""Where all state of a run lives.

One folder holds everything a run leaves behind. It is `var/` in the project, or the folder that the environment
variable `GYMHOUSE_HOME` names; two homes never touch each other. No other module spells one of these paths.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
HOME_VARIABLE = "GYMHOUSE_HOME"
# The engines that a home is built on, by the names of their dbt targets; the first is the default.
ENGINES = (DUCKDB, SPARK) = ("duckdb", "spark")
# The two parts of a lake, wherever it lies.
RAW, REJECTED = "raw", "rejected"
# Lies in a lake while files give way to others, and after a kill until it is settled: builds refuse to read then.
UNSETTLED = "unsettled.json"


@dataclass(frozen=True)
class Home:
    """The folders of one home. Paths are absolute; nothing is created by asking for one."""

    root: Path

    @property
    def drops(self) -> Path:
        """What source systems export, as files; the simulator writes here."""
        return self.root / "drops"

    @property
    def lake(self) -> Path:
        """The lake: `raw/` and `rejected/`."""
        return self.root / "lake"

    @property
    def raw(self) -> Path:
        """`<source>/<table>/landed_date=YYYY-MM-DD/<batch>.parquet`."""
        return self.lake / RAW

    @property
    def rejected(self) -> Path:
        """Rows that could not be typed or lack their key; laid out as `raw`."""
        return self.lake / REJECTED

    @property
    def unsettled(self) -> Path:
        """Where this file is, rows may lie in the lake twice; `python -m ingest settle` puts that right."""
        return self.lake / UNSETTLED

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt builds into. Readers of published data never open it."""
        return self.root / "warehouse" / "gymhouse.duckdb"

    @property
    def warehouse_log(self) -> Path:
        """What a killed writer had not put into the DuckDB file yet; whoever writes next does."""
        return self.warehouse.with_name(f"{self.warehouse.name}.wal")

    @property
    def warehouse_spill(self) -> Path:
        """Where DuckDB spills while it builds."""
        return self.warehouse.with_name(f"{self.warehouse.name}.tmp")

    @property
    def releases(self) -> Path:
        """`<id>/<schema>/<table>.parquet` with `manifest.json`."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """One line: the id of the live release."""
        return self.releases / "CURRENT"

    @property
    def runs(self) -> Path:
        """`<run id>/report.json` and `report.html`, one folder a pipeline run."""
        return self.root / "runs"

    @property
    def target(self) -> Path:
        """dbt's artifacts: manifest, compiled SQL, run results, docs site."""
        return self.root / "target"

    @property
    def jars(self) -> Path:
        """`<part>/*.jar` as the poms under `jvm/` pin them; a link to another home's folder serves as well."""
        return self.root / "jars"

    @property
    def spark(self) -> Path:
        """All that a local Spark keeps: the tables, `metastore/`, dbt's artifacts of its builds."""
        return self.root / "spark"

    @property
    def spark_tables(self) -> Path:
        """`<schema>.db/<table>/`: the Delta tables that dbt builds with Spark."""
        return self.spark / "warehouse"

    def spark_table(self, schema: str, name: str) -> Path:
        """The folder of one Delta table that dbt builds with Spark."""
        return self.spark_tables / f"{schema}.db" / name

    @property
    def metastore(self) -> Path:
        """The Derby database with Spark's list of tables; one process at a time has it open."""
        return self.spark / "metastore"

    def target_of(self, engine: str) -> Path:
        """dbt's artifacts of the builds of `engine` (a target of `profiles/profiles.yml`)."""
        return self.target if engine == DUCKDB else self.root / engine / "target"

    def warehouse_of(self, engine: str) -> Path:
        """What the builds of `engine` write to: a file of DuckDB, a folder of Delta tables."""
        return self.warehouse if engine == DUCKDB else self.spark_tables

    @property
    def quality(self) -> Path:
        """What the gate leaves: `contracts/<schema>/<table>.yml`, completed, and its verdicts."""
        return self.root / "quality"

    def verdict_of(self, engine: str) -> Path:
        """The gate's verdict over all tables that `engine` built."""
        return self.quality / ("gate.json" if engine == DUCKDB else f"gate_{engine}.json")

    def settled_of(self, engine: str) -> Path:
        """What the last run that published from the tables of `engine` rested on and left."""
        return self.root / "settled" / f"{engine}.json"

    @property
    def scratch(self) -> Path:
        """Where landing spills what does not fit in memory; empty between runs."""
        return self.root / "scratch"

    @property
    def secret(self) -> Path:
        """Key of the hashes that landing computes of personal data, unless the environment gives one."""
        return self.root / "secret"

    @property
    def lock(self) -> Path:
        """Held by the one pipeline run that may write to this home."""
        return self.root / "run.lock"


def home() -> Home:
    """The home that `GYMHOUSE_HOME` names, else the project's `var/`."""
    named = os.environ.get(HOME_VARIABLE)
    return Home(Path(named).expanduser().resolve() if named else PROJECT / "var")
