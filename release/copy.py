"""Copy one table to Parquet, so that equal data gives equal files."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from gymhouse.artifacts import Table, quoted
from gymhouse.console import Problem
from gymhouse.files import sync
from gymhouse.masking import engine_said
from release.current import Release, file_of
from release.store import checksum


def copy_table(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: Table, former: Release | None = None
) -> dict:
    """Write `table` below `folder` and to disk, and return its entry for the manifest.

    The rows lie in the order of the key, so equal data gives equal bytes, whatever order or threads built it.
    """
    path = file_of(folder, table.schema, table.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    order = ", ".join(f"{quoted(name)} nulls last" for name in table.key)
    target = str(path).replace("'", "''")
    sql = f"copy (select * from {table.relation} order by {order}) to '{target}' (format parquet, compression zstd)"
    try:
        (rows,) = connection.execute(sql).fetchone()
    except duckdb.Error as error:
        raise Problem(
            f"{table.id} could not be copied: {engine_said(str(error), table.names)}",
            f"Is the disk of {folder.parent} full? Make room or put the table right, then publish again.",
        ) from None
    described = connection.execute(f"describe {table.relation}").fetchall()
    entry = {
        "schema": table.schema,
        "name": table.name,
        "rows": rows,
        "bytes": path.stat().st_size,
        "sha256": checksum(path),
        "key": list(table.key),
        "columns": [{"name": name, "type": kind} for name, kind, *_ in described],
    }
    path.chmod(0o444)
    _share(path, table, entry, former)
    sync(path)
    return entry


def _share(path: Path, table: Table, entry: dict, former: Release | None) -> None:
    """Let an unchanged table lie on disk once: link the live release's file, if that file is still sound."""
    known = former.tables.get(table.id) if former else None
    if known is None or known["sha256"] != entry["sha256"]:
        return
    older = file_of(former.folder, table.schema, table.name)
    if not older.is_file() or checksum(older) != entry["sha256"]:
        return
    linked = path.with_name(f".{path.name}")
    try:
        os.link(older, linked)
    except OSError:
        return  # A file system without hard links keeps the copy.
    os.replace(linked, path)
