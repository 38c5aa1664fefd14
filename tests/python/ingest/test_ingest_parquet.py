"""Parquet: typed columns taken as they are, others through the rules of their type."""

from __future__ import annotations

import json

import duckdb

from ingest import reasons


def test_columns_in_any_order_with_undeclared_ones(lake):
    duckdb.sql(
        "COPY (SELECT {'a': i} AS extra, 'x' || i AS text, i AS ID, i / 2 AS value, DATE '2023-01-01' AS day,"
        f" CASE WHEN i = 3 THEN 'y' END AS \"od d\" FROM range(1, 5) AS r(i)) TO '{lake.drops}/bulk.parquet'"
    )
    outcome = lake.land()
    assert lake.rows("s.bulk", "id, text, value, _row")[1:3] == [(2, "x2", 1.0, 2), (3, "x3", 1.5, 3)]
    kept = [json.loads(text) for (text,) in lake.rows("s.bulk", "_rescued")]
    assert kept[2] == {"extra": {"a": 3}, "od d": "y"}
    assert any("undeclared extra, od d" in note for note in outcome.notes)
    assert any("without the optional at, yes" in note for note in outcome.notes)


def test_bad_rows_keep_their_text_and_number(lake):
    duckdb.sql(
        "COPY (SELECT CASE WHEN i % 7 <> 3 THEN i END AS id, CASE WHEN i % 5 = 0 THEN 'nan'::DOUBLE ELSE i END AS value"
        f" FROM range(20) AS r(i)) TO '{lake.drops}/bulk.parquet'"
    )
    [one] = lake.land().landed
    bad = {at: "value" if at % 5 == 0 else "id" for at in range(20) if at % 7 == 3 or at % 5 == 0}
    reason = {"id": reasons.NO_KEY, "value": reasons.NOT_OF_TYPE["double"]}
    assert lake.rejects("s.bulk", "_column, _reason, _row") == [(c, reason[c], at + 1) for at, c in bad.items()]
    assert json.loads(lake.rejects("s.bulk")[1][2]) == {"id": None, "value": 3.0}
    assert (one.rows_read, one.rows_landed, one.rows_rejected) == (20, 20 - len(bad), len(bad))
    assert lake.rows("s.bulk", "_row") == [(at + 1,) for at in range(20) if at not in bad]


def test_a_file_without_rows(lake):
    duckdb.sql(f"COPY (SELECT 1 AS id WHERE false) TO '{lake.drops}/bulk.parquet'")
    assert [one.rows_read for one in lake.land().landed] == [0]
