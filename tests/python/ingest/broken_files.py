"""Files as broken as real ones are, for the contract in `landing_lakes`: some land with rejects, some cannot land."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from ingest.places import folder_of

HEADER = b"id,text,number\n"


def _message(topic: str, payload: object, offset: int) -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return json.dumps({"key": "k", "value": text, "topic": topic, "offset": offset}).encode()


def _parquet(select: str) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(duckdb.sql(select).to_arrow_table(), buffer)
    return buffer.getvalue()


LANDABLE: dict[str, bytes] = {
    "notes_plain.csv": HEADER + b"a,x,1\nb,y,2\n",
    "notes_stray_quotes.csv": HEADER + b'a,"x,1\nb,y,2\nc,"z"z,3\nd,ok,4\n',
    "notes_quoted.csv": HEADER + b'a,"line\none, two ""three""",1\nb,plain,2\n',
    "notes_bad_encoding.csv": HEADER + "é,ü,1\n".encode() + b"f\xff,x,2\n" + "ä,x,3\n".encode("latin-1"),
    "notes_wrong_types.csv": HEADER + b"a,x,2.7\nb,x,12.0\nc,x,1e3\nd,x,9223372036854775808\ne,x,abc\nf,x,\n",
    "notes_no_keys.csv": HEADER + b",x,1\n  ,y,2\nc,z,3\n",
    "notes_fields.csv": HEADER + b"a,x\nb,x,1,2\nc,x,3\n",
    "notes_undeclared.csv": b"number,extra,id\n1,more,a\n2,,b\n",
    "notes_missing_column.csv": b"id\na\nb\n",
    "notes_empty.csv": b"",
    "notes_header_only.csv": HEADER,
    "notes_crlf.csv": HEADER.replace(b"\n", b"\r\n") + b"a,x,1\r\n\r\nb,y,2\r\n",
    "notes_cr.csv": HEADER.replace(b"\n", b"\r") + b"a,x,1\rb,y,2",
    "notes_all_line_ends.csv": HEADER + b"a,x,1\r\nb,y,2\rc,z,3\n",
    "notes_mark.csv": b"\xef\xbb\xbf" + HEADER + b"a,x,1\n",
    "notes_semicolons.csv": b"id;text;number\na;x,y;1\n",
    "notes_packed.csv.gz": gzip.compress(HEADER + b"a,x,1\nb,x,no\n", mtime=0),
    "notes_packed_in_spite_of_its_name.csv": gzip.compress(HEADER + b"z,x,1\n", mtime=0),
    "notes_long_line.csv": HEADER + b"a," + b"x" * (9 * 2**20) + b",1\nb,y,2\n",
    "deep/er/notes 100% #1?.csv": HEADER + b"odd,name,1\n",
    "events_lines.json": b'{"id": 1, "text": "a", "value": 1.5}\n{"id": 2, "text": "b", "value": 2}\n',
    "events_array.json": b'[{"id": 1, "text": "a"}, {"id": "x"}, {"id": 3, "more": {"a": [1]}}]',
    "events_pretty.json": b'{\n "id": 1,\n "text": "a"\n}\n{\n "id": 2\n}\n',
    "events_truncated.json": b'{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}\n{"id": 3, "te',
    "events_doubled_keys.json": b'{"id": 1, "id": 2}\n{"id": 3}\n',
    "events_wrong_types.json": b'{"id": 1.5}\n{"id": true}\n{"id": "7"}\n{"id": 1, "value": "NaN"}\n{"id": null}\n',
    "events_no_objects.json": b'{"id": 1}\n[]\n7\nnull\n"text"\noops\n',
    "events_nested.json": b'{"id": 1, "text": {"a": 1}, "value": 2}\n{"id": 9007199254740993}\n',
    "events_bad_encoding.json": b'{"id": 1}\n{"id": 2, "text": "\xff"}\n{"id": 3}\n',
    "events_packed.json.gz": gzip.compress(b'{"id": 1}\n{"id": 2}\n', mtime=0),
    "events_empty.json": b"\n\n",
    "topic_of_two.json": b"\n".join(
        [
            _message("reading", {"id": 1, "value": 0.5}, 1),
            _message("person", {"id": 2, "name": "x", "address": {"city": "y"}}, 2),
            _message("nobody", {"id": 3}, 3),
            _message("reading", "no json", 4),
            _message("person", {"id": None}, 5),
            b'{"topic": "reading"}',
            b"not a message",
        ]
    ),
    "bulk_other_types.parquet": _parquet(
        "SELECT i::INTEGER AS id, i::SMALLINT AS text, i::DECIMAL(9, 2) AS value, DATE '2024-02-29' + i::INTEGER AS"
        " day, TIMESTAMPTZ '2024-02-29 12:00:00+02' AS at, i % 2 = 0 AS yes FROM range(5) AS made(i)"
    ),
    "bulk_texts.parquet": _parquet(
        "SELECT i::VARCHAR AS id, 'NaN' AS value, '2024-13-01' AS day, 'maybe' AS yes FROM range(3) AS r(i)"
    ),
    "bulk_undeclared.parquet": _parquet("SELECT NULL::BIGINT AS id, [1, 2] AS list UNION ALL SELECT 2, [3]"),
}

UNLANDABLE: dict[str, bytes] = {
    "stranger.csv": b"x\n1\n",
    "notes_no_key_column.csv": b"text,number\nx,1\n",
    "notes_twice.csv": b"id,text,ID\na,x,b\n",
    "notes_utf16.csv": "id,text\na,x\n".encode("utf-16"),
    "notes_damaged.csv.gz": gzip.compress(HEADER * 999, mtime=0)[:-20],
    "events_cut_array.json": b'[{"id": 1}, {"id": 2',
    "events_without_keys.json": b'{"text": "a"}\n',
    "bulk_cut.parquet": b"PAR1 and no more",
}


def lay(lake, files: dict[str, bytes]) -> None:
    """Lay `files` into the drop folder of a lake under test."""
    for name, content in files.items():
        lake.drop(name, content)


def lay_into_store(place: str, files: dict[str, bytes], scratch: Path) -> None:
    """Lay `files` into the folder of a store."""
    for name, content in files.items():
        scratch.joinpath("laid").write_bytes(content)
        folder_of(place).commit(scratch / "laid", name, ".aside")
