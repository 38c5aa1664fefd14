"""Whether personal columns are masked before they hold anything."""

from __future__ import annotations

from workspace import Statement

TABLES = ("table", "sliced", "snapshot")


def personal_columns(manifest: dict) -> dict[str, set[str]]:
    """The columns tagged `pii` of each table; those of a snapshot are those of the model that it is taken of."""
    tagged = {
        node_id: {column["name"] for column in node["columns"].values() if "pii" in column["tags"]}
        for node_id, node in manifest["nodes"].items()
    }
    found = {}
    for node_id, node in manifest["nodes"].items():
        own = tagged[node_id]
        if node["resource_type"] == "snapshot":
            own = set().union(*(tagged.get(parent, set()) for parent in node["depends_on"]["nodes"]))
        if own and node["config"]["materialized"] in TABLES:
            found[node_id] = own
    return found


def bare(manifest: dict, statements: list[Statement]) -> list[str]:
    """Each personal column that holds something before it is masked, or is never masked: `node.column: why`."""
    found = []
    for node_id, columns in personal_columns(manifest).items():
        name = manifest["nodes"][node_id]["relation_name"]
        sent = [statement.words for statement in statements if statement.node == node_id]
        created = next((at for at, sql in enumerate(sent) if sql.startswith(f"create or replace table {name}")), None)
        filled = next((at for at, sql in enumerate(sent) if sql.startswith(f"insert into {name}")), None)
        if created is None or filled is None or "where false limit 0" not in sent[created]:
            found.append(f"{node_id} is not made empty first")
            continue
        for column in sorted(columns):
            mask = f"alter table {name} alter column `{column}` set mask "
            if not any(sql.startswith(mask) for sql in sent[created:filled]):
                found.append(f"{node_id}.{column} is filled without a mask")
    return found
