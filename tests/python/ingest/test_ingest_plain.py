"""What the short SQL of small files takes, the whole rule takes in the same way; what it leaves, the whole rule lands.

Every file is landed twice: as a small one, and as if none were small. The two lakes must be equal.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_lakes import LEDGER, PEOPLE, READINGS, columns, make_lake, table

from ingest import land
from ingest.batch import DOUBT, compile_batch, compile_plain
from ingest.contract import Column, Drop
from ingest.csv_file import open_csv
from ingest.typing_rules import Value, attempt, plain, settled

LIMITS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
KINDS = ("bigint", "double", "boolean", "date", "timestamp", "decimal(12, 2)", "decimal(38, 0)", "decimal(5, 5)")
ODD = st.sampled_from(
    ["", " ", "-", "+1", "007", "-0", "0", "12", "12.", "12.0", "12.5", "12.50", "12.500", "12.505", ".5", "1e1", "1_0"]
) | st.sampled_from(
    ["yes", "TRUE ", "x", "nan", "2025-03-09", "2025-02-30", "2025-03-09T06:59:30Z", "2025-03-09 06:59+02", "9" * 20]
)
WRITTEN = (
    ODD | st.integers(-(2**63), 2**63).map(str) | st.decimals(-1000, 1000, places=2).map(str) | st.text(max_size=4)
)
COLUMNS = columns(id="string", n="bigint", x="double", yes="boolean", on="date", at="timestamp", price="decimal(12, 2)")
NAMES = [column.name for column in COLUMNS]
CSV = table("t", Drop(("t*",), "csv"), key=["id"], cols=COLUMNS)
JSON = table("t", Drop(("t*",), "json"), key=["id"], cols=(*COLUMNS, Column("city", "string", ("home", "city"))))
USUAL = {"id": "a", "n": 1, "x": 1.5, "yes": True, "on": "2025-03-09", "at": "2025-03-09T06:59:30Z", "price": 9.5}
JSON_VALUES = WRITTEN | st.integers() | st.floats(-1e6, 1e6) | st.none() | st.booleans() | st.just({"a": 1})


@pytest.fixture(scope="module")
def connection(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    return land.connect(tmp_path_factory.mktemp("scratch"))


def lakes(name: str, content: str, *tables) -> tuple[list, list]:
    """What two lakes hold of one file: landed as a small one, and by the whole rule alone."""
    held = []
    for small in (land.SMALL, 0):
        here = make_lake(Path(tempfile.mkdtemp()), [*tables, *LEDGER])
        here.drop(name, content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(land, "SMALL", small)
            here.land()
        held.append(here.content())
    return held[0], held[1]


@LIMITS
@given(
    texts=st.lists(WRITTEN.filter(lambda text: "\0" not in text), min_size=1, max_size=20), kind=st.sampled_from(KINDS)
)
def test_a_plain_value_is_the_settled_one(connection, texts, kind):
    column, value = Column("c", kind, ("c",)), Value("raw")
    given = f"SELECT unnest(from_json('{json.dumps(texts).replace(chr(39), chr(39) * 2)}', '[\"VARCHAR\"]')) AS raw"
    tried = f"SELECT raw, {attempt(column, value)} AS tried FROM ({given})"
    rules = f"{plain(column, value, 'tried')} AS short, {settled(column, value, 'tried')} AS whole"
    taken = connection.execute(f"SELECT short, whole FROM (SELECT raw, {rules} FROM ({tried}))").fetchall()
    assert [short for short, _ in taken if short is not None] == [w for short, w in taken if short is not None]


@LIMITS
@given(rows=st.lists(st.tuples(*[WRITTEN] * len(NAMES)) | st.just(("a", "1", "1.5", "t", *[""] * 3)), max_size=8))
def test_csv(rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([NAMES, *rows])
    small, whole = lakes("t.csv", buffer.getvalue().replace("\0", ""), CSV)
    assert small == whole


@LIMITS
@given(
    changes=st.lists(st.dictionaries(st.sampled_from([*NAMES, "home", "odd"]), JSON_VALUES, max_size=3), max_size=8),
    gone=st.sampled_from([None, "n", "price", "at"]),
)
def test_json(changes, gone):
    records = [{**USUAL, **change} for change in [{}, *changes]]
    lines = [json.dumps({key: value for key, value in one.items() if key != gone}) for one in records]
    small, whole = lakes("t.json", "\n".join(lines) + "\n", JSON)
    assert small == whole


@LIMITS
@given(
    messages=st.lists(
        st.fixed_dictionaries(
            {
                "key": st.just("k"),
                "value": st.sampled_from(
                    ['{"id": 1, "value": 2.5}', '{"id": 1, "name": "a", "address": {"city": "b"}}']
                )
                | st.sampled_from(['{"id": 1.5}', "no JSON", '{"id": 7, "odd": 1}', '{"value": "x"}']),
                "topic": st.sampled_from(["reading", "person", "nobody's"]),
                "offset": st.integers(0, 9),
            },
            optional={"extra": st.just(1)},
        ),
        max_size=12,
    )
)
def test_messages_of_several_tables(messages):
    first = {"key": "k", "value": '{"id": 1, "value": 2.5}', "topic": "reading", "offset": 0}
    lines = "".join(json.dumps(one) + "\n" for one in [first, *messages])
    small, whole = lakes("topic.json", lines, READINGS, PEOPLE)
    assert small == whole


def test_the_short_sql_is_short_and_refuses_what_it_cannot_tell(connection, tmp_path):
    path = tmp_path / "t.csv"
    for price, refused in (("9.50", False), ("9.5", False), ("1e1", True), ("x", True)):
        path.write_text(f"id,n,price\na,1,{price}\n")
        [reading] = open_csv(path.read_text(), CSV).readings(CSV, path)
        short = compile_plain(CSV, reading)
        assert len(short.select) < len(compile_batch(CSV, reading).select) / 2
        if refused:
            with pytest.raises(duckdb.InvalidInputException, match=DOUBT):
                connection.execute(short.select).fetchall()
        else:
            assert len(connection.execute(short.select).fetchall()) == 1
