"""Whatever a table holds: it equals itself in any order of rows, and differs as soon as one cell does."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from parity_pairs import Pairs, as_spark, changed

TOLERANCE = 1e-9
TYPES = {
    "number": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "small": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "text": (pa.string(), st.text(st.characters(exclude_categories=["Cs"]), max_size=4)),
    "double": (pa.float64(), st.floats()),
    "price": (pa.decimal128(18, 4), st.decimals(-(10**13), 10**13, allow_nan=False, places=4)),
    "flag": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.dates()),
    "instant": (pa.timestamp("us"), st.datetimes()),
}
ROW = st.fixed_dictionaries({name: st.none() | values for name, (_, values) in TYPES.items()})


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, tuple[str, ...]]:
    """A table and its key: a number of its own for each row, columns that may repeat, or none."""
    rows = draw(st.lists(ROW, max_size=12))
    columns = {name: pa.array([row[name] for row in rows], type_) for name, (type_, _) in TYPES.items()}
    numbers = pa.array(range(len(rows)), pa.int64())
    key = draw(st.sampled_from([("id",), ("flag", "small"), ()]))
    return pa.table({"id": numbers} | columns if key == ("id",) else columns), key


def compare(here: pa.Table, there: pa.Table, key: tuple[str, ...]):
    with tempfile.TemporaryDirectory() as folder:
        pairs = Pairs(Path(folder))
        try:
            return pairs.compare(here, as_spark(there), key)
        finally:
            pairs.connection.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.randoms(use_true_random=False))
def test_a_table_equals_itself_in_any_order(made: tuple[pa.Table, tuple[str, ...]], random):
    table, key = made
    order = list(range(table.num_rows))
    random.shuffle(order)
    assert compare(table, table.take(pa.array(order, pa.int64())), key).equal


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.data())
def test_one_changed_cell_makes_it_differ(made: tuple[pa.Table, tuple[str, ...]], data: st.DataObject):
    table, key = made
    assume(table.num_rows)
    row = data.draw(st.integers(0, table.num_rows - 1))
    column = data.draw(st.sampled_from([name for name in table.column_names if name in TYPES]))
    old, new = table[column][row].as_py(), data.draw(st.none() | TYPES[column][1])
    assume(not same(old, new))
    verdict = compare(table, changed(table, row, column, new), key)
    assert not verdict.equal
    assert verdict.examples


def same(old: object, new: object) -> bool:
    """Whether the comparison may take the one for the other."""
    if isinstance(old, float) and isinstance(new, float):
        if math.isfinite(old) and math.isfinite(new):
            return math.isclose(old, new, rel_tol=2 * TOLERANCE)
        return old == new or (math.isnan(old) and math.isnan(new))
    return old == new
