"""Compare one table on both sides, as sets of rows with repeats, in DuckDB's SQL.

Both sides are read once in full and summed up in fingerprints: rows fall into buckets by the hash of their key, and a
bucket is its number of rows, the sum of their hashes and their XOR. Only buckets that differ are joined by key. So
equal tables cost one reading of each and little memory, whatever their size.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from gymhouse.artifacts import Table, quoted
from gymhouse.home import DUCKDB, ENGINES, SPARK
from pipeline.parity.sides import APPROXIMATE, Side
from pipeline.parity.verdict import Example, Verdict, shown

TOLERANCE = 1e-9
BUCKETS = 1024
EXAMPLES = 5
COPY = "parity copy"


def compare(
    connection: duckdb.DuckDBPyConnection, table: Table, sides: dict[str, Side | None], notes: tuple[str, ...] = ()
) -> Verdict:
    """How `table` compares on both `sides`, by engine; None for a side that lacks it. `notes` go into the verdict.

    Doubles are equal within 1e-9 of the larger one; NaN equals NaN, an infinity itself, NULL NULL; all else exactly.
    Rows meet by the table's key. Where it has none, or where rows share one, repeats are numbered in the order of their
    content and count as often as they are there.
    """
    if None in sides.values():
        rows = {engine: side and _count(connection, side) for engine, side in sides.items()}
        missing = tuple(f"there is no such table on {engine}" for engine, side in sides.items() if side is None)
        return Verdict(table.id, rows, structure=missing, notes=notes)
    layout = _layout(table, sides)
    prints = {engine: _fingerprints(connection, layout, side) for engine, side in sides.items()}
    rows = {engine: sum(bucket[0] for bucket in found.values()) for engine, found in prints.items()}
    repeated = max(rows[engine] - sum(bucket[1] for bucket in prints[engine].values()) for engine in ENGINES)
    if not layout.keyed:
        notes += ("no key to compare by: rows were compared whole",)
    elif repeated:
        notes += (f"{repeated:,} rows share their key with another, and count as often as they are there",)
    structure = _structure(sides)
    differ = sorted(bucket for bucket in {*prints[DUCKDB], *prints[SPARK]} if _differs(prints, bucket))
    if not differ:
        return Verdict(table.id, rows, structure, notes=notes)
    pairs = _Pairs(connection, table, layout, sides, differ, numbered=bool(repeated) or not layout.keyed)
    only, changed = pairs.counts()
    if not only and not changed:
        notes += (f"some doubles differ, within {TOLERANCE:g} of their size",)
    return Verdict(table.id, rows, structure, only, changed, pairs.examples(only, changed), notes)


@dataclass(frozen=True)
class _Layout:
    """Which columns are compared: names and types of the `key`, then of the `rest`.

    Those whose types differ are told as such; only in a key do their texts count.
    """

    key: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]
    keyed: bool

    @property
    def names(self) -> list[str]:
        return [quoted(name) for name, _ in (*self.key, *self.rest)]


def _layout(table: Table, sides: dict[str, Side]) -> _Layout:
    other = sides[SPARK].types
    same = [(name, type_) for name, type_ in sides[DUCKDB].columns if other.get(name) == type_]
    here = sides[DUCKDB].types
    if table.key and all(name in here and name in other for name in table.key):
        key = tuple((name, here[name] if here[name] == other[name] else "varchar") for name in table.key)
        return _Layout(key, tuple(column for column in same if column[0] not in table.key), keyed=True)
    exact = tuple(column for column in same if column[1] not in APPROXIMATE)
    return _Layout(exact, tuple(column for column in same if column not in exact), keyed=False)


def _structure(sides: dict[str, Side]) -> tuple[str, ...]:
    here, there = (sides[engine].types for engine in ENGINES)
    told = [f"column {name} is on {DUCKDB} only" for name in here if name not in there]
    told += [f"column {name} is on {SPARK} only" for name in there if name not in here]
    common = [[name for name in types if name in here and name in there] for types in (here, there)]
    if common[0] != common[1]:
        orders = [f"{engine} {', '.join(order)}" for engine, order in zip(ENGINES, common, strict=True)]
        told.append(f"columns stand in another order: {'; '.join(orders)}")
    told += [
        f"column {name} is {here[name]} on {DUCKDB}, {there[name]} on {SPARK}: its values were not compared"
        for name in common[0]
        if here[name] != there[name]
    ]
    return tuple(told)


def _rows(layout: _Layout, side: Side) -> str:
    """SELECT of the compared columns, each as the one type that both sides share."""
    values = [_value(name, type_, side) for name, type_ in (*layout.key, *layout.rest)]
    # Sides without a column in common still have numbers of rows.
    return f"select {', '.join(values) or '1'} from {side.relation}"


def _value(name: str, type_: str, side: Side) -> str:
    column = quoted(name)
    if side.types[name] != type_:
        return f"cast({column} as varchar) as {column}"
    # Arrow and Parquet hand over Spark's timestamps with the zone UTC, in which the connection is.
    return f"cast({column} as timestamp) as {column}" if type_ == "timestamp" else column


def _count(connection: duckdb.DuckDBPyConnection, side: Side) -> int:
    return connection.execute(f"select count(*) from {side.relation}").fetchone()[0]


def _fingerprints(connection: duckdb.DuckDBPyConnection, layout: _Layout, side: Side) -> dict[int, tuple]:
    """By bucket: rows, distinct keys, sum and XOR of the rows' hashes."""
    key = _hash([quoted(name) for name, _ in layout.key])
    found = connection.execute(
        f"""
        select key_hash % {BUCKETS}, count(*), count(distinct key_hash), sum(row_hash), bit_xor(row_hash)
        from (select {key} as key_hash, {_hash(layout.names)} as row_hash from ({_rows(layout, side)}))
        group by all
        """
    ).fetchall()
    return {bucket: tuple(values) for bucket, *values in found}


def _hash(names: list[str]) -> str:
    return f"hash({', '.join(names)})" if names else "0::ubigint"


def _differs(prints: dict[str, dict[int, tuple]], bucket: int) -> bool:
    return prints[DUCKDB].get(bucket) != prints[SPARK].get(bucket)


class _Pairs:
    """The rows of the `buckets` that differ, joined by key. `numbered`: repeats of a key are told apart by number."""

    def __init__(
        self, connection, table: Table, layout: _Layout, sides: dict[str, Side], buckets: list, numbered: bool
    ):
        self._connection, self._table, self._layout = connection, table, layout
        here, there = (self._numbered(sides[engine], buckets, numbered) for engine in ENGINES)
        match = [f"here.{quoted(name)} is not distinct from there.{quoted(name)}" for name, _ in layout.key]
        match.append(f"here.{quoted(COPY)} = there.{quoted(COPY)}")
        self._from = f"from ({here}) as here full outer join ({there}) as there on {' and '.join(match)}"
        self._differ = {name: _differ(name, type_) for name, type_ in layout.rest}

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Rows on one side alone by engine, and differing cells by column; what is zero is left out."""
        cells = [f"count(*) filter (where {BOTH} and {condition})" for condition in self._differ.values()]
        wanted = [f"count(*) filter (where {ALONE[engine]})" for engine in ENGINES] + cells
        found = self._connection.execute(f"select {', '.join(wanted)} {self._from}").fetchone()
        only = {engine: count for engine, count in zip(ENGINES, found, strict=False) if count}
        changed = {name: count for name, count in zip(self._differ, found[len(ENGINES) :], strict=True) if count}
        return only, changed

    def examples(self, only: dict[str, int], changed: dict[str, int]) -> tuple[Example, ...]:
        """The first few of each kind: rows on one side alone, then cells by column."""
        alone = [Example(key, only_on=engine) for engine in only for key, _ in self._first(ALONE[engine], None)]
        cells = [
            Example(key, column=column, values=values)
            for column in changed
            for key, values in self._first(f"{BOTH} and {self._differ[column]}", column)
        ]
        return (*alone, *cells)

    def _first(self, condition: str, column: str | None):
        """Keys and both values of `column` of the first rows that meet `condition`, as texts."""
        names = [name for name, _ in self._layout.key]
        keys = [f"coalesce(here.{quoted(name)}, there.{quoted(name)})" for name in names]
        copy = f"coalesce(here.{quoted(COPY)}, there.{quoted(COPY)})"
        cells = [f"{side}.{quoted(column)}" for side in ("here", "there")] if column else []
        texts = ", ".join(f"cast({expression} as varchar)" for expression in (*keys, copy, *cells))
        found = self._connection.execute(
            f"select {texts} {self._from} where {condition} order by {', '.join((*keys, copy))} limit {EXAMPLES}"
        ).fetchall()
        types = dict((*self._layout.key, *self._layout.rest))
        for row in found:
            key = {name: self._shown(name, types, value) for name, value in zip(names, row, strict=False)}
            if row[len(names)] != "1":
                key["repeat"] = row[len(names)]
            values = [self._shown(column, types, value) for value in row[len(names) + 1 :]]
            yield key, dict(zip(ENGINES, values, strict=False))

    def _shown(self, name: str, types: dict[str, str], value: str | None) -> str:
        return shown(value, types[name], name in self._table.personal)

    def _numbered(self, side: Side, buckets: list[int], numbered: bool) -> str:
        key = [quoted(name) for name, _ in self._layout.key]
        # Doubles last: among repeats that are equal but for noise, noise decides nothing before content does.
        rest = sorted(self._layout.rest, key=lambda column: column[1] in APPROXIMATE)
        copy = f"row_number() over ({_clause('partition by', key)} {_clause('order by', [quoted(n) for n, _ in rest])})"
        return (
            f"select *, {copy if numbered else '1'} as {quoted(COPY)} from ({_rows(self._layout, side)})"
            f" where {_hash(key)} % {BUCKETS} in ({', '.join(map(str, buckets))})"
        )


ALONE = {DUCKDB: f"there.{quoted(COPY)} is null", SPARK: f"here.{quoted(COPY)} is null"}
BOTH = f"here.{quoted(COPY)} is not null and there.{quoted(COPY)} is not null"


def _clause(words: str, names: list[str]) -> str:
    return f"{words} {', '.join(names)}" if names else ""


def _differ(name: str, type_: str) -> str:
    here, there = f"here.{quoted(name)}", f"there.{quoted(name)}"
    unequal = f"{here} is distinct from {there}"
    if type_ not in APPROXIMATE:
        return unequal
    near = f"abs({here} - {there}) <= {TOLERANCE!r} * greatest(abs({here}), abs({there}))"
    # Infinities and NaN are no numbers to measure a distance from; NULL is near nothing.
    return f"{unequal} and not coalesce(case when isfinite({here}) and isfinite({there}) then {near} end, false)"
