"""SQL that keeps what no column takes out of a JSON record."""

from __future__ import annotations

from ingest.typing_rules import quoted


def rescued(parts: list[tuple[str, dict, str, list[str]]]) -> str:
    """SQL of one JSON object of all undeclared fields, NULL when there are none.

    A part is (SQL of a JSON object, its declared fields, prefix of their names in the result, the usual keys). Fields
    inside a declared object are named with its path, `address.country`.
    """
    pieces = [piece for part in parts for piece in _pieces(*part)]
    return f"nullif('{{' || concat_ws(',', {', '.join(pieces)}) || '}}', '{{}}')"


def _pieces(sql: str, declared: dict, prefix: str, usual: list[str]):
    keys = f"json_keys({sql})"
    known = f"[{', '.join(map(quoted, declared))}]"
    # Most records have the keys of the first one, in its order: the cheapest comparison comes first.
    shortcut = (
        f"WHEN {keys} = [{', '.join(map(quoted, usual))}] THEN NULL " if set(usual) <= set(declared) and usual else ""
    )
    pointer = "'/' || replace(replace(field, '~', '~0'), '/', '~1')"
    value = f"coalesce(json_extract({sql}, {pointer})::VARCHAR, 'null')"
    pair = f"to_json({quoted(prefix)} || field)::VARCHAR || ':' || {value}"
    others = f"list_filter(list_distinct({keys}), lambda field: NOT list_contains({known}, field))"
    yield (
        f"CASE {shortcut}WHEN NOT list_has_all({known}, {keys})"
        f" THEN array_to_string(list_transform({others}, lambda field: {pair}), ',') END"
    )
    for field, inner in declared.items():
        if isinstance(inner, dict):
            inside = f"json_extract({sql}, {quoted('/' + field)})"
            kind = f"json_type({inside})"
            whole = f"to_json({quoted(prefix + field)})::VARCHAR || ':' || {inside}::VARCHAR"
            yield f"CASE WHEN {kind} NOT IN ('OBJECT', 'NULL') THEN {whole} END"
            only = f"CASE WHEN {kind} = 'OBJECT' THEN {inside} END"
            yield from _pieces(only, inner, f"{prefix}{field}.", [])
