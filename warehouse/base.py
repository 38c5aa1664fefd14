"""What a warehouse offers, whichever engine it is."""

from __future__ import annotations

from abc import ABC, abstractmethod

import duckdb

from gymhouse.artifacts import Table


class QueryFailed(Exception):
    """The engine could not run a query; its words may quote a row, so mask them before they are told."""


class Warehouse(ABC):
    """The tables of one build, only to read.

    SQL for it keeps to what DuckDB and Spark share; a name in "double quotes" is an identifier on both.
    `engine`: the dbt target that built the tables. `threads`: how many queries at a time it is best asked.
    """

    engine: str
    threads: int

    @abstractmethod
    def rows(self, sql: str) -> list[tuple]:
        """The rows of a query. Timestamps are UTC without a zone. Raises `QueryFailed`."""

    @abstractmethod
    def names(self, sql: str) -> list[str]:
        """The names of the columns of a query, without running it. Raises `QueryFailed`."""

    @abstractmethod
    def columns(self, schema: str, name: str) -> list[tuple[str, str]]:
        """Name and type of each column of a table, in order; types as DuckDB calls them, in lower case.

        Raises `QueryFailed`.
        """

    @abstractmethod
    def relation(self, table: Table) -> duckdb.DuckDBPyRelation:
        """The rows of `table` for DuckDB, timestamps without a zone. Raises `Problem` where DuckDB cannot read them."""
