"""How Soda reaches the tables of a warehouse: its own data source of each engine, with exact types."""

from __future__ import annotations

from soda_core.common.data_source_impl import DataSourceImpl
from soda_core.common.logging_constants import soda_logger
from soda_core.common.metadata_types import ColumnMetadata, SqlDataType

from gymhouse.home import SPARK
from quality.contracts import DATA_SOURCE
from warehouse import QueryFailed, Warehouse


def open_source(warehouse: Warehouse) -> DataSourceImpl:
    """Soda's view of `warehouse`, for any number of contracts."""
    source = _spark(warehouse) if warehouse.engine == SPARK else _duckdb(warehouse)

    def columns(dataset_prefixes: list[str], dataset_name: str) -> list[ColumnMetadata]:
        try:
            found = warehouse.columns(*dataset_prefixes, dataset_name)
        except QueryFailed as error:
            soda_logger.error(str(error))
            return []  # Soda leaves the check unevaluated.
        return [ColumnMetadata(name, SqlDataType(kind)) for name, kind in found]

    # Soda takes bigint, int and decimal for the same, each engine in its own way; a contract does not.
    source.get_schema_check_columns_metadata = columns
    source.sql_dialect.data_type_names_are_same_or_synonym = str.__eq__
    return source


def _duckdb(warehouse: Warehouse) -> DataSourceImpl:
    from soda_duckdb.common.data_sources.duckdb_data_source import DuckDBDataSourceImpl

    return DuckDBDataSourceImpl.from_existing_cursor(warehouse.connection, DATA_SOURCE)


def _spark(warehouse: Warehouse) -> DataSourceImpl:
    # Its plugins register with what the first of these brings.
    import soda_core.contracts.contract_verification  # noqa: F401
    from soda_sparkdf.common.data_sources.sparkdf_data_source import SparkDataFrameCursor, SparkDataFrameDataSource

    from warehouse.on_spark import rows_of

    class Cursor(SparkDataFrameCursor):
        """Soda's own stops the clock of the whole process around each query, which costs more than a small query."""

        def fetchall(self) -> tuple[tuple]:
            return tuple(rows_of(self.df))

    source = SparkDataFrameDataSource.from_existing_session(session=warehouse.session, name=DATA_SOURCE)
    source.data_source_connection.connection.cursor = lambda: Cursor(warehouse.session)
    return source
