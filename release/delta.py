"""Write a table as Delta that every reader of Delta can read: Databricks, Athena, DuckDB, delta-rs.

That is reader version 1: no deletion vectors, no column mapping, no timestamps without a zone. The instants are in UTC.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from gymhouse.artifacts import Table
from gymhouse.console import Problem
from gymhouse.home import SPARK
from gymhouse.masking import engine_said
from release.current import DELTA_LOG
from warehouse import Warehouse

READER_VERSION = 1
PROPERTIES = {"delta.enableDeletionVectors": "false", "delta.minReaderVersion": "1", "delta.minWriterVersion": "2"}
BATCH_ROWS = 100_000


def write_delta(warehouse: Warehouse, table: Table, rows_file: Path, folder: Path) -> None:
    """Write `table` to the new `folder` as a Delta table of one commit, its rows in the order of the key.

    Spark writes what Spark built; for DuckDB delta-rs does, from `rows_file`, the Parquet file with the rows in order.
    Raises `Problem` where the table has a type that Delta does not know, or cannot be written.
    """
    schema = _schema(table, pq.read_schema(rows_file))
    if warehouse.engine == SPARK:
        _write_with_spark(warehouse, table, folder)
    else:
        _write_with_delta_rs(table, rows_file, schema, folder)
    written = DeltaTable(folder)
    if written.protocol().min_reader_version > READER_VERSION:
        raise Problem(
            f"{table.id} was written with Delta features that not every reader knows.",
            f"Look for them in the log of {folder}, and for who turns them on in the profile.",
        )
    # What a retried task left, and checksums of Hadoop, are not part of the table.
    kept = {Path(uri).name for uri in written.file_uris()}
    for path in folder.rglob("*"):
        if path.is_file() and not (path.name in kept or (path.parent.name == DELTA_LOG and path.suffix == ".json")):
            path.unlink()


def _schema(table: Table, found: pa.Schema) -> pa.Schema:
    """The columns as Delta has them: a timestamp is an instant."""
    fields = []
    for field in found:
        if pa.types.is_timestamp(field.type):
            field = field.with_type(pa.timestamp("us", "UTC"))
        elif not _is_known(field.type):
            raise Problem(
                f"{table.id} cannot be published as Delta: its column {field.name} is {field.type}.",
                "Give the column a type of the models' contracts, or publish in the format parquet.",
            )
        fields.append(field)
    return pa.schema(fields)


def _is_known(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind):
        return _is_known(kind.value_type)
    simple = (
        pa.types.is_string,
        pa.types.is_signed_integer,
        pa.types.is_float32,
        pa.types.is_float64,
        pa.types.is_decimal128,
        pa.types.is_boolean,
        pa.types.is_date32,
    )
    return any(is_one(kind) for is_one in simple)


def _write_with_delta_rs(table: Table, rows_file: Path, schema: pa.Schema, folder: Path) -> None:
    batches = pq.ParquetFile(rows_file).iter_batches(BATCH_ROWS)
    rows = pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in batches))
    try:
        write_deltalake(folder, rows, writer_properties=WriterProperties(compression="ZSTD"))
    except (DeltaError, OSError) as error:
        raise _not_written(table, folder, error) from None


def _write_with_spark(warehouse: Warehouse, table: Table, folder: Path) -> None:
    from pyspark.errors import PySparkException
    from pyspark.sql import functions

    rows = warehouse.session.table(table.relation)  # The session first: functions speak to it.
    rows = rows.orderBy(*(functions.col(name).asc_nulls_last() for name in table.key))
    try:
        rows.write.format("delta").options(compression="zstd", **PROPERTIES).save(str(folder))
    except PySparkException as error:
        raise _not_written(table, folder, error) from None


def _not_written(table: Table, folder: Path, error: Exception) -> Problem:
    return Problem(
        f"{table.id} could not be written as Delta: {engine_said(str(error), table.names)}",
        f"Is the disk of {folder.parent} full? Make room or put the table right, then publish again.",
    )
