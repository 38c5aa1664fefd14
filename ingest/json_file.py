"""JSON records: one a line, or an array of them, or objects one after the other; bare or in a message's envelope.

Two ways to read: the *strict* way asks DuckDB for the fields that the file's first records have, and raises on the
first record that is no JSON, lacks one of them or has one twice; so the number of a record's fields tells whether there
are others. The *careful* way takes every record as it is and looks for what is wrong with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ingest import reasons
from ingest.contract import Column, Table
from ingest.drops import Candidate
from ingest.json_numbers import may_lose_digits, numbers_as_strings
from ingest.json_rescue import Part, nothing_rescued, rescued
from ingest.reading import Reading
from ingest.records import Scan
from ingest.sql import name, quoted
from ingest.typing_rules import Value

NUMBERS = ("bigint", "double")
SPACES = " \t\r\n"


@dataclass(frozen=True)
class JsonFile:
    """A JSON file for one of its candidate tables.

    `lines` is SQL of a relation with the column `line` (and `position`, if `staged`); `sample` its first records;
    `scan` what was counted in the file, if it is one of lines.
    """

    lines: str
    sample: tuple[dict, ...]
    candidate: Candidate
    routes: tuple[Candidate, ...]
    staged: bool = False
    scan: Scan | None = None

    @property
    def table(self) -> Table:
        """The table to read."""
        return self.candidate.table

    def readings(self) -> list[Reading]:
        """Strict first, where the first records are all alike; careful last."""
        outer, inner = self._shape_of_messages(), self._shape_of_payloads()
        careful = self._reading(strict=None)
        return [self._reading(strict=(outer, inner)), careful] if outer is not None and inner is not None else [careful]

    def faults(self) -> list[str]:
        """What forbids landing the file, as far as its first records tell."""
        envelope = self.candidate.drop.envelope
        if envelope and self.sample and not any(envelope.payload in message for message in self.sample):
            return [f"none of its messages has the field {envelope.payload}, which should hold the record"]
        return []

    def missing_keys(self) -> list[Column]:
        """Key columns that none of the first records has, though some are the table's."""
        rows = self._payloads()
        keys = [column for column in self.table.dropped if column.name in self.table.key]
        return [c for c in keys if rows and not c.envelope_field and not any(_has(row, c.path) for row in rows)]

    def present(self, column: Column) -> str:
        """SQL that counts up to one record of the table with a value for `column`."""
        reading = self._reading(strict=None)
        value = reading.values[column.name]
        mine = " AND ".join(f"NOT coalesce({condition}, false)" for condition, _ in reading.flaws)
        return (
            f"SELECT count(*) FROM (SELECT 1 FROM {reading.relation}"
            f" WHERE {mine} AND {value.text or value.sql} IS NOT NULL LIMIT 1)"
        )

    def _payloads(self) -> list[dict]:
        envelope = self.candidate.drop.envelope
        if not envelope:
            return list(self.sample)
        mine = [m for m in self.sample if all(str(m.get(field)) == value for field, value in envelope.where)]
        return [
            payload for payload in (_object(message.get(envelope.payload)) for message in mine) if payload is not None
        ]

    def _shape_of_messages(self) -> dict | None:
        """Exactly the envelope's fields as a strict structure; None when the first messages differ or have others."""
        envelope = self.candidate.drop.envelope
        if not envelope:
            return {}
        needed = self._needed_fields()
        # Of the others it is enough that they are there: DuckDB reads nothing as NULL.
        fields = {f: _envelope_type(self.table, f) if f in needed else "NULL" for f in envelope.fields}
        return _strict(list(self.sample), fields)

    def _shape_of_payloads(self) -> dict | None:
        return _strict(self._payloads(), _tree(self.table))

    def _reading(self, strict: tuple[dict, dict] | None) -> Reading:
        """One way to read the file, with its shorter one: that takes numbers as doubles, and keeps nothing else."""
        relation, body, values = self._decoded(strict)
        position = "position" if self.staged else ""
        sound = [self._sound()]
        decimals = [column for column in self.table.dropped if column.digits and column.name in values]
        if decimals:
            sound.append(f"NOT ({_may_lose_digits(body)})")
        if not self._nothing_else(strict):
            sound.append(nothing_rescued(self._parts(body, strict)))
        plain = Reading(relation, values, "line", sound=" AND ".join(sound), position=position)
        if decimals:
            relation, exact = self._exact_numbers(relation, body, decimals, values)
            values = values | exact
        return Reading(
            relation,
            values,
            "line",
            "NULL" if self._nothing_else(strict) else rescued(self._parts(body, strict)),
            tuple(self._flaws()),
            self._sound(),
            position=position,
            plain=plain,
        )

    def _decoded(self, strict: tuple[dict, dict] | None) -> tuple[str, str, dict[str, Value]]:
        """SQL of the decoded records, of a record's own text in it, and the values of the columns in it."""
        envelope = self.candidate.drop.envelope
        position = ", position" if self.staged else ""
        relation = f"(SELECT line, line AS doc{position} FROM {self.lines})"
        decode = "from_json_strict" if strict else "from_json"
        if not strict:
            relation = f"(SELECT line, {_only_object('line')} AS doc{position} FROM {self.lines})"
        tree = strict[1] if strict else _tree(self.table)
        body = "doc"
        if envelope:
            outer = strict[0] if strict else {f: _envelope_type(self.table, f) for f in self._needed_fields()}
            payload = f"message.{name(envelope.payload)}"
            relation = f"(SELECT *, {decode}(doc, {_spec(outer)}) AS message FROM {relation})"
            relation = f"(SELECT *, {payload if strict else _only_object(payload)} AS body FROM {relation})"
            body = "body"
        relation = f"(SELECT *, {decode}({body}, {_spec(tree)}) AS record FROM {relation})"
        return relation, body, {c.name: one for c in self.table.dropped if (one := _value(c, body, tree, strict))}

    def _exact_numbers(
        self, relation: str, body: str, columns: list[Column], values: dict[str, Value]
    ) -> tuple[str, dict[str, Value]]:
        """The relation with the text of each of these `columns` as it is written, and the values out of it."""
        exact_doc = exact_body = numbers_as_strings("doc")
        if envelope := self.candidate.drop.envelope:
            # A payload may be a text, with JSON in it, or an object of the message itself.
            exact_body = numbers_as_strings(f"json_extract_string(exact_doc, {quoted(_pointer((envelope.payload,)))})")
        relation = f"(SELECT *, CASE WHEN {_may_lose_digits(body)} THEN {exact_doc} END AS exact_doc FROM {relation})"
        relation = f"(SELECT *, CASE WHEN exact_doc IS NOT NULL THEN {exact_body} END AS exact_body FROM {relation})"
        exact, texts = {}, []
        for at, column in enumerate(columns):
            document, path = ("exact_doc", column.path[1:]) if column.envelope_field else ("exact_body", column.path)
            exact[column.name] = Value(f"exact_{at}")
            texts.append(
                f"CASE WHEN {document} IS NULL THEN {values[column.name].sql}"
                f" ELSE json_extract_string({document}, {quoted(_pointer(path))}) END AS exact_{at}"
            )
        return f"(SELECT *, {', '.join(texts)} FROM {relation})", exact

    def _needed_fields(self) -> list[str]:
        envelope = self.candidate.drop.envelope
        columns = [column.envelope_field for column in self.table.dropped if column.envelope_field]
        routed = [field for route in self.routes for field, _ in route.drop.envelope.where]
        return list(dict.fromkeys([envelope.payload, *routed, *columns]))

    def _flaws(self):
        yield "doc IS NULL AND NOT json_valid(line)", reasons.NOT_JSON
        yield "doc IS NULL", reasons.NOT_AN_OBJECT
        if self.candidate.drop.envelope:
            routed = " OR ".join(f"({route_condition(route, 'message.')})" for route in self.routes)
            yield f"NOT coalesce({routed}, false)", reasons.NO_ROUTE
        yield "record IS NULL", reasons.NO_PAYLOAD if self.candidate.drop.envelope else reasons.NOT_AN_OBJECT

    def _sound(self) -> str:
        if not self.candidate.drop.envelope:
            return "record IS NOT NULL"
        return f"{route_condition(self.candidate, 'message.')} AND record IS NOT NULL"

    def _nothing_else(self, strict: tuple[dict, dict] | None) -> bool:
        """Whether no record has an undeclared field."""
        if not strict or not self.scan or self.staged:
            return False
        # A field takes a colon. Every record has these fields, and there are no more colons: no other fields.
        return self.scan.colons == self.scan.records * sum(map(_size, strict))

    def _parts(self, body: str, strict: tuple[dict, dict] | None) -> list[Part]:
        envelope = self.candidate.drop.envelope
        outer, inner = strict or (None, None)
        parts = [Part(body, _tree(self.table), "", inner)]
        if envelope:
            parts.append(Part("doc", dict.fromkeys(envelope.fields, ""), "envelope.", outer))
        return parts


def route_condition(candidate: Candidate, prefix: str) -> str:
    """SQL condition: a message is for `candidate`; its fields are found under `prefix`."""
    where = candidate.drop.envelope.where
    return " AND ".join(f"{prefix}{name(field)} = {quoted(value)}" for field, value in where) or "true"


def stagings(lines: str, routes: tuple[Candidate, ...]) -> list[str]:
    """Ways to yield `line` and the fields that route it (NULL where there is none): strict first, careful last."""
    fields = dict.fromkeys((field for route in routes for field, _ in route.drop.envelope.where), "VARCHAR")
    decoded = [f"from_json_strict(line, {_spec(fields)})", f"from_json({_only_object('line')}, {_spec(fields)})"]
    return [f"SELECT line, unnest(message) FROM (SELECT line, {one} AS message FROM {lines})" for one in decoded]


def staged_lines(relation: str, candidate: Candidate, routes: tuple[Candidate, ...]) -> str:
    """SQL of the lines in the staged `relation` that are for `candidate`; the first takes what nobody takes."""
    mine = route_condition(candidate, "")
    if candidate == routes[0]:
        anybody = " OR ".join(f"({route_condition(route, '')})" for route in routes)
        mine = f"({mine}) OR NOT coalesce({anybody}, false)"
    return f"(SELECT line, rowid AS position FROM {relation} WHERE {mine})"


def _may_lose_digits(body: str) -> str:
    """SQL condition: so may a number of the line or, in it, of the record's own text."""
    return " OR ".join(may_lose_digits(text) for text in dict.fromkeys(("line", body)))


def _only_object(text: str) -> str:
    return f"CASE WHEN json_valid({text}) AND starts_with(ltrim({text}, {quoted(SPACES)}), '{{') THEN {text} END"


def _spec(tree: dict) -> str:
    return quoted(json.dumps(tree))


def _leaf(column: Column) -> str:
    return "DOUBLE" if column.type in NUMBERS else "VARCHAR"


def _envelope_type(table: Table, field: str) -> str:
    return next((_leaf(column) for column in table.dropped if column.envelope_field == field), "VARCHAR")


def _tree(table: Table) -> dict:
    """The payload's declared fields, nested as their paths are, with the DuckDB type to read each as."""
    tree: dict = {}
    for column in (column for column in table.dropped if not column.envelope_field):
        node = tree
        for step in column.path[:-1]:
            node = node.setdefault(step, {})
        node[column.path[-1]] = _leaf(column)
    return tree


def _strict(records: list[dict], declared: dict) -> dict | None:
    """The structure that all `records` share, in the declared types; None when they differ or hold more."""
    if not records:
        return None
    shape: dict = {}
    keys = set(records[0])
    if not keys or not keys <= set(declared) or any(set(record) != keys for record in records):
        return None
    for key in declared:
        if key not in keys:
            continue
        shape[key] = declared[key]
        if isinstance(declared[key], dict):
            inner = [record[key] for record in records]
            if not all(isinstance(one, dict) for one in inner):
                return None
            shape[key] = _strict(inner, declared[key])
            if shape[key] is None:
                return None
    return shape


def _size(tree: dict) -> int:
    """How many fields a structure has, with those of the objects in it."""
    return sum(1 + (_size(inner) if isinstance(inner, dict) else 0) for inner in tree.values())


def _value(column: Column, body: str, tree: dict, strict) -> Value | None:
    if column.envelope_field:
        if strict and column.envelope_field not in strict[0]:
            return None
        return _typed(column, f"message.{name(column.envelope_field)}", "doc", (column.envelope_field,))
    node = tree
    for step in column.path:
        if step not in node:
            return None
        node = node[step]
    return _typed(column, "record." + ".".join(map(name, column.path)), body, column.path)


def _typed(column: Column, sql: str, document: str, path: tuple[str, ...]) -> Value:
    if column.type not in NUMBERS:
        return Value(sql)
    return Value(sql, "number", f"json_extract_string({document}, {quoted(_pointer(path))})")


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def _has(row: dict, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(row, dict) or step not in row:
            return False
        row = row[step]
    return True


def _object(value) -> dict | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, dict) else None
