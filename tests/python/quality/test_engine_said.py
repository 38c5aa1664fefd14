"""What may be repeated of an engine's error: all of it before a row was read, nothing of a row."""

import duckdb
import pytest

from gymhouse.masking import engine_said


def error_of(sql: str) -> str:
    with pytest.raises(duckdb.Error) as raised:
        duckdb.connect().execute(sql).fetchall()
    return f"Could not execute a query: \n{sql}:\n{raised.value}"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select nobody from (select 1 as somebody)", 'Referenced column "nobody" not found'),
        ("select * from nowhere", "Table with name nowhere does not exist"),
        ("select from", "syntax error"),
    ],
)
def test_errors_of_the_query_itself_are_told_whole(sql, told):
    assert told in engine_said(error_of(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "select name::int from (values ('Lovelace')) t(name)",
        "select name::date from (values ('Lovelace')) t(name)",
        "select name::bigint from (values ('ada@lovelace.org')) t(name)",
        "select error('no ' || name) from (values ('''Lovelace''')) t(name)",
    ],
)
def test_values_of_rows_are_never_told(sql):
    told = engine_said(error_of(sql))
    assert "Error: " in told
    assert "ovelace" not in told
