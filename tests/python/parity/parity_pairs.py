"""Two small tables, one as DuckDB holds it and one as Spark's Delta, for the comparison to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import write_deltalake

from gymhouse.artifacts import Column, Table
from gymhouse.home import DUCKDB, SPARK
from pipeline.parity.compare import compare
from pipeline.parity.sides import delta_side, duckdb_side
from pipeline.parity.verdict import Verdict

# What Spark's own tables say of an instant.
INSTANT = pa.timestamp("us", tz="UTC")


@dataclass
class Pairs:
    """Makes pairs of tables below `folder` and compares them."""

    folder: Path
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    numbers: count = field(default_factory=count)

    def __post_init__(self):
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute("create schema gold")

    def compare(
        self, here: pa.Table | None, there: pa.Table | None, key: tuple[str, ...] = ("id",), personal: tuple = ()
    ) -> Verdict:
        """The verdict on `here`, as DuckDB has it, and `there`, as Spark has it; None: it lacks the table."""
        name = f"numbers_{next(self.numbers)}"
        columns = tuple(Column(each, None) for each in (here if here is not None else there).column_names)
        table = Table(f"model.{name}", "gold", name, columns, key, False, False, frozenset(personal))
        if here is not None:
            self.connection.register("incoming", here)
            self.connection.execute(f"create table {table.relation} as select * from incoming")
        if there is not None:
            write_deltalake(self.folder / name, there)
        sides = {
            DUCKDB: duckdb_side(self.connection, table),
            SPARK: delta_side(self.connection, table, self.folder / name),
        }
        return compare(self.connection, table, sides)


def as_spark(table: pa.Table) -> pa.Table:
    """`table` with its timestamps as Spark writes them: instants in UTC."""
    types = [INSTANT if pa.types.is_timestamp(each.type) else each.type for each in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, types, strict=True))))


def changed(table: pa.Table, row: int, column: str, value: object) -> pa.Table:
    """`table` with one cell put in the place of another."""
    values = table[column].to_pylist()
    values[row] = value
    at = table.column_names.index(column)
    return table.set_column(at, column, pa.array(values, table.schema.field(column).type))


def renamed(table: pa.Table, old: str, new: str) -> pa.Table:
    """`table` with one column under another name."""
    return table.rename_columns([new if each == old else each for each in table.column_names])
