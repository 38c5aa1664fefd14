"""What may be shown of data that failed: keys of rows, never personal data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import duckdb

from gymhouse.artifacts import quoted

SAMPLE_KEYS = 5


def sample(connection: duckdb.DuckDBPyConnection, rows_sql: str, shown: Iterable[str]) -> list[dict]:
    """Up to five different values of the columns `shown` among the rows of the query `rows_sql`, smallest first.

    Columns that the query does not give are left out; a query that cannot run gives no sample, because the
    failure itself has been told.
    """
    try:
        given = {column[0] for column in connection.execute(f"select * from ({rows_sql}) limit 0").description}
        names = [name for name in shown if name in given]
        if not names:
            return []
        columns = ", ".join(quoted(name) for name in names)
        sql = f"select distinct {columns} from ({rows_sql}) order by all limit {SAMPLE_KEYS}"
        return [dict(zip(names, map(_plain, row), strict=True)) for row in connection.execute(sql).fetchall()]
    except duckdb.Error:
        return []


def _plain(value: object) -> object:
    """The value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def number(value: float | int | Decimal | None) -> str:
    """A number for people: no trailing zeros, no more digits than matter."""
    return "nothing" if value is None else f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
