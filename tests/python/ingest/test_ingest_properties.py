"""Any table, written any way, lands exactly; whatever is in a file, its rows read are landed or rejected."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_lakes import make_lake

LIMITS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = st.sampled_from(
    ["a", "b ", ",", ";", '"', '""', "\n", "\r\n", "é", "日本", "\u2028", "'", "\\", "{", " ", "\t"]
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)
BIGINTS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5), st.just(2**53 + 1))
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
UNSEEN = "".join(map(chr, range(33)))  # a line of these alone is blank
KEYS = st.text("kxyz0123456789", min_size=1, max_size=8)


def lake():
    """A lake of one example."""
    return make_lake(Path(tempfile.mkdtemp()))


@LIMITS
@given(
    rows=st.lists(st.tuples(KEYS, TEXTS, st.none() | BIGINTS), max_size=40),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    mark=st.booleans(),
)
def test_csv(rows, line_end, quoting, delimiter, mark):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow(["id", "text", "number"])
    writer.writerows(rows)
    here = lake()
    here.drop("notes.csv", ("\ufeff" if mark else "") + buffer.getvalue())
    [one] = here.land().landed
    assert here.rejects("s.notes") == []
    assert one.rows_read == one.rows_landed == len(rows)
    assert here.rows("s.notes") == [(key, text or None, number) for key, text, number in rows]
    assert here.rows("s.notes", "_row") == [(at,) for at in range(1, len(rows) + 1)]


@LIMITS
@given(
    records=st.lists(
        st.fixed_dictionaries(
            {"id": BIGINTS}, optional={"text": st.none() | TEXTS, "value": st.none() | DOUBLES, "odd": TEXTS}
        ),
        max_size=40,
    ),
    indent=st.sampled_from([None, 1]),
    array=st.booleans(),
    ascii_only=st.booleans(),
)
def test_json(records, indent, array, ascii_only):
    here = lake()
    content = (
        json.dumps(records, indent=indent, ensure_ascii=ascii_only)
        if array
        else "".join(json.dumps(one, ensure_ascii=ascii_only) + "\n" for one in records)
    )
    here.drop("events.json", content)
    [one] = here.land().landed
    assert here.rejects("s.events") == []
    assert one.rows_read == one.rows_landed == len(records)
    assert here.rows("s.events") == [(r["id"], r.get("text"), r.get("value")) for r in records]
    kept = [text and json.loads(text) for (text,) in here.rows("s.events", "_rescued")]
    assert kept == [{"odd": r["odd"]} if "odd" in r else None for r in records]


@LIMITS
@given(
    lines=st.lists(
        st.sampled_from(
            [b"k,a,1", b'k,"a",1', b'k,"a ""b""",1', b'"k\nk",a,1', b'k,"a', b'k,"a"b,1', b"k,a", b"k,a,1,2"]
        )
        | st.sampled_from(
            [b"k,a,2.7", b",a,1", b"\xff,a,1", b"k,a\xfe,1", b"", b"  ", b'"', b'k,5" x,1', b'k,"",', b"\x00k,a,1"]
        ),
        min_size=1,
        max_size=60,
    ),
    ends=st.lists(st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r"]), min_size=60, max_size=60),
)
def test_whatever_a_csv_holds_nothing_is_lost(lines, ends):
    body = b"".join(line + end for line, end in zip(lines, ends, strict=False))
    here = lake()
    here.drop("notes.csv", b"id,text,number\n" + body)
    if b"\x00" in body:
        return
    [one] = here.land().landed
    assert one.rows_read == one.rows_landed + one.rows_rejected
    numbers = [row for (row,) in here.rows("s.notes", "_row")] + [row for (row,) in here.rejects("s.notes", "_row")]
    assert sorted(numbers) == list(range(1, one.rows_read + 1))
    kept = "".join(f"{a or ''}{b or ''}{'' if c is None else c}" for a, b, c in here.rows("s.notes"))
    kept += "".join(text for (text,) in here.rejects("s.notes", "_text"))
    letters = "kabx127"
    whole = body.decode("utf-8", errors="backslashreplace").replace("\\xff", "").replace("\\xfe", "")
    kept = kept.replace("\\xff", "").replace("\\xfe", "")
    assert sorted(c for c in kept if c in letters) == sorted(c for c in whole if c in letters)


@LIMITS
@given(
    lines=st.lists(
        st.sampled_from(
            ['{"id": 1}', '{"id": 2, "text": "a", "value": 1}', '{"id": "x"}', '{"id": 1', "[]", "7", "null", ""]
        )
        | st.sampled_from(
            ['{"text": "\\ud800"}', '{"id": 3, "q": {"a": [1]}}', '{"id": 1, "id": 2}', " ", "{}", "\x01", '"']
        ),
        max_size=60,
    )
)
def test_whatever_json_lines_hold_nothing_is_lost(lines):
    here = lake()
    here.drop("events.json", '{"id": 0}\n' + "".join(line + "\n" for line in lines))
    [one] = here.land().landed
    full = [line for line in lines if line.strip(UNSEEN)]
    assert one.rows_read == one.rows_landed + one.rows_rejected == 1 + len(full)
    numbers = dict(here.rejects("s.events", "_row, _text"))
    landed = [row for (row,) in here.rows("s.events", "_row")]
    assert sorted([*numbers, *landed]) == list(range(1, len(full) + 2))
    assert all(full[row - 2] == text for row, text in numbers.items())
