"""A small table with every type that the models' contracts know, on either engine."""

from __future__ import annotations

from gymhouse.artifacts import Table
from gymhouse.home import DUCKDB

RICH = Table("model.x", "gold", "rich", (), ("id",), True, True, frozenset())

ROWS = """
select 1, 7, 'Zoë says: "quarter ½ past" 🏋', 0.0001, 1e-300, true, '2026-03-29 01:30:00.123456', '2026-03-29'
union all select 2, -2147483648, '', -12345678.9012, -0.1, false, '1969-12-31 23:59:59.999999', '0001-01-01'
union all select 9223372036854775807, null, null, null, null, null, null, null
union all select 3, 0, '  blank ends  ', 0.0000, 123456789.123456789, false, '2400-02-29 12:00:00', '9999-12-31'
"""


def rich_rows(engine: str) -> str:
    """A query for its rows; the columns have the same types in both engines' words."""
    text = "varchar" if engine == DUCKDB else "string"
    return f"""
    select
        cast(id as bigint) as id, cast(small as int) as small, cast(name as {text}) as name,
        cast(amount as decimal(12, 4)) as amount, cast(share as double) as share, cast(is_new as boolean) as is_new,
        cast(seen_at as timestamp) as seen_at, cast(day as date) as day
    from ({ROWS}) as made (id, small, name, amount, share, is_new, seen_at, day)
    """
