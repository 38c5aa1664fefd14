"""The landing contract: what it says, and that its faults are told, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gymhouse.console import Problem
from gymhouse.home import PROJECT
from ingest.contract import Retention, read_contract

SOURCE = """
sources:
  - name: s
    tables:
      - name: t
        config:
          meta:
            drops: [{{files: ["t*"], format: {format}{more}}}]
            key: [{key}]{meta}
        columns:
          - {{name: id, data_type: {type}{column}}}
"""
GOOD = {"format": "csv", "more": "", "key": "id", "type": "bigint", "column": "", "meta": ""}
META = "\n            "
HASH = (
    "}}\n          - {{name: text, data_type: string}}"
    "\n          - {{name: hash, data_type: string, config: {{meta: {{hmac_of: {of}}}}}"
)


def write(models: Path, text: str, name: str = "s") -> Path:
    path = models / "staging" / name / f"_{name}__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return models


def test_the_project_s_own_contract():
    tables = {table.label: table for table in read_contract(PROJECT / "models")}
    assert tables["operations.batches"].written_by == "ingest"
    assert all(table.drops and table.key for table in tables.values() if not table.written_by)
    profile = {column.name: column for column in tables["crm.profile_changes"].columns}
    assert profile["city"].path == ("address", "city")
    assert profile["topic_offset"].envelope_field == "offset"
    hashed = {label: one.hmac_of for label, table in tables.items() for one in table.columns if one.hmac_of}
    assert hashed == {"people.members": "email", "feedback.class_feedback": "email"}
    assert {one.name: one.digits for one in tables["club.payments"].columns}["amount"] == (12, 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "integer"}, "data_type integer is unknown"),
        ({"type": '"decimal"'}, "data_type decimal is unknown"),
        ({"type": '"decimal(39, 2)"'}, "data_type decimal(39, 2) must have 1 to 38 digits"),
        ({"type": '"decimal(2, 3)"'}, "data_type decimal(2, 3) must have 1 to 38 digits, no more of them after the"),
        ({"type": '"decimal(0, 0)"'}, "data_type decimal(0, 0) must have 1 to 38 digits"),
        ({"column": HASH.format(of="mail")}, "hmac_of mail must name a column of the table"),
        ({"column": HASH.format(of="id")}, "hmac_of id must name a column of the table that is a string"),
        ({"column": HASH.format(of="text")}, "hmac_of text must name a column with the tag pii"),
        ({"column": HASH.format(of="hash")}, "hmac_of hash must name a column of the table that is a string out of"),
        (
            {
                "column": HASH.format(of="text").replace(
                    "name: hash, data_type: string", "name: hash, data_type: bigint"
                )
            },
            "hmac_of text: a hash is a string, and has no path",
        ),
        ({"column": HASH.format(of="text").replace("hmac_of", "path: a.b, hmac_of")}, "a hash is a string, and has no"),
        ({"column": HASH.format(of="text"), "key": "hash"}, "hmac_of text: a hash cannot be in the key"),
        ({"key": "nobody"}, "key names nobody, which is not a column"),
        ({"key": ""}, "config.meta.key is missing"),
        ({"format": "xml"}, "format xml is unknown"),
        ({"more": ", envelope: {payload: v, fields: [v]}"}, "only a json drop can have an envelope"),
        (
            {"format": "json", "more": ", envelope: {payload: v, fields: [w], where: {x: 1}}"},
            "v is not among its fields",
        ),
        ({"more": ", pattern: x"}, "unknown setting pattern"),
        ({"column": ", config: {meta: {formats: ['%Y']}}"}, "formats are for dates and timestamps"),
        ({"type": "date", "column": ", config: {meta: {formats: ['%Q']}}"}, "format %Q cannot be read"),
        ({"column": ", config: {meta: {path: envelope.offset}}"}, "names no field of an envelope"),
        ({"meta": META + "retention: {raw_days: 9}"}, "retention.raw_days needs retirable: true and an event_time"),
        ({"meta": META + "retention: {raw_days: 9}" + META + "event_time: id"}, "folded over all time"),
        ({"meta": META + "retention: {rejected_days: 0}"}, "retention.rejected_days is 0; it must be a number of days"),
        ({"meta": META + "retention: {rejected_days: 9.5}"}, "retention.rejected_days is 9.5; it must be a number"),
        ({"meta": META + "retention: {days: 9}"}, "retention takes raw_days and rejected_days"),
        ({"meta": META + "retention: 9"}, "retention takes raw_days and rejected_days"),
        ({"meta": META + "written_by: x" + META + "retention: {rejected_days: 9}"}, "for tables that are dropped"),
        ({"column": "}\n          - {name: ID, data_type: string"}, "declared twice"),
        ({"column": "}\n          - {name: _row, data_type: bigint"}, "belong to landing"),
    ],
)
def test_each_fault_is_told(tmp_path, change, told):
    models = write(tmp_path, SOURCE.format(**{**GOOD, **change}))
    with pytest.raises(Problem, match=r"_s__sources\.yml: s\.t") as raised:
        read_contract(models)
    assert told in raised.value.what


def test_a_policy_of_retention(tmp_path):
    policy = "retention: {raw_days: 400, rejected_days: 30}"
    meta = META + META.join(["retirable: true", "event_time: id", policy])
    [table] = read_contract(write(tmp_path / "a", SOURCE.format(**{**GOOD, "meta": meta})))
    assert table.retention == Retention(400, 30)
    rejects_alone = SOURCE.format(**{**GOOD, "meta": META + "retention: {rejected_days: 30}"})
    [table] = read_contract(write(tmp_path / "b", rejects_alone))
    assert table.retention == Retention(None, 30)
    [table] = read_contract(write(tmp_path / "c", SOURCE.format(**GOOD)))
    assert table.retention == Retention(None, None)


def test_all_faults_are_told_together(tmp_path):
    write(tmp_path, SOURCE.format(**{**GOOD, "type": "integer", "key": "nobody"}))
    write(tmp_path, "sources: [", name="broken")
    with pytest.raises(Problem) as raised:
        read_contract(tmp_path)
    assert all(told in raised.value.what for told in ("integer", "nobody", "_broken__sources.yml: not valid YAML"))


def test_no_source_at_all(tmp_path):
    with pytest.raises(Problem, match="No source file declares a table"):
        read_contract(tmp_path)
