"""One table as one engine holds it: something that DuckDB can select from, and its columns with one set of type names.

The names of the types are DuckDB's, in lower case. A `timestamp` is the same instant on both engines: without a zone on
DuckDB, where the house keeps UTC, and with the zone UTC from Spark. What Spark calls `timestamp_ntz` is another type.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from deltalake import DeltaTable

from gymhouse.artifacts import Table, quoted

APPROXIMATE = frozenset({"double", "float"})
ZONED, ZONELESS = "timestamp with time zone", "timestamp"
FROM_SPARK = {ZONED: "timestamp", ZONELESS: "timestamp_ntz"}


@dataclass(frozen=True)
class Side:
    """`relation`: what stands behind FROM. `columns`: names and types, in their order."""

    relation: str
    columns: tuple[tuple[str, str], ...]

    @property
    def types(self) -> dict[str, str]:
        """Type by column name."""
        return dict(self.columns)


def duckdb_side(connection: duckdb.DuckDBPyConnection, table: Table) -> Side | None:
    """The table in the warehouse that `connection` has open; None where there is none."""
    try:
        return Side(table.relation, _columns(connection, table.relation))
    except duckdb.CatalogException:
        return None


def delta_side(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> Side | None:
    """Spark's Delta table in `folder`, read as a stream of Arrow batches; None where there is none."""
    if not DeltaTable.is_deltatable(str(folder)):
        return None
    name = f"spark {table.id}"
    connection.register(name, DeltaTable(folder).to_pyarrow_dataset())
    return _from_spark(connection, quoted(name))


def parquet_side(connection: duckdb.DuckDBPyConnection, folder: Path) -> Side:
    """What Spark wrote to `folder` as Parquet."""
    files = str(folder / "*.parquet").replace("'", "''")
    return _from_spark(connection, f"read_parquet('{files}')")


def _from_spark(connection: duckdb.DuckDBPyConnection, relation: str) -> Side:
    return Side(relation, tuple((name, FROM_SPARK.get(type_, type_)) for name, type_ in _columns(connection, relation)))


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[tuple[str, str], ...]:
    described = connection.execute(f"describe from {relation}").fetchall()
    return tuple((name, type_.lower()) for name, type_, *_ in described)
