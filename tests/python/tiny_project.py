"""A dbt project of five small tables, built by the real dbt: the ground that gate and release tests stand on."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from gymhouse.home import DUCKDB, Home
from quality.gate import run_gate, save_verdict

DBT = Path(sys.executable).parent / "dbt"

FILES = {
    "dbt_project.yml": """
name: tiny
version: "1.0.0"
config-version: 2
profile: tiny
flags: {send_anonymous_usage_stats: false}
models: {tiny: {+materialized: table}}
""",
    "profiles.yml": """
tiny:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('GYMHOUSE_HOME') }}/warehouse/gymhouse.duckdb"
      database: gymhouse
      schema: gymhouse
      threads: 2
""",
    "macros/generate_schema_name.sql": """
{% macro generate_schema_name(custom, node) %}{{ custom or 'main' }}{% endmacro %}
""",
    "models/stg_visits.sql": """
{{ config(materialized='view') }}
select range as visit_id, range % 10 as member_id, (range % 90)::double as minutes, date '2026-01-01' + (range % 5)::int
as visit_date, 'Ada Lovelace' as first_name
from range({{ env_var('TINY_ROWS', '100') }}::bigint)
""",
    "models/int_people.sql": """
select distinct member_id, first_name || ' ' || member_id as first_name from {{ ref('stg_visits') }}
""",
    "models/fct_visit.sql": """
select visit_id, member_id, minutes, visit_date from {{ ref('stg_visits') }}
""",
    "models/visits_daily.sql": """
select visit_date, member_id, count(*) as visit_count, sum(minutes)::decimal(18, 2) as minutes_in_gym
from {{ ref('fct_visit') }} group by all
""",
    "models/empty_report.sql": """
select visit_id, minutes from {{ ref('fct_visit') }} where false
""",
    "models/models.yml": """
models:
  - name: stg_visits
    config: {schema: bronze, meta: {key: [visit_id]}}
    columns:
      - {name: visit_id, data_type: bigint}
      - {name: first_name, config: {tags: [pii]}}
  - name: int_people
    config: {schema: restricted, meta: {key: [member_id, first_name]}}
    columns:
      - {name: member_id, data_type: bigint}
      - name: first_name
        data_type: string
        config: {tags: [pii]}
        data_tests:
          - accepted_values:
              name: nobody_is_called_ada
              arguments: {values: [Grace Hopper]}
              config: {enabled: "{{ env_var('TINY_FAILS', '') == 'yes' }}"}
  - name: fct_visit
    config: {schema: gold, contract: {enforced: true}, meta: {key: [visit_id]}}
    columns:
      - name: visit_id
        data_type: bigint
        data_tests: [unique, not_null]
      - {name: member_id, data_type: bigint}
      - name: minutes
        data_type: double
        data_tests:
          - accepted_values:
              name: minutes_are_few
              arguments: {values: [0, 1, 2], quote: false}
              config: {enabled: "{{ env_var('TINY_FAILS', '') == 'yes' }}"}
      - {name: visit_date, data_type: date}
  - name: visits_daily
    config: {schema: gold, contract: {enforced: true}, meta: {key: [visit_date, member_id]}}
    columns:
      - {name: visit_date, data_type: date}
      - {name: member_id, data_type: bigint}
      - {name: visit_count, data_type: bigint}
      - {name: minutes_in_gym, data_type: "decimal(18,2)"}
  - name: empty_report
    config: {schema: gold, contract: {enforced: true}, meta: {key: [visit_id], rides_along: true}}
    columns:
      - {name: visit_id, data_type: bigint}
      - {name: minutes, data_type: double}
""",
}


@dataclass(frozen=True)
class Tiny:
    """One built copy: the dbt `project` folder and the `home` that it builds into."""

    project: Path
    home: Home

    def dbt(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        """Run the real dbt on this copy."""
        self.home.warehouse.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "GYMHOUSE_HOME": str(self.home.root),
            "DBT_PROFILES_DIR": str(self.project),
            "DBT_TARGET_PATH": str(self.home.target),
            "DBT_LOG_PATH": str(self.home.root / "logs"),
            "DO_NOT_TRACK": "1",
        }
        return subprocess.run(
            [DBT, *arguments],
            cwd=self.project,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def change(self, sql: str) -> None:
        """Plant a defect in the warehouse, as if the build had made it."""
        with duckdb.connect(str(self.home.warehouse)) as connection:
            connection.execute(sql)
        os.utime(self.home.target / "run_results.json")

    def gate(self, **options) -> dict:
        """Judge this copy by its own contract files and keep the verdict where publishing looks for it."""
        verdict = run_gate(self.home, folder=self.project / "contracts", **options)
        save_verdict(verdict, self.home.verdict_of(DUCKDB))
        return verdict

    def copy(self, folder: Path) -> Tiny:
        """The same build, in a folder of its own."""
        shutil.copytree(self.project, folder / "project")
        shutil.copytree(self.home.root, folder / "home")
        return Tiny(folder / "project", Home(folder / "home"))


@cache
def built(**variables: str) -> Tiny:
    """The project, written and built once a process with these environment variables; take a copy of it."""
    folder = Path(tempfile.mkdtemp(prefix="tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, text in FILES.items():
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tiny = Tiny(folder / "project", Home(folder / "home"))
    done = tiny.dbt("build", **variables)
    assert done.returncode == (1 if variables.get("TINY_FAILS") else 0), done.stdout
    return tiny
