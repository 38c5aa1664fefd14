"""JSON records: lines, arrays, envelopes, topics that several tables share."""

from __future__ import annotations

import gzip
import json

import pytest

from ingest import reasons

BIG = 2**53 + 1


def message(topic, value, **more):
    return {"key": "1", "value": value, "topic": topic, "offset": 7, **more}


def lines(*records):
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)


EVENTS = [{"id": 1, "text": "a", "value": 1.5}, {"value": None, "id": 2.0, "text": "é\n"}, {"id": "3"}]
LANDED = [(1, "a", 1.5), (2, "é\n", None), (3, None, None)]


@pytest.mark.parametrize(
    "content",
    [
        lines(*EVENTS),
        "\ufeff" + lines(*EVENTS),
        "\n\n" + lines(*EVENTS).replace("\n", "\r\n  \r\n"),
        lines(*EVENTS).rstrip(),
        json.dumps(EVENTS),
        json.dumps(EVENTS, indent=2),
        "\ufeff" + json.dumps(EVENTS, indent=2),
        "\n".join(json.dumps(one, indent=2) for one in EVENTS),
        gzip.compress(lines(*EVENTS).encode(), mtime=0),
        gzip.compress(json.dumps(EVENTS, indent=2).encode(), mtime=0),
    ],
)
def test_the_same_records_in_many_manners(lake, content):
    lake.drop("events.json", content)
    lake.land()
    assert lake.rows("s.events") == LANDED
    assert lake.rows("s.events", "_row") == [(1,), (2,), (3,)]


def test_one_pretty_printed_object(lake):
    lake.drop("events.json", json.dumps(EVENTS[0], indent=2))
    lake.land()
    assert lake.rows("s.events") == LANDED[:1]


def test_an_empty_array_and_an_empty_file_land_no_rows(lake):
    lake.drop("events_1.json", "[]")
    lake.drop("events_2.json", "")
    assert [one.rows_read for one in lake.land().landed] == [0, 0]


def test_bad_lines_keep_their_text_number_and_reason(lake):
    bad = [
        ("not json", (None, reasons.NOT_JSON)),
        ('{"id": 5, "text"', (None, reasons.NOT_JSON)),
        ("[1, 2]", (None, reasons.NOT_AN_OBJECT)),
        ("7", (None, reasons.NOT_AN_OBJECT)),
        ("null", (None, reasons.NOT_AN_OBJECT)),
        ('{"id": 2.5}', ("id", reasons.NOT_OF_TYPE["bigint"])),
        ('{"id": 6, "value": "high"}', ("value", reasons.NOT_OF_TYPE["double"])),
        ('{"id": null}', ("id", reasons.NO_KEY)),
        ('{"text": "no key"}', ("id", reasons.NO_KEY)),
        ('{"id": 7, "text": "a\x01b"}', (None, reasons.NOT_JSON)),
    ]
    good = json.dumps(EVENTS[0])
    lake.drop("events.json", lines(good, *(text for text, _ in bad), good))
    outcome = lake.land()
    assert lake.rejects("s.events") == [(*fault, text, row) for row, (text, fault) in enumerate(bad, 2)]
    assert lake.rows("s.events", "_row") == [(1,), (12,)]
    [one] = outcome.landed
    assert (one.rows_read, one.rows_landed, one.rows_rejected) == (12, 2, 10)


def test_bytes_that_are_not_utf8(lake):
    lake.drop("events.json", b'{"id": 1}\n{"id": 2, "text": "\xe9"}\n{"id": 3}\n')
    lake.land()
    assert lake.rejects("s.events") == [(None, reasons.NOT_UTF8, '{"id": 2, "text": "\\xe9"}', 2)]
    assert lake.rows("s.events", "id, _row") == [(1, 1), (3, 3)]


def test_undeclared_fields_are_kept_wherever_they_stand(lake):
    records = [{"id": at} for at in range(5000)]
    records[4000]['odd ~/"key'] = {"a": [1, None]}
    records[4001]["none"] = None
    lake.drop("events.json", lines(*records))
    outcome = lake.land()
    kept = dict(lake.rows("s.events", "id, _rescued"))
    assert json.loads(kept.pop(4000)) == {'odd ~/"key': {"a": [1, None]}}
    assert json.loads(kept.pop(4001)) == {"none": None}
    assert set(kept.values()) == {None}
    assert any("undeclared" in note and "none" in note for note in outcome.notes)


TOPIC = [
    message("reading", json.dumps({"id": 1, "value": 60})),
    message("person", json.dumps({"id": BIG, "name": "A", "address": {"city": "B"}})),
    message("reading", {"id": 2, "value": 61.5}),
    message("person", json.dumps({"id": 3, "name": "C"})),
]


def test_a_shared_topic_is_routed_record_by_record(lake):
    lake.drop("topic.json", lines(*TOPIC))
    lake.land()
    assert lake.rows("s.readings", "id, value, place, _row") == [(1, 60.0, 7, 1), (2, 61.5, 7, 3)]
    assert lake.rows("s.people", "id, name, city, _row") == [(BIG, "A", "B", 2), (3, "C", None, 4)]


def test_what_no_table_takes_is_rejected_once_under_the_first(lake):
    odd = [
        message("other", "{}"),
        "garbage",
        {"value": "{}"},
        message("reading", None),
        message("person", "[]"),
        message("reading", json.dumps({"id": "x"})),
        message("reading", "null"),
    ]
    lake.drop("topic.json", lines(TOPIC[0], *odd, TOPIC[1]))
    outcome = lake.land()
    text = [one if isinstance(one, str) else json.dumps(one) for one in odd]
    assert lake.rejects("s.people") == [
        (None, reasons.NO_ROUTE, text[0], 2),
        (None, reasons.NOT_JSON, text[1], 3),
        (None, reasons.NO_ROUTE, text[2], 4),
        (None, reasons.NO_PAYLOAD, text[4], 6),
    ]
    assert lake.rejects("s.readings") == [
        (None, reasons.NO_PAYLOAD, text[3], 5),
        ("id", reasons.NOT_OF_TYPE["bigint"], text[5], 7),
        (None, reasons.NO_PAYLOAD, text[6], 8),
    ]
    assert sum(one.rows_read for one in outcome.landed) == 9


def test_undeclared_fields_of_envelope_and_nested_objects(lake):
    person = {"id": 1, "name": "A", "address": {"city": "B", "country": "C"}, "pet": "cat"}
    lake.drop(
        "topic.json",
        lines(
            message("person", json.dumps(person), headers={"h": 1}), message("person", '{"id": 2, "address": "street"}')
        ),
    )
    lake.land()
    kept = [json.loads(text) for (text,) in lake.rows("s.people", "_rescued")]
    assert kept == [{"pet": "cat", "address.country": "C", "envelope.headers": {"h": 1}}, {"address": "street"}]


def test_a_table_without_records_in_the_file_still_commits_its_batch(lake):
    lake.drop("topic.json", lines(TOPIC[0]))
    outcome = lake.land()
    assert {(one.table.name, one.rows_read) for one in outcome.landed} == {("people", 0), ("readings", 1)}
    assert lake.land().landed == []
