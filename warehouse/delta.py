"""Read a Delta table with DuckDB through its log, without an extension or a JVM."""

from __future__ import annotations

from pathlib import Path

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from gymhouse.console import Problem
from warehouse.instants import without_zones


def delta_relation(connection: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyRelation:
    """The newest rows of the Delta table in `folder`, its timestamps in UTC without a zone.

    Raises `Problem` for a table with a feature that changes what its files mean, such as deletion vectors.
    """
    try:
        found = connection.from_arrow(DeltaTable(folder).to_pyarrow_dataset())
    except DeltaError as error:
        raise Problem(
            f"{folder} cannot be read as a Delta table: {error}",
            "Build the table anew, without deletion vectors and column mapping.",
        ) from None
    return without_zones(found)
