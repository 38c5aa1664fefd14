"""CSV as real exports write it: what is tolerated, what is rejected, and that nothing is lost."""

from __future__ import annotations

import csv
import gzip
import io

import duckdb
import pytest

from gymhouse.console import Problem
from ingest import quotes, reasons, records

HEADER = "id,text,number\n"


def landed(lake, content, name="notes.csv"):
    lake.drop(name, content)
    outcome = lake.land()
    for one in outcome.landed:
        assert one.rows_read == one.rows_landed + one.rows_rejected
    return lake.rows("s.notes")


@pytest.mark.parametrize(
    "content",
    [
        "id,text,number\na,x,1\nb,y,2\n",
        "\ufeffid,text,number\na,x,1\nb,y,2\n",
        "id,text,number\r\na,x,1\r\nb,y,2\r\n",
        "id,text,number\ra,x,1\rb,y,2\r",
        "id,text,number\r\na,x,1\nb,y,2\r\n",
        "id,text,number\na,x,1\nb,y,2",
        "\n\nid,text,number\n\na,x,1\n   \n\nb,y,2\n\n\n",
        " ID , Text,NUMBER \na,x,1\nb,y,2\n",
        "number,id,text\n1,a,x\n2.0,b,y\n",
        '"id","text","number"\n"a","x","1"\n"b","y","2"\n',
        "id;text;number\na;x;1\nb;y;2\n",
        "id\ttext\tnumber\na\tx\t1\nb\ty\t2\n",
        "id|text|number\na|x|1\nb|y|2\n",
    ],
)
def test_the_same_rows_in_many_manners(lake, content):
    assert landed(lake, content) == [("a", "x", 1), ("b", "y", 2)]


def test_quoted_newlines_delimiters_and_quotes(lake):
    text = 'id,text,number\na,"line\r\nline, ""quoted""",1\nb,"",2\nc,5" pipe,3\nd, "e",4\n'
    assert landed(lake, text) == [
        ("a", 'line\r\nline, "quoted"', 1),
        ("b", None, 2),
        ("c", '5" pipe', 3),
        ("d", "e", 4),
    ]


def test_gzip_is_known_by_its_content(lake):
    lake.drop("notes_1.csv.gz", gzip.compress(b"id,text,number\na,x,1\n") + gzip.compress(b"b,y,2\n"))
    lake.drop("notes_2.csv", gzip.compress(b"id,text,number\nc,z,3\n"))
    lake.drop("notes_3.csv.gz", "id,text,number\nd,w,4\n")
    lake.land()
    assert lake.rows("s.notes", "id") == [("a",), ("b",), ("c",), ("d",)]


def test_undeclared_columns_are_kept_and_reported(lake):
    lake.drop("notes.csv", 'id,extra "x",text,,number\na,"1 ""2""",x,,1\nb,,y,,2\n')
    outcome = lake.land()
    assert lake.rows("s.notes", "id, _rescued") == [("a", '{"extra \\"x\\"":"1 \\"2\\""}'), ("b", None)]
    assert any("undeclared" in note and "s.notes" in note for note in outcome.notes)


def test_a_missing_optional_column_is_null_and_noted(lake):
    lake.drop("notes.csv", "id\na\n\nb\n")
    outcome = lake.land()
    assert lake.rows("s.notes") == [("a", None, None), ("b", None, None)]
    assert any("text, number" in note for note in outcome.notes)


def test_an_empty_file_lands_no_rows_and_says_so(lake):
    lake.drop("notes.csv", "")
    lake.drop("notes_2.csv", "id,text,number\n")
    outcome = lake.land()
    assert [one.rows_read for one in outcome.landed] == [0, 0]
    assert any("is empty" in note for note in outcome.notes)
    assert lake.land().landed == []


def test_each_kind_of_bad_row_is_kept_with_its_reason(lake):
    lines = [
        (b"good1,x,1", None),
        (b"short,x", (None, reasons.TOO_FEW_FIELDS)),
        (b"long,x,1,2,3", (None, reasons.TOO_MANY_FIELDS)),
        (b"", None),
        (b"   ", None),
        (b'stray,"x,1', (None, reasons.BAD_QUOTES)),
        (b"good2,y,2", None),
        (b'after,"x"y,1', (None, reasons.BAD_QUOTES)),
        (b"latin,\xe9t\xe9,1", (None, reasons.NOT_UTF8)),
        (b"number,x,2.7", ("number", reasons.NOT_OF_TYPE["bigint"])),
        (b",x,1", ("id", reasons.NO_KEY)),
        (b'  ,"a ""b""",1', ("id", reasons.NO_KEY)),
        (b"good3,z,3", None),
    ]
    lake.drop("notes.csv", HEADER.encode() + b"\n".join(line for line, _ in lines) + b"\n")
    outcome = lake.land()
    full = [(line, fault) for line, fault in lines if line.strip()]
    expected = [
        (*fault, line.decode("utf-8", errors="backslashreplace"), row)
        for row, (line, fault) in enumerate(full, 1)
        if fault
    ]
    assert lake.rejects("s.notes") == expected
    assert lake.rows("s.notes", "id, _row") == [
        (line.decode().split(",")[0], row) for row, (line, fault) in enumerate(full, 1) if not fault
    ]
    [one] = outcome.landed
    assert (one.rows_read, one.rows_landed, one.rows_rejected) == (len(full), 3, len(expected))
    assert sum(one.rejects.values()) == len(expected)


@pytest.mark.parametrize("closed_later", [False, True])
def test_a_stray_quote_in_a_large_file_costs_its_line_alone(lake, closed_later):
    """DuckDB's own reader drops the rest of its buffer here, without a word."""
    count = 1_200_000
    lines = [f"k{at},abcdefghij,{at}" for at in range(count)]
    lines[100] = 'k100,"abc,100'
    if closed_later:
        lines[900_000] = 'k900000,"fine",900000'
    lake.drop("notes.csv", HEADER + "\n".join(lines) + "\n")
    lake.land()
    assert lake.rejects("s.notes") == [(None, reasons.BAD_QUOTES, lines[100], 101)]
    [(rows, keys, numbers)] = duckdb.sql(
        "SELECT count(*), count(DISTINCT id), sum(_row) FROM"
        f" '{lake.home.raw}/s/notes/*/*.parquet' WHERE id = 'k' || (_row - 1) AND number = _row - 1"
    ).fetchall()
    assert (rows, keys, numbers) == (count - 1, count - 1, count * (count + 1) // 2 - 101)


def test_a_line_too_long_is_rejected_whole(lake, monkeypatch):
    monkeypatch.setattr(records, "LONGEST_LINE", 1000)
    monkeypatch.setattr(records, "_GLANCE", 500)
    long = "k," + "x" * 2000 + ",1"
    lake.drop("notes.csv", HEADER + f"a,x,1\n{long}\nb,y,2\n" + "c,z,3\n" * 300_000)
    lake.land()
    assert lake.rejects("s.notes") == [(None, reasons.TOO_LONG, long, 2)]
    assert lake.rows("s.notes", "count(*) OVER ()")[0][0] == 300_002


@pytest.mark.parametrize(("window", "block"), [(2, 300), (4, 5000), (4096, 2**25)])
def test_blocks_and_windows_do_not_change_what_is_found(new_lake, monkeypatch, window, block):
    """Records that straddle the stretches in which a file is scanned."""
    monkeypatch.setattr(quotes, "WINDOW", window)
    monkeypatch.setattr(records, "BLOCK", block)
    monkeypatch.setattr("ingest.text_lines.BLOCK", 2**25)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    rows = [(f"k{at}", ['a"b', "x\r\ny", "\n", '""', ",", "plain", '"', "é\r"][at % 8], at) for at in range(400)]
    writer.writerows([("id", "text", "number"), *rows])
    lake = new_lake()
    lake.drop("notes.csv", buffer.getvalue())
    lake.land()
    assert lake.rejects("s.notes") == []
    assert lake.rows("s.notes") == rows


@pytest.mark.parametrize("block", range(40, 90))
def test_a_broken_record_after_blank_lines_at_the_edge_of_a_block(lake, monkeypatch, block):
    monkeypatch.setattr(records, "BLOCK", block)
    monkeypatch.setattr("ingest.text_lines.BLOCK", 2**25)
    lake.drop("notes.csv", HEADER + 'a,"x",1\n\n\nshort,x\n\n  \n\nb,y,2\n  \n\nlong,x,1,2\n\n')
    lake.land()
    assert lake.rows("s.notes", "id, _row") == [("a", 1), ("b", 3)]
    assert lake.rejects("s.notes", "_text, _row") == [("short,x", 2), ("long,x,1,2", 4)]


def test_a_count_that_does_not_agree_stops_before_writing(lake, monkeypatch):
    lake.drop("notes.csv", HEADER + "a,x,1\n")
    monkeypatch.setattr("ingest.examine.scan", lambda *_: records.Scan(3, True))
    with pytest.raises(Problem, match="DuckDB gave 1 of its 2 records"):
        lake.land()
    assert [name for name in lake.files() if "raw/s" in name] == []


def test_a_quote_in_a_line_that_the_block_cuts_is_not_held_against_the_line_before(lake):
    """A carriage return at a block's end may be half a line end: the line waits for the next block."""
    lake.drop("notes.csv", HEADER + 'k,"a"b,1\r')
    lake.land()
    assert lake.rejects("s.notes") == [(None, reasons.BAD_QUOTES, 'k,"a"b,1', 1)]
