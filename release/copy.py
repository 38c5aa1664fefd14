"""Copy one table into a release, so that equal rows are known to be equal whatever engine built them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from gymhouse.artifacts import Table, quoted
from gymhouse.console import Problem
from gymhouse.files import checksum, sync
from gymhouse.masking import engine_said
from release.current import DELTA, PARQUET, Release, files_of, path_of
from release.delta import write_delta
from warehouse import Warehouse
from warehouse.delta import delta_relation


def copy_table(
    warehouse: Warehouse, folder: Path, table: Table, file_format: str = PARQUET, former: Release | None = None
) -> dict:
    """Write `table` below `folder` and to disk, and return its entry for the manifest.

    Its rows are first written as one Parquet file in the order of the key, so equal rows give equal bytes, whatever
    order, threads or engine built them: the checksum of this file stands for the rows, and in the format Parquet it is
    the file that is published. A Delta table is read back and must give the same.
    """
    path = path_of(folder, table.schema, table.name, file_format)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows_file = path.with_name(f".{table.name}.rows")
    found = warehouse.relation(table)
    columns = [{"name": name, "type": str(kind)} for name, kind in zip(found.columns, found.types, strict=True)]
    write_rows(found, table, rows_file)
    entry = {
        "schema": table.schema,
        "name": table.name,
        "rows": pq.read_metadata(rows_file).num_rows,
        "bytes": rows_file.stat().st_size,
        "sha256": checksum(rows_file),
        "key": list(table.key),
        "columns": columns,
    }
    known = _linked(path, entry, file_format, former)
    if known is None and file_format == DELTA:
        write_delta(warehouse, table, rows_file, path)
        _require_same(path, table, entry["sha256"])
    elif known is None:
        os.replace(rows_file, path)
    rows_file.unlink(missing_ok=True)
    files = known or _listed(folder, path)
    for file in files:
        (folder / file["path"]).chmod(0o444)
        sync(folder / file["path"])
    if file_format == PARQUET:
        return entry
    return entry | {"bytes": sum(file["bytes"] for file in files), "files": files}


def write_rows(found: duckdb.DuckDBPyRelation, table: Table, path: Path) -> None:
    """Write the rows in the order of the key; raises `Problem` where they cannot be read or the disk is full."""
    try:
        order = ", ".join(f"{quoted(name)} nulls last" for name in table.key)
        found.order(order).write_parquet(str(path), compression="zstd")
    except duckdb.Error as error:
        raise Problem(
            f"{table.id} could not be copied: {engine_said(str(error), table.names)}",
            f"Is the disk of {path.parent} full? Make room or put the table right, then publish again.",
        ) from None


def _linked(path: Path, entry: dict, file_format: str, former: Release | None) -> list[dict] | None:
    """Let an unchanged table lie on disk once: link the live release's files, if they are still sound."""
    known = former.tables.get(f"{entry['schema']}.{entry['name']}") if former else None
    if known is None or former.format != file_format or known["sha256"] != entry["sha256"]:
        return None
    files = files_of(known, file_format)
    folder = path.parent.parent
    try:
        for file in files:
            older, linked = former.folder / file["path"], folder / file["path"]
            if checksum(older) != file["sha256"]:
                raise OSError(f"{older} is damaged")
            linked.parent.mkdir(parents=True, exist_ok=True)
            os.link(older, linked)
    except OSError:  # Damaged or gone, or a file system without hard links: it is written anew.
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return None
    return files


def _require_same(path: Path, table: Table, sha256: str) -> None:
    """Raise `Problem` unless the Delta table at `path` gives the rows with this checksum."""
    again = path.with_name(f".{table.name}.again")
    with duckdb.connect() as connection:
        write_rows(delta_relation(connection, path), table, again)
    if checksum(again) != sha256:
        raise Problem(
            f"{table.id} reads back from {path} with other rows than it was written from.",
            "Was it changed meanwhile? Build, gate and publish again.",
        )
    again.unlink()


def _listed(folder: Path, path: Path) -> list[dict]:
    """The files at `path`, as the manifest lists them: first by folder, then by name."""
    found = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return [
        {"path": str(each.relative_to(folder)), "bytes": each.stat().st_size, "sha256": checksum(each)}
        for each in found
    ]
