"""One rule per type: what lands, exactly, and what is rejected."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from landing_lakes import LEDGER, make_lake

from ingest.contract import Column, Drop, Table
from ingest.land import connect
from ingest.typing_rules import Value, attempt, bad, settled

BAD = "bad"
BIG = 2**53 + 1


@pytest.fixture(scope="module")
def connection(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    return connect(tmp_path_factory.mktemp("scratch"))


def one_value(kind: str, form: str) -> Table:
    """A table with a key and one column `c` of this type."""
    columns = (Column("id", "bigint", ("id",)), Column("c", kind, ("c",)))
    return Table("s", "t", columns, ("id",), (Drop(("t*",), form),))


def take(connection, column: Column, value: Value, relation: str):
    """What becomes of a raw value: the typed one, or BAD."""
    inner = f"SELECT *, {attempt(column, value)} AS tried FROM {relation}"
    inner = f"SELECT *, {settled(column, value, 'tried')} AS done FROM ({inner})"
    typed, wrong = connection.execute(f"SELECT done, {bad(column, value, 'done')} FROM ({inner})").fetchone()
    assert typed is None or not wrong
    return BAD if wrong else typed


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("bigint", "1678451168", 1678451168),
        ("bigint", "1678451168.0", 1678451168),
        ("bigint", "1678451168.000", 1678451168),
        ("bigint", "1.678451168e9", 1678451168),
        ("bigint", "1.678451168E+9", 1678451168),
        ("bigint", " 12 ", 12),
        ("bigint", "+5", 5),
        ("bigint", "007", 7),
        ("bigint", "-0", 0),
        ("bigint", "1.", 1),
        ("bigint", str(BIG), BIG),
        ("bigint", f"{BIG}.0", BIG),
        ("bigint", str(-BIG), -BIG),
        ("bigint", str(2**63 - 1), 2**63 - 1),
        ("bigint", str(-(2**63)), -(2**63)),
        ("bigint", str(2**63), BAD),
        ("bigint", "2.7", BAD),
        ("bigint", "1678451168.5", BAD),
        ("bigint", "15e-1", BAD),
        ("bigint", "1_000", BAD),
        ("bigint", "0x1F", BAD),
        ("bigint", "1,000", BAD),
        ("bigint", "abc", BAD),
        ("bigint", "nan", BAD),
        ("bigint", "NULL", BAD),
        ("bigint", "", None),
        ("bigint", "   ", None),
        ("bigint", None, None),
        ("bigint", "12.0000000000000000001", BAD),
        ("decimal(12, 2)", "12", Decimal("12.00")),
        ("decimal(12, 2)", "12.5", Decimal("12.50")),
        ("decimal(12, 2)", "12.50", Decimal("12.50")),
        ("decimal(12, 2)", "12.5000", Decimal("12.50")),
        ("decimal(12, 2)", "1.25e1", Decimal("12.50")),
        ("decimal(12, 2)", "1250E-2", Decimal("12.50")),
        ("decimal(12, 2)", " +012.50 ", Decimal("12.50")),
        ("decimal(12, 2)", "-.5", Decimal("-0.50")),
        ("decimal(12, 2)", "5.", Decimal("5.00")),
        ("decimal(12, 2)", "-0", Decimal("0.00")),
        ("decimal(12, 2)", "9999999999.99", Decimal("9999999999.99")),
        ("decimal(12, 2)", "10000000000", BAD),
        ("decimal(12, 2)", "9999999999.995", BAD),
        ("decimal(12, 2)", "12.505", BAD),
        ("decimal(12, 2)", "1e-3", BAD),
        ("decimal(12, 2)", "1_0.50", BAD),
        ("decimal(12, 2)", "1,250.00", BAD),
        ("decimal(12, 2)", "12,50", BAD),
        ("decimal(12, 2)", "$12.50", BAD),
        ("decimal(12, 2)", "nan", BAD),
        ("decimal(12, 2)", "e5", BAD),
        ("decimal(12, 2)", ".", BAD),
        ("decimal(12, 2)", "", None),
        ("decimal(12, 2)", "  ", None),
        ("decimal(12, 2)", None, None),
        ("decimal(2, 2)", "0.25", Decimal("0.25")),
        ("decimal(2, 2)", "1.25", BAD),
        ("decimal(38, 0)", "9" * 38, Decimal("9" * 38)),
        ("decimal(38, 0)", "1" + "0" * 38, BAD),
        ("double", "2.5", 2.5),
        ("double", " 2.5 ", 2.5),
        ("double", "-1e-3", -0.001),
        ("double", "7", 7.0),
        ("double", "nan", BAD),
        ("double", "Infinity", BAD),
        ("double", "1e400", BAD),
        ("double", "1_0.5", BAD),
        ("double", "1,5", BAD),
        ("double", "", None),
        ("boolean", "TRUE", True),
        ("boolean", "no", False),
        ("boolean", "1", True),
        ("boolean", " f ", False),
        ("boolean", "2", BAD),
        ("boolean", "", None),
        ("string", "", ""),
        ("string", " a ", " a "),
        ("string", None, None),
        ("date", "2023-04-01", date(2023, 4, 1)),
        ("date", "04/01/2023", date(2023, 4, 1)),
        ("date", " 01.04.2023 ", date(2023, 4, 1)),
        ("date", "2023-02-30", BAD),
        ("date", "2023-04-01 10:00:00", BAD),
        ("date", "yesterday", BAD),
        ("date", "", None),
        ("timestamp", "2023-04-01T10:00:00Z", datetime(2023, 4, 1, 10)),  # noqa: DTZ001
        ("timestamp", "2023-04-01 10:00:00+02:00", datetime(2023, 4, 1, 8)),  # noqa: DTZ001
        ("timestamp", "2023-04-01 10:00:00.25", datetime(2023, 4, 1, 10, 0, 0, 250000)),  # noqa: DTZ001
        ("timestamp", "2023-04-01", datetime(2023, 4, 1)),  # noqa: DTZ001
        ("timestamp", "2023-04-01T25:00:00Z", BAD),
        ("timestamp", "infinity", BAD),
        ("timestamp", "epoch", BAD),
        ("timestamp", "", None),
    ],
)
def test_text(connection, kind, text, expected):
    formats = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y") if kind == "date" else ()
    raw = "NULL::VARCHAR" if text is None else "'" + text + "'"
    taken = take(connection, Column("c", kind, ("c",), formats), Value("raw"), f"(SELECT {raw} AS raw)")
    assert taken == expected
    assert type(taken) is type(expected)


def test_declared_timestamp_formats_turn_offsets_into_utc(connection):
    column = Column("c", "timestamp", ("c",), ("%d/%m/%Y %H:%M %z", "%d/%m/%Y %H:%M"))
    for text, hour in (("01/04/2023 10:00 +0200", 8), ("01/04/2023 10:00", 10)):
        taken = take(connection, column, Value("raw"), f"(SELECT '{text}' AS raw)")
        assert taken == datetime(2023, 4, 1, hour)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("kind", "literal", "expected"),
    [
        ("bigint", "12", 12),
        ("bigint", "12.0", 12),
        ("bigint", "1.678451168e9", 1678451168),
        ("bigint", '"12"', 12),
        ("bigint", str(BIG), BIG),
        ("bigint", f'"{BIG}"', BIG),
        ("bigint", "2.7", BAD),
        ("bigint", '"x"', BAD),
        ("bigint", '""', None),
        ("bigint", "null", None),
        ("bigint", "[1]", BAD),
        ("decimal(12, 2)", "12.5", Decimal("12.50")),
        ("decimal(12, 2)", '"12.5"', Decimal("12.50")),
        ("decimal(12, 2)", "12.505", BAD),
        ("decimal(12, 2)", "12.5000000000000000001", BAD),
        ("decimal(12, 2)", "true", BAD),
        ("decimal(12, 2)", "[1]", BAD),
        ("decimal(12, 2)", '""', None),
        ("decimal(12, 2)", "null", None),
        ("double", "2.5", 2.5),
        ("double", '"2.5"', 2.5),
        ("double", '"nan"', BAD),
        ("double", '{"a": 1}', BAD),
        ("double", "null", None),
        ("string", "91340", "91340"),
        ("string", "true", "true"),
        ("string", '"a"', "a"),
        ("string", '{"a": 1}', '{"a":1}'),
        ("string", "null", None),
    ],
)
def test_json_values_strictly_and_carefully_read(tmp_path, kind, literal, expected):
    """The same value, whether all records are alike or one of them makes the reader look closer."""
    for name, other in (("alike", ""), ("differing", '{"id": 2, "c": null, "odd": 1}\n')):
        lake = make_lake(tmp_path / name, [one_value(kind, "json"), *LEDGER])
        lake.drop("t.json", json.dumps({"id": 1, "c": "VALUE"}).replace('"VALUE"', literal) + "\n" + other)
        lake.land()
        rejected = lake.rejects("s.t", "_column")
        assert rejected == ([("c",)] if expected == BAD else [])
        landed = lake.rows("s.t", "c")[:1] if expected != BAD else []
        assert landed == ([] if expected == BAD else [(expected,)])


@pytest.mark.parametrize(
    ("kind", "sql", "expected"),
    [
        ("bigint", "12::INTEGER", 12),
        ("bigint", f"{BIG}::UBIGINT", BIG),
        ("bigint", f"{2**63}::UBIGINT", BAD),
        ("bigint", "12.0::DOUBLE", 12),
        ("bigint", "2.7::DOUBLE", BAD),
        ("bigint", "1e19::DOUBLE", BAD),
        ("bigint", "'nan'::DOUBLE", BAD),
        ("bigint", "12.00::DECIMAL(10, 2)", 12),
        ("bigint", "12.50::DECIMAL(10, 2)", BAD),
        ("bigint", "'1678451168.0'", 1678451168),
        ("bigint", "DATE '2023-01-01'", BAD),
        ("decimal(12, 2)", "12::INTEGER", Decimal("12.00")),
        ("decimal(12, 2)", "10000000000::BIGINT", BAD),
        ("decimal(12, 2)", "12.5::DECIMAL(10, 1)", Decimal("12.50")),
        ("decimal(12, 2)", "12.500::DECIMAL(18, 3)", Decimal("12.50")),
        ("decimal(12, 2)", "12.505::DECIMAL(18, 3)", BAD),
        ("decimal(12, 2)", "0.1::DOUBLE", Decimal("0.10")),
        ("decimal(12, 2)", "0.1::FLOAT", Decimal("0.10")),
        ("decimal(12, 2)", "0.1::DOUBLE + 0.2::DOUBLE", BAD),
        ("decimal(12, 2)", "'nan'::DOUBLE", BAD),
        ("decimal(12, 2)", "'1.25e1'", Decimal("12.50")),
        ("decimal(12, 2)", "true", BAD),
        ("double", "2.5::FLOAT", 2.5),
        ("double", "'inf'::DOUBLE", BAD),
        ("double", "7::BIGINT", 7.0),
        ("string", "7::BIGINT", "7"),
        ("string", "{'a': 1}", '{"a":1}'),
        ("string", "[1, 2]", "[1,2]"),
        ("string", "'abc'::BLOB", "abc"),
        ("string", "'\\xFF'::BLOB", BAD),
        ("date", "DATE '2023-04-01'", date(2023, 4, 1)),
        ("date", "TIMESTAMP '2023-04-01 00:00:00'", date(2023, 4, 1)),
        ("date", "TIMESTAMP '2023-04-01 10:00:00'", BAD),
        ("date", "'2023-04-01'", date(2023, 4, 1)),
        ("timestamp", "TIMESTAMPTZ '2023-04-01 10:00:00+02'", datetime(2023, 4, 1, 8)),  # noqa: DTZ001
        ("timestamp", "TIMESTAMP_NS '2023-04-01 10:00:00'", datetime(2023, 4, 1, 10)),  # noqa: DTZ001
        ("timestamp", "DATE '2023-04-01'", datetime(2023, 4, 1)),  # noqa: DTZ001
        ("timestamp", "'infinity'::TIMESTAMP", BAD),
        ("boolean", "true", True),
        ("boolean", "'yes'", True),
        ("boolean", "2::INTEGER", BAD),
    ],
)
def test_parquet_values(tmp_path: Path, kind, sql, expected):
    lake = make_lake(tmp_path, [one_value(kind, "parquet"), *LEDGER])
    duckdb.sql(f"COPY (SELECT 1 AS id, {sql} AS c) TO '{lake.drops}/t.parquet'")
    lake.land()
    assert lake.rejects("s.t", "_column") == ([("c",)] if expected == BAD else [])
    assert lake.rows("s.t", "c") == ([] if expected == BAD else [(expected,)])
