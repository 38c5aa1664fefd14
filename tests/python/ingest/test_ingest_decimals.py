"""A decimal lands exactly or not at all, however it is written and in whatever format it comes."""

from __future__ import annotations

import json
import tempfile
from decimal import Decimal, localcontext
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from landing_lakes import LEDGER, columns, make_lake, table

from ingest.contract import Column, Drop, Envelope
from ingest.land import connect
from ingest.typing_rules import Value, attempt, settled

LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(LIMITS, max_examples=30)
MEASURES = st.sampled_from([(12, 2), (18, 2), (9, 9), (38, 0), (38, 18), (38, 38), (1, 0), (5, 3)])
DIGITS = st.text("0123456789", max_size=45)
ROUND = st.text("05", max_size=4)
CLOSE = st.integers(-(10**13), 10**13).map(lambda number: f"{Decimal(number).scaleb(-2):f}")


@st.composite
def plain_numbers(draw) -> str:
    """A number as JSON writes one: many digits or few, with or without a point and a power of ten."""
    whole = draw(DIGITS | ROUND).lstrip("0") or "0"
    part = draw(DIGITS | ROUND)
    power = draw(st.just("") | st.integers(-60, 60).map(lambda power: f"e{power}") | st.just("E+2"))
    return draw(st.sampled_from(["", "-"])) + whole + (f".{part}" if part else "") + power


def exact(written: str, total: int, decimals: int) -> Decimal | None:
    """The number, if a decimal of this measure holds it as it is."""
    with localcontext(prec=400):
        number = Decimal(written)
        scaled = number.scaleb(decimals)
        return number if scaled == scaled.to_integral_value() and abs(scaled) < Decimal(10) ** total else None


@pytest.fixture(scope="module")
def connection(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    return connect(tmp_path_factory.mktemp("scratch"))


@LIMITS
@given(written=plain_numbers() | CLOSE, measure=MEASURES, before=st.sampled_from(["", " ", "+", "00"]))
@example("12.0000000000000000000000000000000001", (12, 2), "")
@example("9999999999.99", (12, 2), "")
@example("9999999999.995", (12, 2), "")
@example("0.125e1", (5, 3), "")
def test_text(connection, written, measure, before):
    if before.strip() and written.startswith("-"):
        written = written[1:]
    column = Column("c", f"decimal({measure[0]}, {measure[1]})", ("c",))
    tried = f"SELECT raw, {attempt(column, Value('raw'))} AS tried FROM (SELECT '{before}{written}' AS raw)"
    taken = connection.execute(f"SELECT {settled(column, Value('raw'), 'tried')} FROM ({tried})").fetchone()[0]
    assert taken == exact(written, *measure)


def land_numbers(form: str, content: bytes, measure: tuple[int, int], envelope: Envelope | None = None):
    """The landed values of the column `c` and the rows that were rejected, by number."""
    cols = columns(id="bigint", c=f"decimal({measure[0]}, {measure[1]})")
    here = make_lake(
        Path(tempfile.mkdtemp()), [table("t", Drop(("t*",), form, envelope), key=["id"], cols=cols), *LEDGER]
    )
    here.drop(f"t.{form}", content)
    here.land()
    return dict(here.rows("s.t", "id, c")), {row for (row,) in here.rejects("s.t", "_row")}


def require_exact(written: list[str], measure: tuple[int, int], landed: dict, rejected: set) -> None:
    expected = [exact(one, *measure) for one in written]
    assert landed == {at: number for at, number in enumerate(expected, 1) if number is not None}
    assert rejected == {at for at, number in enumerate(expected, 1) if number is None}


@FEW
@given(
    numbers=st.lists(plain_numbers() | CLOSE, min_size=1, max_size=20),
    measure=MEASURES,
    shape=st.sampled_from(["bare", "odd", "array", "object in a message", "text in a message"]),
)
@example(["0.1000000000000000055", "1e-400", "12345678901234567.89", "12.5"], (38, 2), "bare")
@example(["0.1000000000000000055", "12345678901234567.89"], (38, 2), "object in a message")
@example(["0.1000000000000000055", "12345678901234567.89"], (38, 2), "text in a message")
def test_json(numbers, measure, shape):
    # A text that looks like numbers, and one behind the last number: neither is one.
    records = [f'{{"id": {at}, "c": {one}, "é \\" 12": "x 1.5, 7"}}' for at, one in enumerate(numbers, 1)]
    if shape == "bare":
        records = [f'{{"id": {at}, "c": {one}}}' for at, one in enumerate(numbers, 1)]
    envelope = Envelope("value", ("value",), ()) if "message" in shape else None
    lines = records
    if shape == "object in a message":
        lines = [f'{{"value": {one}}}' for one in records]
    elif shape == "text in a message":
        lines = [json.dumps({"value": one}) for one in records]
    content = f"[{','.join(lines)}]" if shape == "array" else "\n".join(lines)
    require_exact(numbers, measure, *land_numbers("json", content.encode(), measure, envelope))


@FEW
@given(
    numbers=st.lists(
        st.floats(allow_nan=False, allow_infinity=False, min_value=1e-60, max_value=1e60)
        | st.integers(-(10**12), 10**12).map(lambda number: number / 100),
        min_size=1,
        max_size=20,
    ),
    measure=MEASURES,
)
def test_a_double_of_parquet_is_the_shortest_number_that_names_it(numbers, measure):
    written = Path(tempfile.mkdtemp()) / "t.parquet"
    pq.write_table(pa.table({"id": range(1, len(numbers) + 1), "c": pa.array(numbers, pa.float64())}), written)
    require_exact(list(map(repr, numbers)), measure, *land_numbers("parquet", written.read_bytes(), measure))


@FEW
@given(
    numbers=st.lists(st.integers(-(10**37), 10**37) | st.integers(-(10**4), 10**4), min_size=1, max_size=20),
    given_measure=st.sampled_from([(38, 0), (38, 2), (38, 20)]),
    measure=MEASURES,
)
def test_decimals_of_parquet(numbers, given_measure, measure):
    with localcontext(prec=60):
        decimals = [Decimal(number).scaleb(-given_measure[1]) for number in numbers]
    written = Path(tempfile.mkdtemp()) / "t.parquet"
    cells = pa.array(decimals, pa.decimal128(*given_measure))
    pq.write_table(pa.table({"id": range(1, len(numbers) + 1), "c": cells}), written)
    require_exact(list(map(str, decimals)), measure, *land_numbers("parquet", written.read_bytes(), measure))


def test_the_lake_s_files_hold_decimals(tmp_path):
    cols = columns(id="bigint", c="decimal(12, 2)")
    here = make_lake(tmp_path, [table("t", Drop(("t*",), "csv"), key=["id"], cols=cols), *LEDGER])
    here.drop("t.csv", "id,c\n1,12.5\n2,\n")
    here.land()
    [path] = here.home.raw.glob("s/t/*/*.parquet")
    assert pq.read_schema(path).field("c").type == pa.decimal128(12, 2)
    assert here.rows("s.t", "c") == [(Decimal("12.50"),), (None,)]


def test_the_reason_tells_the_measure(tmp_path):
    cols = columns(id="bigint", c="decimal(12, 2)")
    here = make_lake(tmp_path, [table("t", Drop(("t*",), "csv"), key=["id"], cols=cols), *LEDGER])
    here.drop("t.csv", "id,c\n1,12.505\n")
    here.land()
    assert here.rejects("s.t") == [
        ("c", "not a number of up to 10 digits before the point and 2 after it", "1,12.505", 1)
    ]
