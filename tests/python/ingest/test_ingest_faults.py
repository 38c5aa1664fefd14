"""What forbids landing: told for all files together, before the lake is touched."""

from __future__ import annotations

import gzip
import os

import duckdb
import pytest

from gymhouse.console import Problem

GOOD = "id,text,number\na,x,1\n"


def parquet(lake, select: str) -> bytes:
    path = lake.drops.parent / "made.parquet"
    duckdb.sql(f"COPY ({select}) TO '{path}'")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notes.csv", "text,number\nx,1\n", "its header lacks the key column id (it has: text, number)"),
        ("notes.csv", "id,text,ID\na,x,b\n", "its header names id twice"),
        ("notes.csv", 'id,"text,number\na,x,1\n', "its header has a quote that is not closed"),
        ("notes.csv", GOOD.encode("utf-16"), "is UTF-16, not csv in UTF-8"),
        ("notes.csv", GOOD.encode("utf-16-le"), "holds zero bytes"),
        ("notes.csv", b"PK\x03\x04rest", "is a zip archive"),
        ("notes.csv.gz", gzip.compress(GOOD.encode() * 9999, mtime=0)[:-20], "its gzip is damaged"),
        ("notes.csv.gz", gzip.compress(GOOD.encode(), mtime=0)[:-4] + b"abcd", "its gzip is damaged"),
        ("events.json.gz", gzip.compress(b'[{"id": 1}]', mtime=0)[:-6], "its gzip is damaged"),
        ("events.json", '[{"id": 1}, {"id": 2', "is not a whole JSON array"),
        ("events.json", '[{"id": 1}, oops]', "is not a whole JSON array"),
        ("events.json", "id,text\n1,a\n", "holds no JSON objects"),
        ("events.json", '{"text": "a"}\n' * 2000, "no record of s.events has the key column id"),
        ("events.json", '[{"text": "a"}]', "no record of s.events has the key column id"),
        ("topic.json", '{"id": 1}\n', "none of its messages has the field value"),
        ("topic.json", '{"topic":"reading","value":"{}"}\n', "no record of s.readings has the key column id"),
        ("bulk.parquet", b"PAR1 and no more", "is not a whole Parquet file"),
        ("bulk.parquet", "", "is not a whole Parquet file"),
    ],
)
def test_each_fault_is_told_and_nothing_lands(lake, name, content, told):
    lake.drop("notes_good.csv", GOOD)
    lake.drop(name, content)
    with pytest.raises(Problem) as raised:
        lake.land()
    assert f"{name}: {told}" in raised.value.what
    assert "notes_good.csv" not in raised.value.what
    assert lake.files() == []


def test_a_key_first_seen_late_is_no_fault(lake):
    lake.drop("events.json", '{"text": "a"}\n' * 2000 + '{"id": 1}\n')
    [one] = lake.land().landed
    assert (one.rows_landed, one.rows_rejected) == (1, 2000)


def test_parquet_faults(lake):
    lake.drop("bulk_1.parquet", parquet(lake, "SELECT 'a' AS text"))
    lake.drop("bulk_2.parquet", parquet(lake, "SELECT 1 AS id")[:-10])
    with pytest.raises(Problem) as raised:
        lake.land()
    assert "bulk_1.parquet: it lacks the key column id (it has: text)" in raised.value.what
    assert "bulk_2.parquet: is not a whole Parquet file" in raised.value.what


def test_all_faults_of_all_files_together(lake):
    lake.drop("notes_1.csv", "text\nx\n")
    lake.drop("notes_2.csv", GOOD.encode("utf-16"))
    lake.drop("events.json", "[")
    with pytest.raises(Problem) as raised:
        lake.land()
    assert all(name in raised.value.what for name in ("notes_1.csv", "notes_2.csv", "events.json"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(lake):
    lake.drop("notes.csv", GOOD).chmod(0)
    with pytest.raises(Problem, match=r"notes\.csv: cannot be read"):
        lake.land()


def test_a_link_to_nowhere(lake):
    (lake.drops / "notes.csv").symlink_to("nowhere")
    with pytest.raises(Problem, match=r"notes\.csv: cannot be read \(No such file"):
        lake.land()
