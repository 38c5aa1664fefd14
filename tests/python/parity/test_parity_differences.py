"""A difference of each kind, planted between two small tables, is found and told with table, key, column and values."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pyarrow as pa
import pytest
from parity_pairs import Pairs, as_spark, changed, renamed

from gymhouse.home import DUCKDB, SPARK
from pipeline.parity.verdict import Example, Verdict

NOON = dt.datetime.fromisoformat("2025-03-09T12:00:00")
ROWS = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "name": pa.array(["ann", "bob", None], pa.string()),
        "minutes": pa.array([65.0, None, 0.1], pa.float64()),
        "price": pa.array([Decimal("1.10"), Decimal("2.20"), None], pa.decimal128(9, 2)),
        "is_open": pa.array([True, False, None], pa.bool_()),
        "day": pa.array([NOON.date(), None, dt.date(1, 1, 1)], pa.date32()),
        "seen_at": pa.array([NOON, None, dt.datetime.fromisoformat("9999-12-30T23:59:59")], pa.timestamp("us")),
        "stars": pa.array([5, None, 3], pa.int32()),
    }
)


def cell(key: str, column: str, here: str, there: str) -> Example:
    return Example({"id": key}, column=column, values={DUCKDB: here, SPARK: there})


def differs_in(verdict: Verdict, column: str, example: Example) -> bool:
    """Whether this one cell is all that `verdict` tells."""
    return (verdict.structure, verdict.only, verdict.changed, verdict.examples) == ((), {}, {column: 1}, (example,))


def test_equal_tables_are_equal(pairs: Pairs):
    verdict = pairs.compare(ROWS, as_spark(ROWS))
    assert verdict.equal
    assert verdict.rows == {DUCKDB: 3, SPARK: 3}
    assert not verdict.notes


def test_empty_tables_are_equal(pairs: Pairs):
    assert pairs.compare(ROWS.slice(0, 0), as_spark(ROWS.slice(0, 0))).rows == {DUCKDB: 0, SPARK: 0}


@pytest.mark.parametrize(
    ("row", "column", "value", "here", "there"),
    [
        (0, "name", "Ann", '"ann"', '"Ann"'),
        (0, "name", "ann ", '"ann"', '"ann "'),
        (0, "name", "änn", '"ann"', '"änn"'),
        (0, "name", None, '"ann"', "NULL"),
        (2, "name", "", "NULL", '""'),
        (0, "minutes", 65.000065, "65.0", "65.000065"),
        (0, "minutes", math.nan, "65.0", "nan"),
        (0, "minutes", math.inf, "65.0", "inf"),
        (1, "minutes", 0.0, "NULL", "0.0"),
        (0, "price", Decimal("1.11"), "1.10", "1.11"),
        (0, "is_open", False, "true", "false"),
        (0, "day", dt.date(2025, 3, 10), "2025-03-09", "2025-03-10"),
        (0, "seen_at", NOON + dt.timedelta(microseconds=1), "2025-03-09 12:00:00", "2025-03-09 12:00:00.000001"),
        (1, "stars", 0, "NULL", "0"),
    ],
)
def test_one_cell_is_told_with_key_and_both_values(pairs: Pairs, row: int, column: str, value, here: str, there: str):
    verdict = pairs.compare(ROWS, as_spark(changed(ROWS, row, column, value)))
    assert not verdict.equal
    assert differs_in(verdict, column, cell(str(row + 1), column, here, there))


@pytest.mark.parametrize(
    ("here", "there", "equal"),
    [
        (65.0, 65.0 * (1 + 1e-12), True),
        (65.0, 65.0 * (1 + 2e-9), False),
        (-1e-30, -1e-30 * (1 + 1e-12), True),
        (1e-30, 2e-30, False),
        (0.0, -0.0, True),
        (0.0, 1e-300, False),
        (math.nan, math.nan, True),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (1.7e308, -1.7e308, False),
        (1e308, math.inf, False),
    ],
)
def test_doubles_are_equal_within_a_billionth_of_their_size(pairs: Pairs, here: float, there: float, equal: bool):
    rows = [changed(ROWS, 0, "minutes", value) for value in (here, there)]
    assert pairs.compare(rows[0], as_spark(rows[1])).equal is equal


def test_doubles_that_differ_in_their_last_digits_are_noted(pairs: Pairs):
    verdict = pairs.compare(ROWS, as_spark(changed(ROWS, 0, "minutes", 65.0 * (1 + 1e-12))))
    assert verdict.notes == ("some doubles differ, within 1e-09 of their size",)


@pytest.mark.parametrize("engine", [DUCKDB, SPARK])
def test_a_row_on_one_side_alone(pairs: Pairs, engine: str):
    rows = {DUCKDB: ROWS, SPARK: ROWS}
    rows[SPARK if engine == DUCKDB else DUCKDB] = ROWS.slice(0, 2)
    verdict = pairs.compare(rows[DUCKDB], as_spark(rows[SPARK]))
    assert verdict.only == {engine: 1}
    assert verdict.examples == (Example({"id": "3"}, only_on=engine),)


@pytest.mark.parametrize("engine", [DUCKDB, SPARK])
def test_a_table_on_one_side_alone(pairs: Pairs, engine: str):
    rows = {DUCKDB: ROWS, SPARK: as_spark(ROWS)}
    missing = SPARK if engine == DUCKDB else DUCKDB
    verdict = pairs.compare(
        **{"here": rows[DUCKDB], "there": rows[SPARK]} | {{DUCKDB: "here", SPARK: "there"}[missing]: None}
    )
    assert not verdict.equal
    assert verdict.structure == (f"there is no such table on {missing}",)
    assert verdict.rows == {engine: 3, missing: None}


def test_columns_missing_extra_and_in_another_order(pairs: Pairs):
    assert pairs.compare(ROWS.drop_columns("stars"), as_spark(ROWS)).structure == ("column stars is on spark only",)
    assert pairs.compare(ROWS, as_spark(ROWS.drop_columns("stars"))).structure == ("column stars is on duckdb only",)
    two = ROWS.select(["id", "name", "stars"])
    assert pairs.compare(two, two.select(["name", "id", "stars"])).structure == (
        "columns stand in another order: duckdb id, name, stars; spark name, id, stars",
    )
    assert pairs.compare(two, renamed(two, "stars", "Stars")).structure == (
        "column stars is on duckdb only",
        "column Stars is on spark only",
    )


@pytest.mark.parametrize(
    ("column", "type_", "told"),
    [
        ("stars", pa.int64(), "column stars is integer on duckdb, bigint on spark: its values were not compared"),
        ("price", pa.decimal128(9, 3), "column price is decimal(9,2) on duckdb, decimal(9,3) on spark"),
        ("minutes", pa.float32(), "column minutes is double on duckdb, float on spark"),
        ("day", pa.timestamp("us"), "column day is date on duckdb, timestamp_ntz on spark"),
        ("stars", pa.string(), "column stars is integer on duckdb, varchar on spark"),
        ("id", pa.string(), "column id is bigint on duckdb, varchar on spark"),
        ("id", pa.int32(), "column id is bigint on duckdb, integer on spark"),
    ],
)
def test_another_type_is_a_difference_even_with_the_same_values(
    pairs: Pairs, column: str, type_: pa.DataType, told: str
):
    other = ROWS.set_column(ROWS.column_names.index(column), column, ROWS[column].cast(type_))
    instants = [name for name in ("seen_at",) if name != column]
    spark = (
        other.set_column(other.column_names.index("seen_at"), "seen_at", as_spark(ROWS)["seen_at"])
        if instants
        else other
    )
    verdict = pairs.compare(ROWS, spark)
    assert not verdict.equal
    assert len(verdict.structure) == 1
    assert verdict.structure[0].startswith(told)
    assert not verdict.only
    assert not verdict.changed


def test_a_timestamp_with_a_zone_is_no_timestamp_of_the_house(pairs: Pairs):
    here = as_spark(ROWS).select(["id", "seen_at"])
    assert pairs.compare(here, here).structure == (
        "column seen_at is timestamp with time zone on duckdb, timestamp on spark: its values were not compared",
    )


def test_repeats_of_a_key_count_as_often_as_they_are_there(pairs: Pairs):
    twice = pa.concat_tables([ROWS, ROWS.slice(0, 1)])
    equal = pairs.compare(twice, as_spark(twice))
    assert equal.equal
    assert equal.notes == ("1 rows share their key with another, and count as often as they are there",)
    more = pairs.compare(twice, as_spark(ROWS))
    assert more.only == {DUCKDB: 1}
    assert more.examples == (Example({"id": "1", "repeat": "2"}, only_on=DUCKDB),)
    other = pairs.compare(twice, as_spark(changed(twice, 3, "name", "zoe")))
    assert differs_in(
        other,
        "name",
        Example({"id": "1", "repeat": "2"}, column="name", values={DUCKDB: '"ann"', SPARK: '"zoe"'}),
    )


def test_repeats_in_another_order_are_the_same(pairs: Pairs):
    keyed = pa.table({"id": [1, 1, 1], "name": ["b", None, "a"], "minutes": [1.0, 2.0, 3.0]})
    near = pa.table({"id": [1, 1, 1], "name": ["a", "b", None], "minutes": [3.0 * (1 + 1e-12), 1.0, 2.0]})
    assert pairs.compare(keyed, near).equal


def test_tables_without_a_key_are_compared_whole(pairs: Pairs):
    rows = pa.table({"name": ["a", "a", None], "minutes": [1.0, 1.0, None]})
    equal = pairs.compare(rows, rows.take([2, 0, 1]), key=())
    assert equal.equal
    assert equal.notes == ("no key to compare by: rows were compared whole",)
    fewer = pairs.compare(rows, rows.slice(1), key=())
    assert fewer.only == {DUCKDB: 1}
    assert fewer.examples == (Example({"name": '"a"', "repeat": "2"}, only_on=DUCKDB),)
    assert pairs.compare(rows, changed(rows, 2, "minutes", 0.5), key=()).changed == {"minutes": 1}
    doubles = rows.select(["minutes"])
    assert pairs.compare(doubles, doubles.take([1, 2, 0]), key=()).equal
    assert not pairs.compare(doubles, changed(doubles, 0, "minutes", 3.0), key=()).equal


def test_a_key_may_be_empty(pairs: Pairs):
    rows = changed(ROWS, 1, "id", None)
    assert pairs.compare(rows, as_spark(rows)).equal
    verdict = pairs.compare(rows, as_spark(changed(rows, 1, "name", "eve")))
    assert verdict.examples == (cell("NULL", "name", '"bob"', '"eve"'),)


def test_a_key_of_which_a_column_is_missing_is_none(pairs: Pairs):
    verdict = pairs.compare(ROWS, as_spark(ROWS.drop_columns("id")))
    assert verdict.structure == ("column id is on duckdb only",)
    assert "no key" in verdict.notes[0]
    assert not verdict.only


def test_personal_values_are_never_told(pairs: Pairs):
    other = changed(changed(ROWS, 0, "name", "eve"), 1, "name", None)
    verdict = pairs.compare(ROWS, as_spark(other), personal=("name",))
    assert verdict.changed == {"name": 2}
    assert [each.values for each in verdict.examples] == [{DUCKDB: "…", SPARK: "…"}, {DUCKDB: "…", SPARK: "NULL"}]
    whole = pairs.compare(ROWS, as_spark(other), key=(), personal=("name",))
    assert whole.only == {DUCKDB: 2, SPARK: 2}
    assert not {"ann", "bob", "eve"} & set(str(verdict.as_json()).split('"') + str(whole.as_json()).split("'"))


def test_of_many_differences_the_first_are_told_and_all_are_counted(pairs: Pairs):
    rows = pa.table({"id": range(5000), "stars": [1] * 5000})
    other = pa.table({"id": range(1000, 6000), "stars": [1, 2] * 2500})
    verdict = pairs.compare(rows, other)
    assert verdict.only == {DUCKDB: 1000, SPARK: 1000}
    assert verdict.changed == {"stars": 2000}
    assert verdict.differences == 4000
    assert [each.key["id"] for each in verdict.examples if each.only_on == DUCKDB] == ["0", "1", "2", "3", "4"]
    assert [each.key["id"] for each in verdict.examples if each.column] == ["1001", "1003", "1005", "1007", "1009"]
