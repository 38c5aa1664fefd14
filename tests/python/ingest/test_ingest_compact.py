"""Compaction: fewer files, the same rows, nothing lands again; and a kill at any step costs nothing."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace

import duckdb
import pyarrow.parquet as pq
import pytest
from kept_lakes import DAYS, at_every_step, compacted, copy_of, everything, land_days, raw_files
from landing_lakes import NOTES, TABLES, LakeOfTest, columns, make_lake, require_whole_files

from gymhouse.console import Problem
from ingest.contents import contents_of
from ingest.footers import of_one, read_footers
from ingest.lake import Lake
from ingest.places import LocalFolder

LEDGER = "raw/operations/batches"


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> LakeOfTest:
    """A lake of several days, to copy."""
    with pytest.MonkeyPatch.context() as patched:
        lake = make_lake(tmp_path_factory.mktemp("landed"))
        land_days(lake, patched)
        return lake


@pytest.fixture
def days(landed, tmp_path) -> LakeOfTest:
    """A lake of several days."""
    return copy_of(landed, tmp_path / "days")


def test_rows_rejects_and_ledger_stay_and_a_second_time_there_is_nothing_to_do(days):
    before = everything(days)
    done = compacted(days)
    assert (done["s.notes"].files_before, done["s.notes"].files_merged, done["s.notes"].files_after) == (DAYS, DAYS, 1)
    assert len(raw_files(days, "s.notes")) == len(raw_files(days, "s.events")) == 1
    assert everything(days) == before
    assert done["s.notes"].bytes_after == raw_files(days, "s.notes")[0].stat().st_size < done["s.notes"].bytes_before
    files = days.files()
    assert not any(one.files_merged for one in compacted(days).values())
    assert days.files() == files
    assert not days.home.unsettled.exists()


def test_what_lies_in_a_compacted_file_has_landed(days):
    compacted(days)
    before, files = everything(days), days.files()
    again = days.land()
    assert (again.landed, len(again.already)) == ([], 2 * DAYS)
    assert (everything(days), days.files()) == (before, files)
    days.drop("notes_new.csv", "id,text,number\nnew,x,1\n")
    assert [one.file for one in days.land().landed] == ["notes_new.csv"]
    assert len(raw_files(days, "s.notes")) == 2


def test_a_lost_ledger_is_read_again_from_the_footers(days):
    before = everything(days)
    compacted(days)
    shutil.rmtree(days.home.lake / LEDGER)
    days.land()
    assert everything(days) == before


def test_merged_files_merge_again_and_months_stay_apart(lake, monkeypatch):
    land_days(lake, monkeypatch, days=5, month=4)
    compacted(lake)
    land_days(lake, monkeypatch, days=7, month=4)
    land_days(lake, monkeypatch, days=2, month=5)
    before = everything(lake)
    assert compacted(lake)["s.notes"].files_merged == 3, "the month that is over: what was merged, and two more"
    assert everything(lake) == before
    assert compacted(lake)["s.notes"].files_merged == 0, "too few in the open month"
    land_days(lake, monkeypatch, days=4, month=5)
    land_days(lake, monkeypatch, days=1, month=6)
    after = everything(lake)
    assert len(after["raw/s/notes"]) > len(before["raw/s/notes"])
    compacted(lake)
    assert everything(lake) == after
    assert [path.parent.name for path in raw_files(lake, "s.notes")] == [
        "landed_date=2023-04-07",
        "landed_date=2023-05-04",
        "landed_date=2023-06-01",
    ]


def test_rows_of_a_batch_lie_together_in_the_order_of_landing(days):
    compacted(days)
    [file] = raw_files(days, "s.notes")
    rows = pq.read_table(file, columns=["_landed_at", "_batch", "_row"]).to_pylist()
    assert rows == sorted(rows, key=lambda row: (row["_landed_at"], row["_batch"], row["_row"]))
    assert len(list(itertools.groupby(row["_batch"] for row in rows))) == DAYS


def test_encodings_are_those_that_spark_reads(days):
    compacted(days)
    [file] = raw_files(days, "s.notes")
    found = duckdb.sql(f"SELECT DISTINCT unnest(split(encodings, ', ')) FROM parquet_metadata('{file}')").fetchall()
    assert {one for (one,) in found} <= {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}


def test_a_column_that_older_files_lack_and_one_that_changed_its_type(lake):
    for number in range(4):
        lake.drop(f"notes_{number}.csv", f"id,text,number\nk{number},x,{number}\n")
    lake.land()
    wider = replace(NOTES, columns=(*NOTES.columns, *columns(mood="double")))
    lake.tables = [wider if one == NOTES else one for one in TABLES]
    for number in range(4):
        lake.drop(f"notes_wide{number}.csv", f"id,text,number,mood\nw{number},x,{2**53 + 1},0.5\n")
    lake.land()
    changed = tuple(replace(one, type="double") if one.name == "number" else one for one in wider.columns)
    lake.tables = [replace(wider, columns=changed) if one == wider else one for one in lake.tables]
    for number in range(2):
        lake.drop(f"notes_other{number}.csv", f"id,text,number,mood\no{number},x,0.25,1\n")
    lake.land()

    def values() -> list[tuple]:
        """Each file's own: together the numbers would become doubles."""
        read = [duckdb.sql(f"SELECT id, number::VARCHAR, _batch FROM '{file}'") for file in raw_files(lake, "s.notes")]
        return sorted(row for one in read for row in one.fetchall())

    before = values()
    compacted(lake)
    assert values() == before
    assert len(raw_files(lake, "s.notes")) == 2
    assert ("w0", str(2**53 + 1)) in {row[:2] for row in before}
    read = f"read_parquet('{lake.home.raw}/s/notes/**/*.parquet', union_by_name = true)"
    moods = duckdb.sql(f"SELECT DISTINCT id[1], mood FROM {read}").fetchall()
    assert dict(moods) == {"k": None, "w": 0.5, "o": 1.0}
    assert not compacted(lake)["s.notes"].files_merged


def test_batches_without_rows_stay_landed(lake):
    for number in range(6):
        lake.drop(f"events_{number}.json", "\n" * number)
    lake.land()
    before = everything(lake)
    compacted(lake)
    assert len(raw_files(lake, "s.events")) == 1
    assert lake.land().landed == []
    assert everything(lake) == before


def test_a_dry_run_tells_and_changes_nothing(days):
    files = days.files()
    told = compacted(days, dry_run=True)
    assert (told["s.notes"].files_merged, told["s.notes"].files_written, told["s.notes"].files_after) == (DAYS, 1, 1)
    assert days.files() == files


def test_a_file_that_was_tampered_with_is_told_and_nothing_goes(days):
    file = raw_files(days, "s.notes")[5]
    footer = of_one(read_footers(LocalFolder(file.parent), [file.name])[file.name].facts[0])
    duckdb.sql(f"COPY (FROM '{file}' OFFSET 1) TO '{file}.new' (FORMAT parquet, {footer})")
    file.with_name(f"{file.name}.new").rename(file)
    before, files = everything(days), raw_files(days, "s.notes")
    with pytest.raises(Problem, match=rf"s\.notes: 1 batches have other rows .* {file.stem}"):
        compacted(days)
    assert raw_files(days, "s.notes") == files
    assert everything(days) == before
    assert not days.home.unsettled.exists()


def test_nobody_lands_meanwhile(lake, monkeypatch):
    land_days(lake, monkeypatch, days=2)
    with Lake(lake.home.lake).locked(), pytest.raises(Problem, match="Another landing is writing"):
        compacted(lake)


def test_two_compactions_at_once_in_a_store_that_cannot_be_held(days, tmp_path):
    """One saw all batches but the first, the other all but the last: what both hold is taken out of one of them."""
    expected = everything(days)
    made = []
    for unseen in (0, -1):
        one = copy_of(days, tmp_path / f"one{unseen}")
        raw_files(one, "s.notes")[unseen].unlink()
        compacted(one)
        made += raw_files(one, "s.notes")
    for file in raw_files(days, "s.notes"):
        file.unlink()
    for file in made:
        place = days.home.raw / "s" / "notes" / file.parent.name
        place.mkdir(exist_ok=True)
        file.rename(place / file.name)
    assert sorted(len(file.twice) for file in contents_of(LocalFolder(days.home.lake), NOTES).files) == [0, DAYS - 2]
    assert days.land().landed == []
    compacted(days)
    assert everything(days) == expected


def test_killed_at_any_step_no_row_is_lost_and_the_next_landing_settles(landed, tmp_path):
    expected, numbers, doubled = everything(landed), itertools.count(), []

    def check(lake: LakeOfTest) -> None:
        require_whole_files(lake.home)
        left = everything(lake)
        for name, rows in expected.items():
            assert set(left[name]) == set(rows), "a row was lost"
        if left != expected:
            assert lake.home.unsettled.exists(), "builds are not warned of rows that lie there twice"
            doubled.append(lake)
        assert lake.land().landed == []
        assert everything(lake) == expected
        assert not lake.home.unsettled.exists()
        assert not any(path.name.endswith(".tmp") for path in lake.home.lake.rglob("*"))
        compacted(lake)
        assert everything(lake) == expected
        assert [len(raw_files(lake, label)) for label in ("s.notes", "s.events")] == [1, 1]

    steps = at_every_step(lambda: copy_of(landed, tmp_path / str(next(numbers))), "kept_lakes.compacted(lake)", check)
    assert steps > DAYS + 4
    assert doubled, "no kill fell between the merged file and the last of its parts"
