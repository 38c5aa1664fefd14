"""dbt for the target `databricks`, with a warehouse that only listens: every statement is written down, none is run.

    .venv-databricks/bin/python recorded_dbt.py RECORD.jsonl ANSWERS.json build --target databricks …

RECORD gets one JSON object a statement: `node` (what dbt was building; "" for none), `sql`, and `session` (the settings
of the session). ANSWERS says what the warehouse is like: `time_zone`, `user`, `lake` ({folder: [names in it]}) and
`tables` ({schema: {table that is there already: [its columns]}}), which a group `former` was granted. Other columns are
answered as the YAML files declare them, everything else as by a warehouse that is new and empty. It stands alone: the
environment of dbt-databricks holds nothing of the project's.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from pathlib import Path

COMMENT = re.compile(r"^/\*\s*(\{.*?\})\s*\*/\s*", re.DOTALL)
LANDED = [("_source", "string"), ("_row", "bigint"), ("_landed_at", "timestamp"), ("_batch", "string")]
# What sliced models ask of their state and of the views that they read, in a warehouse that holds nothing yet.
OWN_STATE = [
    ("with tested as", ["slice", "tested_count"], []),
    ("select version from", ["version"], []),
    ("select input_slice from", ["input_slice"], []),
    ("with changed as", ["slice", "row_count"], []),
    ("show create table", ["createtab_stmt"], [("",)]),
]
GRANTS = ("Principal", "ActionType", "ObjectType", "ObjectKey")
WRITING = threading.Lock()


class Warehouse:
    """Stands in for the module `databricks.sql` where dbt-databricks connects."""

    def __init__(self, record: Path, answers: dict) -> None:
        self.record, self.answers, self._nodes = record, answers, None

    def connect(self, **arguments) -> Session:
        return Session(self, arguments)

    @property
    def nodes(self) -> dict[str, dict]:
        """What dbt builds and reads, by its id."""
        with WRITING:
            if self._nodes is None:
                manifest = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text())
                self._nodes = manifest["nodes"] | manifest["sources"] | manifest["unit_tests"]
        return self._nodes

    def columns(self, node_id: str) -> list[tuple[str, str]]:
        """Names and types of what a node gives; snapshots and unit tests give what they are taken of."""
        node = self.nodes[node_id]
        if node["resource_type"] in ("snapshot", "unit_test"):
            return self.columns(node["depends_on"]["nodes"][0])
        types = {name: column["data_type"] for name, column in node["columns"].items() if column["data_type"]}
        types |= node["config"].get("column_types", {})
        declared = [(name, types.get(name, "string")) for name in node["columns"]]
        return declared + (LANDED if node["resource_type"] == "source" else [])

    def description(self, relation: str, asked_by: str) -> str:
        """A relation's columns, as `describe … as json` gives them; a temporary one belongs to the node that asks."""
        schema, name = relation.split("`")[-4:-1:2] if relation.count("`") == 6 else ("", "")
        there = self.answers["tables"].get(schema, {}).get(name)
        known = (node_id for node_id, node in self.nodes.items() if node.get("relation_name") == relation)
        columns = [(column, "string") for column in there] if there else self.columns(next(known, asked_by))
        return json.dumps({"columns": [{"name": name, "type": {"name": kind}} for name, kind in columns]})

    def write_down(self, node: str, sql: str, session: dict) -> None:
        with WRITING, self.record.open("a") as file:
            file.write(json.dumps({"node": node, "sql": sql, "session": session}) + "\n")

    def answer(self, node: str, sql: str) -> tuple[list[tuple[str, str]] | None, list[tuple]]:
        """Columns and rows of the answer; no columns where a statement gives none."""
        words = " ".join(sql.lower().split())
        if words == "select current_timezone()":
            return [("current_timezone()", "string")], [(self.answers["time_zone"],)]
        if words == "select session_user()":
            return [("session_user()", "string")], [(self.answers["user"],)]
        if words.startswith("list "):
            names = self.answers["lake"][sql.split("'")[1]]
            return [("path", "string"), ("name", "string")], [(name, name + "/") for name in names]
        if "from `system`.`information_schema`.`tables`" in words:
            there = self.answers["tables"].get(words.split("table_schema = '")[1].split("'")[0], {})
            kinds = ("table_name", "table_type", "file_format", "table_owner", "databricks_table_type")
            rows = [(name, "table", "delta", self.answers["user"], "managed") for name in there]
            return [(kind, "string") for kind in kinds], rows
        if words.startswith("describe table extended"):
            return [("json_metadata", "string")], [(self.description(sql.split()[3], node),)]
        if words.startswith("show grants"):
            return [(name, "string") for name in GRANTS], [("former", "SELECT", "TABLE", "")]
        if "as should_error" in words:
            kinds = [("failures", "bigint"), ("should_warn", "boolean"), ("should_error", "boolean")]
            return kinds, [(0, False, False)]
        if "actual_or_expected" in words:
            return [("value", "string"), ("actual_or_expected", "string")], [("", "actual"), ("", "expected")]
        if words.startswith(("select * from (", "with ")) and "limit 0" in words:
            return self.columns(node), []
        for asked, columns, rows in OWN_STATE:
            if words.startswith(asked):
                return [(column, "string") for column in columns], rows
        return None, []


class Session:
    """One connection."""

    def __init__(self, warehouse: Warehouse, arguments: dict) -> None:
        self.warehouse, self.settings = warehouse, arguments["session_configuration"]

    def cursor(self) -> Cursor:
        return Cursor(self)

    def get_session_id_hex(self) -> str:
        return "listening"

    def close(self) -> None:
        pass


class Cursor:
    """One statement."""

    query_id = "none"

    def __init__(self, session: Session) -> None:
        self.connection, self.description, self.rows = session, None, []

    def execute(self, sql: str, bindings: list | None = None) -> Cursor:
        comment = COMMENT.match(sql)
        node = json.loads(comment.group(1)).get("node_id", "") if comment else ""
        sql = COMMENT.sub("", sql)
        if bindings:
            sql = sql % tuple(repr(value) if value is not None else "null" for value in bindings)
        warehouse = self.connection.warehouse
        warehouse.write_down(node, sql, self.connection.settings)
        columns, self.rows = warehouse.answer(node, sql)
        self.description = columns and [(name, kind, None, None, None, None, None) for name, kind in columns]
        return self

    def schemas(self, database: str, schema: str | None = None) -> Cursor:
        return self

    def tables(self, database: str, schema: str) -> Cursor:
        return self

    def fetchall(self) -> list[tuple]:
        return self.rows

    def fetchone(self) -> tuple | None:
        return self.rows[0] if self.rows else None

    def fetchmany(self, size: int) -> list[tuple]:
        return self.rows[:size]

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        pass


def main(record: str, answers: str, *arguments: str) -> int:
    from dbt.adapters.databricks import handle
    from dbt.cli.main import dbtRunner

    handle.dbsql = Warehouse(Path(record), json.loads(Path(answers).read_text()))
    result = dbtRunner().invoke(list(arguments))
    return 0 if result.success else 2 if result.exception else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
