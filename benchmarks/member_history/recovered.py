"""What the project makes of the log: landed and built file by file, in one process, as a daily run would."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from benchmarks.member_history.plain_fold import Version
from gymhouse.console import Problem
from gymhouse.home import PROJECT, Home
from ingest.contract import read_contract
from ingest.run import land_drops
from pipeline.dbt import NO_UNIT_TESTS, environment

# Tests too, of those tables that are built here.
WHAT = ("--select", "+dim_member_history", "+member_profile_snapshot", "--indirect-selection", "cautious")
VERSIONS = """
    select member_id, version_number, update_type, street_address, city,
           cast(epoch(valid_from) as bigint), cast(epoch(valid_to) as bigint)
    from restricted.int_member_profile_versions"""
# Gold says the same of each version, but for what is personal.
GOLD = "select member_id, version_number, change_type, city, valid_from, valid_to from gold.dim_member_history"
SILVER = GOLD.replace("change_type", "update_type").replace(
    "gold.dim_member_history", "restricted.int_member_profile_versions"
)
NOT_APART = """
    select count(*) from (
        select *, lag(coalesce(valid_to, timestamp '9999-12-31')) over member as before
        from gold.dim_member_history
        window member as (partition by member_id order by version_number)
    ) where valid_to < valid_from or before > valid_from"""
SEEN = "select distinct member_id, street_address from restricted.member_profile_snapshot where not is_deleted"


@dataclass(frozen=True)
class Recovered:
    """Versions as the warehouse holds them at the end; (member, street) of the profiles in the snapshot.

    `not_apart`: intervals that overlap or run backwards. `failed_tests`: of the tests after each file, all together.
    """

    versions: set[Version]
    snapshot: set[tuple[int, str]]
    not_apart: int
    failed_tests: int


def recover(work: Path, paths: list[Path], on_file: Callable[[], None] = lambda: None) -> Recovered:
    """Land each of `paths` and build after it, in a home below `work`.

    Raises:
        Problem: a build failed for another reason than a test; dbt has said why.
    """
    home = Home(work / "home")
    home.warehouse.parent.mkdir(parents=True)
    os.environ.update(environment(home))
    contract = read_contract(PROJECT / "models")
    quiet = ["--quiet", "--log-level-file", "none"]
    manifest = dbtRunner().invoke([*quiet, "parse", "--project-dir", str(PROJECT)]).result
    failed = 0
    for path in paths:
        land_drops(home, contract, path)
        dbt = dbtRunner(manifest=manifest)
        done = dbt.invoke([*quiet, "build", "--project-dir", str(PROJECT), *WHAT, *NO_UNIT_TESTS])
        if done.exception or not done.result:
            raise Problem(f"dbt could not build after {path.name} ({done.exception}).", "Put right what it names.")
        failed += sum(one.status == "fail" for one in done.result)
        if broken := [one.node.name for one in done.result if one.status == "error"]:
            raise Problem(
                f"dbt could not build {', '.join(broken)} after {path.name}.", "Put right what it names above."
            )
        on_file()
    DuckDBConnectionManager.close_all_connections()
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        versions = {Version(*row) for row in connection.execute(VERSIONS).fetchall()}
        unlike = connection.execute(f"select count(*) from (({GOLD}) except all ({SILVER}))").fetchone()[0]
        if unlike or connection.execute("select count(*) from gold.dim_member_history").fetchone()[0] != len(versions):
            raise Problem("dim_member_history holds other versions than the fold that it is made of.", "Compare both.")
        return Recovered(
            versions,
            set(connection.execute(SEEN).fetchall()),
            connection.execute(NOT_APART).fetchone()[0],
            failed,
        )
