"""Contracts: what people decide, completed with what dbt already knows.

A file `quality/contracts/<schema>/<table>.yml` holds checks and thresholds in Soda's contract language, and nothing
that dbt knows: the dataset, the columns, their types and the key come from dbt's manifest. A table without a file gets
the derived checks alone: its schema, its key (present, unique) and its row count against the live release. The key of a
table too large to be grouped by it again is left to the build, whose tests prove it in a cheaper way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gymhouse.artifacts import Column, Table, quoted
from gymhouse.console import Problem
from gymhouse.home import PROJECT
from warehouse.types import type_of_duckdb

FOLDER = PROJECT / "quality" / "contracts"
DATA_SOURCE = "gymhouse"
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # The one in C is eight times faster, where it is built.
MIN_SHARE_OF_LIVE = 0.5  # A table that lost more than half its rows lost a source, not customers.
FILE_KEYS = {"min_share_of_live", "checks", "columns"}
DERIVED_COLUMN_KEYS = {"data_type", "numeric_precision", "numeric_scale", "character_maximum_length"}


@dataclass(frozen=True)
class Decided:
    """The content of one hand-written file: `checks` on the table, and by column name the keys of its entry."""

    path: Path
    checks: list[dict] = field(default_factory=list)
    columns: dict[str, dict] = field(default_factory=dict)
    min_share_of_live: float = MIN_SHARE_OF_LIVE


def read_decided(tables: tuple[Table, ...], folder: Path = FOLDER) -> dict[str, Decided]:
    """Every hand-written contract under `folder`, by table id; a file for an unknown table is a `Problem`."""
    by_id = {table.id: table for table in tables}
    decided = {}
    for path in sorted(folder.glob("**/*.y*ml")):
        table_id = f"{path.parent.name}.{path.stem}"
        if table_id not in by_id:
            raise Problem(
                f"{_shown(path)} is a contract for {table_id}, which dbt does not build.",
                "Name the file after a table, <schema>/<table>.yml, or remove it.",
            )
        decided[table_id] = _decided(path, by_id[table_id])
    return decided


def _decided(path: Path, table: Table) -> Decided:
    try:
        content = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise Problem(f"{_shown(path)} is not readable YAML: {error}", "Put the file right.") from None
    if not isinstance(content, dict) or set(content) - FILE_KEYS:
        unknown = ", ".join(sorted(set(content) - FILE_KEYS)) if isinstance(content, dict) else "no keys at all"
        raise Problem(
            f"{_shown(path)} has {unknown}; a contract file holds {', '.join(sorted(FILE_KEYS))}.",
            "The dataset and the list of columns come from dbt: remove what is not in that list.",
        )
    columns = {}
    known = {column.name for column in table.columns} | set(table.key)
    for entry in content.get("columns") or []:
        name = entry.get("name")
        if name not in known:
            raise Problem(
                f"{_shown(path)} has a check on the column {name}, which {table.id} does not declare.",
                "Correct the name, or declare the column in the model's YAML file.",
            )
        if set(entry) & DERIVED_COLUMN_KEYS:
            raise Problem(
                f"{_shown(path)} gives a type to the column {name}.",
                "Remove it: types come from the model's YAML file.",
            )
        columns[name] = {key: value for key, value in entry.items() if key != "name"}
    share = content.get("min_share_of_live", MIN_SHARE_OF_LIVE)
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise Problem(f"{_shown(path)} has min_share_of_live: {share}.", "Give a share between 0 and 1.")
    return Decided(path, content.get("checks") or [], columns, share)


def complete(table: Table, decided: Decided | None, live_rows: int | None, accept_volume_drop: bool = False) -> dict:
    """The whole Soda contract of `table`; `live_rows` is its row count in the live release, None when it has none."""
    decided = decided or Decided(FOLDER / table.schema / f"{table.name}.yml")
    share = 0 if accept_volume_drop else decided.min_share_of_live
    declared = {column.name: column for column in table.columns}
    for name in table.key:  # A key that no YAML describes is still checked, without a type.
        declared.setdefault(name, Column(name, None))
    columns = []
    for column in declared.values():
        entry = {"name": column.name}
        if column.data_type:
            entry["data_type"] = _canonical_type(column.data_type, table, column)
        entry |= decided.columns.get(column.name, {})
        is_key = column.name in table.key and not table.proven_by_build
        derived = [{"missing": {"name": f"the key {column.name} is there"}}] if is_key else []
        checks = _merged(derived, entry.pop("checks", None) or [])
        columns.append(entry | ({"checks": checks} if checks else {}))
    checks = _merged(_derived_checks(table, math.ceil(share * (live_rows or 0))), decided.checks)
    return {"dataset": f"{DATA_SOURCE}/{table.schema}/{table.name}", "checks": checks, "columns": columns}


def _derived_checks(table: Table, least_rows: int) -> list[dict]:
    schema = {} if table.described else {"allow_extra_columns": True}
    schema |= {} if table.enforced else {"allow_other_column_order": True}
    rows = {"qualifier": "volume", "threshold": {"must_be_greater_than_or_equal": least_rows}}
    checks = [
        {"schema": {"name": "columns and types are as declared"} | schema},
        {"row_count": {"name": "rows against the live release"} | rows},
    ]
    if table.key and not table.proven_by_build:
        # Soda's own `duplicate` hashes a text made of the columns: four times slower than grouping by them.
        key = ", ".join(quoted(name) for name in table.key)
        query = f"select {key} from {table.relation} group by {key} having count(*) > 1"
        checks.append(
            {"failed_rows": {"name": f"({', '.join(table.key)}) is unique", "qualifier": "key", "query": query}}
        )
    return checks


def _merged(derived: list[dict], decided: list[dict]) -> list[dict]:
    """All checks; a hand-written one takes the place of the derived one of its type and qualifier."""
    taken = {_identity(check) for check in decided}
    return [check for check in derived if _identity(check) not in taken] + decided


def _identity(check: dict) -> tuple:
    if not isinstance(check, dict) or len(check) != 1:
        return (str(check), None)
    ((kind, body),) = check.items()
    return kind, (body or {}).get("qualifier")


def count_checks(contract: dict) -> int:
    """How many checks a completed contract asks for."""
    return len(contract["checks"]) + sum(len(column.get("checks", ())) for column in contract["columns"])


def as_yaml(contract: dict) -> str:
    """The contract as the text that Soda reads."""
    return yaml.dump(contract, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=1000)


def _canonical_type(declared: str, table: Table, column: Column) -> str:
    found = type_of_duckdb(declared)
    if found is None:
        raise Problem(
            f"{table.id} declares {column.name} as {declared}, which is no type.",
            "Correct data_type in the model's YAML file.",
        )
    return found


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)
