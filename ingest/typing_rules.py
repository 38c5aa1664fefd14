"""One rule per type: the DuckDB SQL that turns a raw value into the column's type, exactly or not at all.

A value is taken in two steps, so that no expensive expression is evaluated twice: `attempt` is computed first (DuckDB
keeps its result in a column), `settled` then accepts it, corrects it, or gives NULL. A row whose raw value is there
and whose settled value is NULL is `bad`. `plain` is the part of `settled` that serves nearly every value; the rest is
long, and DuckDB plans it for as many milliseconds as there are columns, however few the rows.

Raw values come in three kinds:
`text`     characters, as CSV and JSON strings give them; blank text is no value for a typed column. Decimals come so
           out of JSON, too
`number`   a double out of JSON, with the value's own text as a second source where a double is not exact
`physical` a typed Parquet column
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.contract import Column
from ingest.sql import quoted

_SQL_TYPES = {
    "string": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
DATE_FORMATS = ("%Y-%m-%d",)
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")
EXACT_IN_DOUBLE = 2**53
_DIGITS_OF_BIGINT = (19, 0)

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
# A number with a power of ten, in parts. A larger power no type could hold.
_POWER = "'^([+-]?)([0-9]*)[.]?([0-9]*)[eE]([+-]?0*[0-9]{1,2})$'"
_PADDING = 99


def sql_type(column: Column) -> str:
    """DuckDB's type of the column."""
    return _SQL_TYPES.get(column.type) or column.type.upper()


@dataclass(frozen=True)
class Value:
    """Where a column's raw value comes from: SQL, its kind, for numbers the SQL of its text, for physical its type."""

    sql: str
    kind: str = "text"
    text: str = ""
    physical: str = ""


def attempt(column: Column, value: Value) -> str:
    """SQL of the first try: cheap, and right for nearly every value."""
    raw = value.sql
    if value.kind == "number":
        return raw
    if value.kind == "physical":
        return _from_physical(column, raw, value.physical)
    if _exact(column):
        return f"try_cast({raw} AS {sql_type(column)})"
    return _from_text(column, raw)


def plain(column: Column, value: Value, tried: str) -> str:
    """SQL, short, of the value that lands if it is written as most are, else NULL; `tried` as for `settled`."""
    if column.digits and value.kind == "text":
        # The cast's text begins with it: nothing but zeros at the end is missing.
        return f"CASE WHEN starts_with({tried}::VARCHAR, {value.sql}) THEN {tried} END"
    if column.type == "bigint" and value.kind == "text":
        same = f"{tried}::VARCHAR = {value.sql}"
        return f"CASE WHEN {same} THEN {tried} WHEN {tried}::VARCHAR || '.0' = {value.sql} THEN {tried} END"
    if value.kind == "number" and column.type == "bigint":
        exact = f"abs({tried}) < {EXACT_IN_DOUBLE} AND {tried} = trunc({tried})"
        return f"CASE WHEN {exact} THEN CAST({tried} AS BIGINT) END"
    if value.kind == "number":
        return f"CASE WHEN isfinite({tried}) THEN {tried} END"
    return tried


def settled(column: Column, value: Value, tried: str) -> str:
    """SQL of the value that lands; `tried` is the SQL (a column) of what `attempt` gave."""
    likely = plain(column, value, tried)
    if _exact(column) and value.kind == "text":
        return f"coalesce({likely}, {_from_text(column, value.sql)})"
    if value.kind == "number" and column.type == "bigint":
        return f"coalesce({likely}, CASE WHEN {tried} IS NOT NULL THEN {_from_text(column, value.text)} END)"
    return likely


def bad(column: Column, value: Value, result: str) -> str:
    """SQL condition: there is a raw value, and `result` (the SQL of the settled value) could not hold it."""
    if column.type == "string" and value.kind == "text":
        return "false"
    if value.kind == "physical":
        return f"{result} IS NULL AND {value.sql} IS NOT NULL"
    raw = value.text if value.kind == "number" else value.sql
    return f"CASE WHEN {result} IS NULL THEN trim({raw}) <> '' END"


def fine(column: Column, value: Value, result: str, key: bool) -> str:
    """SQL condition, cheap, from which it follows that the value is neither bad nor, in a key, missing."""
    if column.type == "string":
        if key:
            return f"{result} >= '!'"  # begins with something that is no space
        return "true" if value.kind == "text" else f"({result} IS NOT NULL OR {value.sql} IS NULL)"
    if key:
        return f"{result} IS NOT NULL"
    if value.kind == "number":
        return f"CASE WHEN {result} IS NULL THEN {value.text} IS NULL ELSE true END"
    return f"({result} IS NOT NULL OR {value.sql} IS NULL)"


def missing(column: Column, result: str) -> str:
    """SQL condition: the column is empty."""
    return f"coalesce(trim({result}), '') = ''" if column.type == "string" else f"{result} IS NULL"


def _exact(column: Column) -> bool:
    """Whether the type holds numbers exactly: what casts to it need not be what was written, since casts round."""
    return column.type == "bigint" or column.digits is not None


def _exact_from_text(column: Column, raw: str) -> str:
    """Numbers in any plain notation, `12.50` and `1.25e1` among them; no digit that matters gets lost.

    The digits themselves are looked at, because a cast rounds those for which it has no place.
    """
    total, decimals = column.digits or _DIGITS_OF_BIGINT
    written = f"CASE WHEN contains(lower({raw}), 'e') THEN {_without_power(raw)} ELSE trim({raw}) END"
    fits = quoted(f"^[+-]?0*[0-9]{{0,{total - decimals}}}([.][0-9]{{0,{decimals}}}0*)?$")
    return f"try_cast(regexp_extract({written}, {fits}) AS {sql_type(column)})"


def _without_power(raw: str) -> str:
    """The same number with its point moved instead of a power of ten; NULL if it is none."""
    parts = f"regexp_extract(trim({raw}), {_POWER}, ['sign', 'whole', 'part', 'power'])"
    digits = f"repeat('0', {_PADDING}) || parts.whole || parts.part || repeat('0', {_PADDING})"
    point = f"{_PADDING} + len(parts.whole) + parts.power::INTEGER"
    moved = f"parts.sign || left({digits}, {point}) || '.' || substr({digits}, {point} + 1)"
    written = f"CASE WHEN parts.whole || parts.part <> '' THEN {moved} END"
    return f"list_transform([{parts}], lambda parts: {written})[1]"


def _from_text(column: Column, raw: str) -> str:
    if _exact(column):
        return _exact_from_text(column, raw)
    if column.type == "double":
        number = f"try_cast({raw} AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) AND NOT contains({raw}, '_') THEN {number} END"
    if column.type == "boolean":
        word = f"lower(trim({raw}))"
        # A list is planned in a tenth of the time that IN takes.
        true, false = (f"list_contains({list(words)}, {word})" for words in (TRUE, FALSE))
        return f"CASE WHEN {true} THEN true WHEN {false} THEN false END"
    if column.type == "date":
        return f"CAST({_parsed(raw, column.formats or DATE_FORMATS)} AS DATE)"
    if column.type == "timestamp" and column.formats:
        return f"CAST({_parsed(raw, column.formats)} AS TIMESTAMP)"
    if column.type == "timestamp":
        # ISO 8601; with an offset or without, which then is UTC.
        return (
            f"CASE WHEN regexp_matches({raw}, '^ *[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
            f" THEN CAST(try_cast({raw} AS TIMESTAMPTZ) AS TIMESTAMP) END"
        )
    return raw


def _parsed(raw: str, formats: tuple[str, ...]) -> str:
    return f"try_strptime({raw}, [{', '.join(map(quoted, formats))}])"


def _from_physical(column: Column, raw: str, physical: str) -> str:
    """A typed value as the column's type; what has no direct way goes through its text."""
    real = physical in ("FLOAT", "DOUBLE") or physical.startswith("DECIMAL")
    if column.type == "string":
        if physical == "VARCHAR":
            return raw
        if physical == "BLOB":
            return f"try(decode({raw}))"
        return f"CAST(to_json({raw}) AS VARCHAR)" if _nested(physical) else f"CAST({raw} AS VARCHAR)"
    if column.type == "bigint" and physical in _INTEGERS:
        return f"try_cast({raw} AS BIGINT)"
    if column.digits and _never_rounds(physical, column):
        return f"try_cast({raw} AS {sql_type(column)})"
    if column.type == "bigint" and real:
        return f"CASE WHEN {raw} = trunc({raw}) THEN try_cast({raw} AS BIGINT) END"
    if column.type == "double" and (real or physical in _INTEGERS):
        number = f"try_cast({raw} AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) THEN {number} END"
    if column.type == "boolean" and physical == "BOOLEAN":
        return raw
    if column.type in ("date", "timestamp") and (physical == "DATE" or physical.startswith("TIMESTAMP")):
        time = f"CASE WHEN isfinite({raw}) THEN CAST({raw} AS TIMESTAMP) END"
        # A day is taken from a time only when no time of day would be lost.
        return (
            f"CASE WHEN {time} = date_trunc('day', {time}) THEN CAST({time} AS DATE) END"
            if column.type == "date"
            else time
        )
    return _from_text(column, f"CAST({raw} AS VARCHAR)")


def _never_rounds(physical: str, column: Column) -> bool:
    """Whether the decimal column has a place for each decimal of this type: then a cast gives the value or NULL."""
    given = Column(column.name, physical.lower(), column.path).digits
    return physical in _INTEGERS or (given is not None and given[1] <= column.digits[1])


def _nested(physical: str) -> bool:
    return physical.startswith(("STRUCT", "MAP")) or physical.endswith("]")
