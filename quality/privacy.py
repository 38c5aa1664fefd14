"""What may be shown of data that failed: keys of rows, never personal data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from gymhouse.artifacts import quoted
from warehouse import QueryFailed, Warehouse

SAMPLE_KEYS = 5


def sample(warehouse: Warehouse, rows_sql: str, shown: Iterable[str]) -> list[dict]:
    """Up to five different values of the columns `shown` among the rows of the query `rows_sql`, smallest first.

    Columns that the query does not give are left out; a query that cannot run gives no sample, because the
    failure itself has been told.
    """
    try:
        given = set(warehouse.names(rows_sql))
        names = [name for name in shown if name in given]
        if not names:
            return []
        columns = ", ".join(quoted(name) for name in names)
        order = ", ".join(f"{place} nulls last" for place in range(1, len(names) + 1))
        sql = f"select distinct {columns} from ({rows_sql}) as failing order by {order} limit {SAMPLE_KEYS}"
        return [dict(zip(names, map(_plain, row), strict=True)) for row in warehouse.rows(sql)]
    except QueryFailed:
        return []


def _plain(value: object) -> object:
    """The value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def number(value: float | int | Decimal | None) -> str:
    """A number for people: no trailing zeros, no more digits than matter."""
    if value is None:
        return "nothing"
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
