"""Which tables are compared, from the manifests of both builds; and whether those builds can be compared at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gymhouse.artifacts import GOOD, Build, Table, load_build, tables_of
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, ENGINES, Home

KINDS = ("model", "seed", "snapshot")
AGAIN = "Let this command build both engines: leave out --no-build."


@dataclass(frozen=True)
class Compared:
    """A table or view to compare; `unique_key` is that of a snapshot, by which its versions belong together."""

    table: Table
    is_view: bool
    unique_key: tuple[str, ...] = ()


def compared_tables(home: Home, only: Collection[str] = ()) -> tuple[Compared, ...]:
    """Every table and view of the project, or those that `only` names as `<schema>.<table>`.

    Raises:
        Problem: an engine has not built them, the builds are of different models or of a different lake, or a name is
            unknown.
    """
    builds = {engine: load_build(home, engine) for engine in ENGINES}
    manifest = builds[DUCKDB].manifest
    found = [_compared(table, manifest["nodes"][table.unique_id]) for table in tables_of(manifest, KINDS)]
    if unknown := sorted(set(only) - {each.table.id for each in found}):
        raise Problem(
            f"There is no table {', '.join(unknown)} in the project.",
            "Name it as <schema>.<table>, for example gold.dim_date; `dbt list --output name` shows what there is.",
        )
    chosen = tuple(each for each in found if not only or each.table.id in only)
    _require_same_models(builds)
    _require_same_lake(home, builds)
    for engine, build in builds.items():
        _require_built(engine, build, chosen)
    return chosen


def _compared(table: Table, node: dict) -> Compared:
    key = node["config"].get("unique_key") if node["resource_type"] == "snapshot" else None
    unique_key = (key,) if isinstance(key, str) else tuple(key or ())
    return Compared(table, node["config"]["materialized"] == "view", unique_key)


def _require_same_models(builds: dict[str, Build]) -> None:
    codes = [_code(build.manifest) for build in builds.values()]
    if codes[0] != codes[1]:
        names = {name for name in {*codes[0], *codes[1]} if codes[0].get(name) != codes[1].get(name)}
        listed = ", ".join(sorted(names)[:5])
        raise Problem(f"The two engines were built from different models or macros ({listed}).", AGAIN)


def _code(manifest: dict) -> dict[str, str]:
    """The project's own SQL and data by name: what a build was made of."""
    nodes = {
        node["name"]: node["checksum"]["checksum"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in KINDS
    }
    project = manifest["metadata"]["project_name"]
    macros = {
        macro["name"]: macro["macro_sql"] for macro in manifest["macros"].values() if macro["package_name"] == project
    }
    return nodes | macros


def _require_same_lake(home: Home, builds: dict[str, Build]) -> None:
    landed = max((path.stat().st_mtime for path in home.lake.glob("*/*/*/*/*.parquet")), default=0.0)
    for engine, build in builds.items():
        if build.begun_at.timestamp() < landed:
            raise Problem(f"Files landed in {home.lake} after {engine} was built.", AGAIN)


def _require_built(engine: str, build: Build, chosen: tuple[Compared, ...]) -> None:
    missing = [
        each.table.id for each in chosen if build.results.get(each.table.unique_id, {}).get("status") not in GOOD
    ]
    if missing:
        listed = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        raise Problem(f"The last dbt command on {engine} did not build {len(missing)} tables: {listed}.", AGAIN)
