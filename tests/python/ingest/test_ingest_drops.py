"""Which files are data, and whose."""

from __future__ import annotations

import pytest
from landing_lakes import NOTES, TABLES, columns, table

from gymhouse.console import Problem
from ingest.contract import Drop
from ingest.drops import discover


def test_what_is_no_data_is_counted_and_left_alone(lake):
    for name in ("LICENSE", "licence.txt", "README.md", "notes.md", ".hidden.csv", "_SUCCESS", "expected_notes.csv"):
        lake.drop(name, "x")
    for name in ("notes.csv.tmp", "notes.csv.part", ".notes.csv.crc", "_temporary/notes.csv", ".git/notes.csv"):
        lake.drop(name, "x")
    lake.drop("deep/er/notes.CSV", "id,text,number\n")
    found = discover(lake.drops, TABLES)
    assert [one.relative for one in found.files] == ["deep/er/notes.CSV"]
    assert found.ignored == 10


def test_a_file_that_no_source_declares_names_the_nearest(lake):
    lake.drop("notes.csv", "id\na\n")
    lake.drop("day/evnts_1.json", "{}")
    lake.drop("bulk.xlsx", "x")
    with pytest.raises(Problem) as raised:
        lake.land()
    assert (
        "day/evnts_1.json: no source declares it; the nearest source is s.events, whose files are named events*"
        in raised.value.what
    )
    assert (
        "bulk.xlsx: no source declares it; by its name it is s.bulk, but that is dropped as .parquet"
        in raised.value.what
    )
    assert "notes.csv" not in raised.value.what
    assert not lake.home.root.exists()


def test_strangers_and_faults_are_told_together(lake):
    lake.drop("stranger.bin", "x")
    lake.drop("notes.csv", "text\nx\n")
    with pytest.raises(Problem) as raised:
        lake.land()
    assert "stranger.bin: no source declares it" in raised.value.what
    assert "notes.csv: its header lacks the key column id" in raised.value.what


def test_one_source_alone(lake):
    other = table("other", Drop(("other*",), "csv"), key=["id"], cols=columns(id="string"), source="o")
    lake.tables = [*TABLES, other]
    lake.drop("notes.csv", "id\na\n")
    lake.drop("other.csv", "id\nb\n")
    lake.drop("stranger.bin", "x")
    outcome = lake.land(sources=("o",))
    assert [one.table.label for one in outcome.landed] == ["o.other"]
    assert outcome.other_sources == 2
    with pytest.raises(Problem, match="No source is named nobody"):
        lake.land(sources=("nobody",))


def test_one_file_as_drop(lake):
    path = lake.drop("notes.csv", "id\na\n")
    lake.drop("stranger.bin", "x")
    assert [one.file for one in lake.land(drops=path).landed] == ["notes.csv"]


def test_no_such_drop(lake):
    with pytest.raises(Problem, match="There is no drop"):
        lake.land(drops=lake.drops / "nowhere")
    assert not lake.home.root.exists()


def test_a_name_that_fits_two_tables_without_a_route(lake):
    lake.tables = [*TABLES, table("more", Drop(("*tes*",), "csv"), key=["id"], cols=NOTES.columns)]
    lake.drop("notes.csv", "id\na\n")
    with pytest.raises(Problem, match=r"notes\.csv: fits several tables: s\.notes, s\.more"):
        lake.land()
