"""What dbt left behind: the tables of a build with their columns and keys, and how each node ended.

dbt's `manifest.json` and `run_results.json` are the one list of tables, columns, types, keys and personal-data tags;
nobody else keeps a second one. A model names its key in its YAML: `config: {meta: {key: [member_key]}}`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home

PERSONAL_TAG = "pii"
SNAPSHOT_KEY = ("dbt_scd_id",)
GOOD = frozenset({"success", "pass", "warn", "no-op"})
# What dbt's commands call themselves in their results. All others that leave results call everything a success that
# could be compiled, tests among them.
BUILDING = frozenset({"build", "run", "seed", "snapshot", "test", "retry"})


def rebuild(home: Home, engine: str = DUCKDB) -> str:
    """What to do when the artifacts do not fit the tables: a whole build that leaves both in `home`."""
    if engine != DUCKDB:
        return f"Build the whole project there: `python -m pipeline build --engine {engine}`."
    return f"Build the whole project: `make run`, or `DBT_TARGET_PATH={home.target} dbt build`."


def quoted(name: str) -> str:
    """`name` as a quoted identifier of standard SQL, which every warehouse that we open understands."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Column:
    """A column as the model's YAML declares it; `data_type` is None where the YAML gives none."""

    name: str
    data_type: str | None


@dataclass(frozen=True)
class Table:
    """One table or view that dbt built.

    `enforced`: dbt holds it to the declared columns, in their order. `described`: the YAML lists every column with its
    type. `personal`: names of columns that hold personal data, wherever they are. `rides_along`: it grows with every
    run, so a change of it alone is no reason for a new release (`config: {meta: {rides_along: true}}`).
    `proven_by_build`: it is too large to be grouped by its key again, which the build's own tests prove in a cheaper
    way: by numbers (`table_rules` with `numbered_by`), by counting (`rows_of`), or slice by slice (`meta:
    {test_new_slices: true}`).
    """

    unique_id: str
    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    enforced: bool
    described: bool
    personal: frozenset[str]
    rides_along: bool = False
    proven_by_build: bool = False

    @property
    def id(self) -> str:
        """`<schema>.<table>`."""
        return f"{self.schema}.{self.name}"

    @property
    def names(self) -> frozenset[str]:
        """What we named ourselves, and may be told whole: schema, table, columns."""
        return frozenset({self.schema, self.name, *(column.name for column in self.columns)})

    @property
    def relation(self) -> str:
        """The quoted name for SQL."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True)
class Build:
    """The last dbt command of a home: what it knew (`manifest`) and how it ended (`results`, by unique id)."""

    invocation_id: str
    begun_at: datetime
    command: str
    dbt_version: str
    manifest: dict
    results: dict[str, dict]
    tables: tuple[Table, ...]

    def failed(self) -> list[dict]:
        """The results that are neither good nor skipped because of another failure."""
        return [result for result in self.results.values() if result["status"] not in GOOD | {"skipped"}]

    def not_run(self) -> list[str]:
        """Unique ids of what makes and judges the data and this command did not bring to a good end, sorted.

        Unit tests are not among them: they judge the SQL.
        """
        wanted = {
            unique_id
            for unique_id, node in self.manifest["nodes"].items()
            if node["resource_type"] in {"model", "seed", "snapshot", "test"}
            and node["config"].get("materialized") != "ephemeral"
        }
        return sorted(unique_id for unique_id in wanted if self.results.get(unique_id, {}).get("status") not in GOOD)


def load_build(home: Home, engine: str = DUCKDB) -> Build:
    """Read what the last dbt command on `engine` left in `home`.

    Raises:
        Problem: its artifacts are missing, of two different commands, or of one that builds and tests nothing.
    """
    manifest = _read(home, engine, "manifest.json")
    results = _read(home, engine, "run_results.json")
    invocation = results["metadata"]["invocation_id"]
    if manifest["metadata"]["invocation_id"] != invocation:
        # dbt writes the manifest when it starts and the results when it ends.
        raise Problem(
            f"The results in {home.target_of(engine)} are not of the last dbt command:"
            " it was killed, or only listed or parsed.",
            rebuild(home, engine),
        )
    if (command := results["args"]["which"]) not in BUILDING:
        raise Problem(
            f"The results in {home.target_of(engine)} are of"
            f" `dbt {'docs generate' if command == 'generate' else command}`, which neither builds nor tests.",
            rebuild(home, engine),
        )
    return Build(
        invocation_id=invocation,
        begun_at=datetime.fromisoformat(results["metadata"]["invocation_started_at"]),
        command=command,
        dbt_version=results["metadata"]["dbt_version"],
        manifest=manifest,
        results={result["unique_id"]: result for result in results["results"]},
        tables=tables_of(manifest),
    )


def _read(home: Home, engine: str, name: str) -> dict:
    path = home.target_of(engine) / name
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise Problem(
            f"There is no {name} in {path.parent}: no build has left its results there.", rebuild(home, engine)
        ) from None
    except json.JSONDecodeError as error:
        raise Problem(f"{path} is not readable JSON ({error}).", rebuild(home, engine)) from None


def tables_of(manifest: dict, kinds: Collection[str] = ("model", "snapshot")) -> tuple[Table, ...]:
    """The tables and views that dbt makes of the resources of these `kinds`, sorted by schema and name."""
    personal = _personal_columns(manifest)
    proven = _proven_in_a_cheaper_way(manifest)
    made = [
        Table(
            unique_id=unique_id,
            schema=node["schema"],
            name=node["alias"],
            columns=tuple(Column(each["name"], each.get("data_type")) for each in node["columns"].values()),
            key=_key(node),
            enforced=node.get("contract", {}).get("enforced", False),
            # dbt adds columns of its own to a snapshot.
            described=node["resource_type"] == "model" and _is_described(node),
            personal=personal,
            rides_along=node["config"].get("meta", {}).get("rides_along", False),
            proven_by_build=unique_id in proven or node["config"].get("meta", {}).get("test_new_slices", False),
        )
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in kinds and node["config"]["materialized"] != "ephemeral"
    ]
    return tuple(sorted(made, key=lambda table: table.id))


def _is_described(node: dict) -> bool:
    columns = node["columns"].values()
    return bool(columns) and all(column.get("data_type") for column in columns)


def _key(node: dict) -> tuple[str, ...]:
    named = node["config"].get("meta", {}).get("key")
    if named is None:
        return SNAPSHOT_KEY if node["resource_type"] == "snapshot" else ()
    return (named,) if isinstance(named, str) else tuple(named)


def _proven_in_a_cheaper_way(manifest: dict) -> frozenset[str]:
    """Unique ids of the models whose key a test proves without grouping by it."""
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    named = [(test.get("attached_node"), test.get("test_metadata") or {}) for test in tests]
    return frozenset(
        model
        for model, metadata in named
        if metadata.get("name") == "rows_of"
        or (metadata.get("name") == "table_rules" and metadata.get("kwargs", {}).get("numbered_by"))
    )


def _personal_columns(manifest: dict) -> frozenset[str]:
    """Names that carry the tag anywhere: a column keeps its nature when a later model forgets to say so."""
    owners = [*manifest["nodes"].values(), *manifest["sources"].values()]
    return frozenset(
        column["name"]
        for owner in owners
        for column in owner.get("columns", {}).values()
        if PERSONAL_TAG in column.get("tags", ()) or PERSONAL_TAG in column.get("config", {}).get("tags", ())
    )
