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


SPARK = """Could not execute a query:
select x from y:
{0}
== SQL (line 1, position 8) ==
select cast(first_name as int)
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `nobody` cannot be resolved. SQLSTATE: 42703",
            "`nobody` cannot be resolved",
        ),
        ("[TABLE_OR_VIEW_NOT_FOUND] The table or view `gold`.`nowhere` cannot be found.", "`gold`.`nowhere`"),
        ("[PARSE_SYNTAX_ERROR] Syntax error at or near 'from'. SQLSTATE: 42601", "at or near 'from'"),
    ],
)
def test_spark_errors_of_the_query_itself_are_told_whole(said, told):
    assert told in engine_said(SPARK.format(said))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "[CAST_INVALID_INPUT] The value 'Lovelace' of the type \"STRING\" cannot be cast.",
            "[CAST_INVALID_INPUT] The",
        ),
        ("[USER_RAISED_EXCEPTION] no member Lovelace in here", "[USER_RAISED_EXCEPTION] …"),
        ("[CAST_OVERFLOW] The value ada@lovelace.org does not fit", "[CAST_OVERFLOW] The value"),
    ],
)
def test_spark_errors_tell_no_values(said, told):
    assert engine_said(SPARK.format(said)).startswith(told)
    assert "ovelace" not in engine_said(SPARK.format(said))
