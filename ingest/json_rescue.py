"""SQL that keeps what no column takes out of a JSON record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.sql import quoted


@dataclass(frozen=True)
class Part:
    """A JSON object that may hold undeclared fields.

    `sql` gives it, `declared` are its known fields (nested as objects are), `prefix` precedes the names of rescued
    ones.
    `certain` are the fields that it is known to have, each once; None when nothing is known.
    """

    sql: str
    declared: dict
    prefix: str = ""
    certain: dict | None = None


def rescued(parts: list[Part]) -> str:
    """SQL of one JSON object of all undeclared fields, NULL when there are none.

    Fields inside a declared object are named with its path, `address.country`.
    """
    levels = [level for part in parts for level in _levels(part)]
    pieces = [piece for level in levels for piece in _pieces(level)]
    everything = f"nullif('{{' || concat_ws(',', {', '.join(pieces)}) || '}}', '{{}}')"
    if any(level.certain is None for level in levels):
        return everything
    return f"CASE WHEN {nothing_rescued(parts)} THEN NULL ELSE {everything} END"


def nothing_rescued(parts: list[Part]) -> str:
    """SQL condition, shorter, from which it follows that there are no undeclared fields."""
    return " AND ".join(_nothing_else(level) for part in parts for level in _levels(part))


def _nothing_else(level: Part) -> str:
    keys = f"json_keys({level.sql})"
    if level.certain is not None:
        return f"len({keys}) = {len(level.certain)}"
    objects = [field for field, inner in level.declared.items() if isinstance(inner, dict)]
    kinds = [f"json_type({_inside(level, field)})" for field in objects]
    return " AND ".join([f"list_has_all({_known(level)}, {keys})", *(f"{kind} = 'OBJECT'" for kind in kinds)])


def _levels(part: Part) -> Iterator[Part]:
    """The object and the declared objects in it."""
    yield part
    for field, inner in part.declared.items():
        if isinstance(inner, dict) and (part.certain is None or field in part.certain):
            inside = _inside(part, field)
            only = f"CASE WHEN json_type({inside}) = 'OBJECT' THEN {inside} END"
            yield from _levels(Part(only, inner, f"{part.prefix}{field}.", part.certain and part.certain[field]))


def _pieces(part: Part) -> Iterator[str]:
    keys = f"json_keys({part.sql})"
    known = _known(part)
    pointer = "'/' || replace(replace(field, '~', '~0'), '/', '~1')"
    value = f"coalesce(json_extract({part.sql}, {pointer})::VARCHAR, 'null')"
    pair = f"to_json({quoted(part.prefix)} || field)::VARCHAR || ':' || {value}"
    others = f"list_filter(list_distinct({keys}), lambda field: NOT list_contains({known}, field))"
    yield (
        f"CASE WHEN NOT list_has_all({known}, {keys})"
        f" THEN array_to_string(list_transform({others}, lambda field: {pair}), ',') END"
    )
    for field, inner in part.declared.items():
        if isinstance(inner, dict):
            # What should be an object and is not, is kept whole.
            inside = _inside(part, field)
            whole = f"to_json({quoted(part.prefix + field)})::VARCHAR || ':' || {inside}::VARCHAR"
            yield f"CASE WHEN json_type({inside}) NOT IN ('OBJECT', 'NULL') THEN {whole} END"


def _inside(part: Part, field: str) -> str:
    return f"json_extract({part.sql}, {quoted('/' + field)})"


def _known(part: Part) -> str:
    return f"[{', '.join(map(quoted, part.declared))}]"
