"""Landing on Spark gives the lake that landing without it gives: same files, rows, rejects, reasons, footers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from broken_files import LANDABLE, UNLANDABLE, lay, lay_into_store
from hypothesis import given
from hypothesis import strategies as st
from kept_lakes import DAYS, compacted, land_days, raw_files
from landing_lakes import TABLES, LakeOfTest, fetched, make_lake, told_by_files

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from gymhouse.console import Problem
from gymhouse.home import PROJECT
from ingest import run
from ingest.contract import read_contract
from ingest.drops import discover
from ingest.keyed_hash import VARIABLE
from ingest.on_spark import SHARE_BYTES, SHARE_FILES, OnSpark, land_with_spark, share_out
from ingest.run import Outcome
from jvm.spark import open_spark

NOON = datetime(2023, 4, 1, 12)  # noqa: DTZ001
CONTRACT = read_contract(PROJECT / "models")


@pytest.fixture(scope="module")
def spark(module_spark_house) -> Iterator:
    """One session for all tests of this file."""
    with open_spark(module_spark_house.home, tables=False) as session:
        yield session


@pytest.fixture
def at_noon(monkeypatch) -> None:
    """Every landing is at one time, so that equal lakes are equal to the last value."""
    monkeypatch.setattr(run, "now", lambda: NOON)


@pytest.fixture(scope="module")
def broken(spark, tmp_path_factory) -> tuple[dict, dict]:
    """What the broken files make of two lakes: landed without Spark, and on it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "now", lambda: NOON)
        lake = make_lake(tmp_path_factory.mktemp("broken"))
        lay(lake, LANDABLE)
        lake.land()
        on_spark(spark, lake)
        return told_by_files(lake.home.lake), told_by_files(other(lake))


def other(lake: LakeOfTest) -> Path:
    """The lake that Spark lands into."""
    return lake.home.root / "on_spark"


def on_spark(spark, lake: LakeOfTest, **options) -> Outcome:
    """Land the drop folder on Spark, into the other lake."""
    drops = options.pop("drops", lake.drops)
    return land_with_spark(spark, lake.tables, drops, other(lake), **options, secret_file=lake.home.secret)


def facts(outcome: Outcome) -> list[tuple]:
    """What an outcome says, but for seconds."""
    landed = [
        (
            o.table.label,
            o.file,
            o.batch,
            o.rows_read,
            o.rows_landed,
            o.rows_rejected,
            sorted(map(str, o.rejects.items())),
        )
        for o in outcome.landed
    ]
    return [sorted(landed), outcome.notes, outcome.files, outcome.ignored, outcome.other_sources]


@pytest.mark.parametrize("name", [*LANDABLE, "the ledger"])
def test_a_broken_file_lands_alike(broken, name):
    without, with_spark = broken

    def of_file(told: dict) -> dict:
        return {
            path: content
            for path, content in told.items()
            if (name == "the ledger") == ("operations/batches" in path)
            and (name == "the ledger" or name in {row["_source"] for row in content[1]} | {_source(content)})
        }

    assert of_file(without), "it left no file in the lake"
    assert of_file(with_spark) == of_file(without)


def _source(content: tuple) -> str:
    return content[2].get(b"gymhouse.source_file", b"").decode()


def test_broken_files_leave_nothing_else(broken):
    without, with_spark = broken
    assert list(with_spark) == list(without)


def test_samples_and_a_simulated_chain_land_alike(spark, tmp_path, at_noon):
    lake = make_lake(tmp_path, CONTRACT)
    simulate(Parameters(40, 7, date(2025, 2, 24)), lake.drops / "chain")
    for sample in ("sbit", "fitness_tracker"):
        (lake.drops / sample).symlink_to(PROJECT / "samples" / sample)
    assert facts(on_spark(spark, lake)) == facts(lake.land())
    told = told_by_files(other(lake))
    assert sum(len(rows) for path, (_, rows, _) in told.items() if path.startswith("rejected/")) > 20
    assert told == told_by_files(lake.home.lake)


def test_hashes_are_those_of_the_driver_s_secret(spark, tmp_path, at_noon, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    lake = make_lake(tmp_path, CONTRACT)
    people = [f"{at},person{at}@example.org,2025-01-01T00:00:00Z" for at in range(9)]
    lake.drop("members_1.csv", "\n".join(["member_id,email,updated_at", *people]))
    on_spark(spark, lake)
    lake.land()
    assert told_by_files(other(lake)) == told_by_files(lake.home.lake)
    assert len(set(lake.rows("people.members", "email_hash")) - {(None,)}) == len(people)
    with pytest.raises(Problem, match=f"Set {VARIABLE}"):
        land_with_spark(spark, lake.tables, lake.drops, tmp_path / "no lake")
    assert not (tmp_path / "no lake").exists()


def test_what_cannot_land_is_told_alike_and_nothing_lands(spark, lake):
    lay(lake, UNLANDABLE | {"notes_plain.csv": LANDABLE["notes_plain.csv"]})
    with pytest.raises(Problem) as without:
        lake.land()
    with pytest.raises(Problem) as with_spark:
        on_spark(spark, lake)
    assert all(name in without.value.what for name in UNLANDABLE)
    assert (with_spark.value.what, with_spark.value.fix) == (without.value.what, without.value.fix)
    assert not other(lake).exists()


def test_one_engine_leaves_alone_what_the_other_landed(spark, lake):
    lay(lake, {name: content for name, content in LANDABLE.items() if len(content) < 1000})
    first = lake.land(dry_run=True)
    assert facts(on_spark(spark, lake, dry_run=True)) == facts(first)
    assert not other(lake).exists()
    landed = on_spark(spark, lake)
    assert facts(landed) == facts(first)
    before = told_by_files(other(lake))
    again = on_spark(spark, lake)
    assert (again.landed, len(again.already)) == ([], len(landed.landed))
    lake.home.root.joinpath("on_spark").rename(lake.home.lake)
    assert lake.land().landed == []
    assert told_by_files(lake.home.lake) == before


def test_a_topic_of_which_one_table_had_landed(spark, lake, at_noon):
    lay(lake, {"topic.json": LANDABLE["topic_of_two.json"]})
    on_spark(spark, lake)
    whole = told_by_files(other(lake))
    [raw] = (other(lake) / "raw" / "s" / "readings").rglob("*.parquet")
    raw.unlink()
    assert [one.table.name for one in on_spark(spark, lake).landed] == ["readings"]
    assert told_by_files(other(lake)) == whole


def test_a_store_lands_alike(spark, store, lake, tmp_path, at_noon):
    small = {name: content for name, content in LANDABLE.items() if len(content) < 1000}
    lay(lake, small)
    lay_into_store(store("drops"), small, tmp_path)
    local, stored = lake.land(), land_with_spark(spark, TABLES, store("drops"), store("lake"))
    assert facts(stored) == facts(local)
    assert told_by_files(fetched(store("lake"), tmp_path)) == told_by_files(lake.home.lake)


def test_a_file_that_changes_meanwhile_is_told_and_the_others_land(spark, lake, monkeypatch):
    lake.drop("notes_1.csv", "id\na\n")
    path = lake.drop("notes_2.csv", "id\nb\n")
    planned = run.make_plan

    def changed(*arguments):
        plan = planned(*arguments)
        path.write_text("id\nc\n\n")
        return plan

    monkeypatch.setattr(run, "make_plan", changed)
    with pytest.raises(Problem, match=r"notes_2\.csv changed while it was read.* 1 file of this landing did land"):
        on_spark(spark, lake)
    monkeypatch.undo()
    assert [one.file for one in on_spark(spark, lake).landed] == ["notes_2.csv"]


def test_a_lake_that_cannot_be_written_is_told_by_file(spark, lake):
    lake.drop("notes.csv", "id\na\n")
    (other(lake) / "raw").mkdir(parents=True)
    (other(lake) / "raw" / "s").write_text("no folder")
    with pytest.raises(Problem, match=r"notes\.csv could not be landed \((File exists|Not a directory)\)"):
        on_spark(spark, lake)


def test_a_task_that_dies_names_its_file(spark, lake):
    lake.drop("notes.csv", "id\na\n")

    def die(here, item):
        os._exit(3)

    files = discover(lake.drops, lake.tables).files
    with pytest.raises(Problem, match=r"A Spark task failed \(it was at notes\.csv\)"):
        OnSpark(spark)._each(die, files, files)


def test_executors_without_the_code_are_told_what_to_do(spark, lake):
    lake.drop("notes.csv", "id\na\n")

    def need(module, here, item):
        return __import__(module)

    files = discover(lake.drops, lake.tables).files
    with pytest.raises(Problem, match=r"The executors' Python has no module no_such_package\. Ship the code"):
        OnSpark(spark)._each(partial(need, "no_such_package"), files, files)


def test_each_share_is_a_task_of_its_own_the_largest_first(spark, lake):
    for at in range(3):
        lake.drop(f"notes_{at}.csv", "id\n" + "x" * at)
    files = discover(lake.drops, lake.tables).files
    large = [type(one)(one.folder, one.relative, SHARE_BYTES + at, one.candidates) for at, one in enumerate(files)]

    def partition(here, item):
        from pyspark import TaskContext

        return TaskContext.get().partitionId()

    assert OnSpark(spark)._each(partition, large, large) == [2, 1, 0]
    assert OnSpark(spark)._each(partition, files, files) == [0, 0, 0]


@given(st.lists(st.integers(0, 3 * SHARE_BYTES), max_size=200))
def test_every_file_has_one_share_and_no_share_is_too_large(sizes):
    shares = share_out(sizes)
    assert sorted(which for share in shares for which in share) == list(range(len(sizes)))
    assert all(sum(sizes[which] for which in share) <= SHARE_BYTES or len(share) == 1 for share in shares)
    assert all(len(share) <= SHARE_FILES for share in shares)


def test_landing_needs_nothing_of_a_home():
    assert {table.label for table in TABLES} >= {"s.notes"}
    source = (PROJECT / "ingest" / "on_spark.py").read_text()
    assert "gymhouse.home" not in source
    assert "jvm" not in source


def test_spark_reads_compacted_files_as_it_reads_their_parts(spark, lake, monkeypatch):
    """By the options of the table that builds make of a raw folder; one column came after the files."""
    land_days(lake, monkeypatch)
    shape = "id string, text string, number bigint, mood double, _batch string, _row bigint"

    def rows() -> list:
        read = spark.read.schema(shape).option("recursiveFileLookup", True).parquet(str(lake.home.raw / "s" / "notes"))
        return sorted(map(tuple, read.collect()), key=str)

    before = rows()
    assert len(before) == sum(range(DAYS + 1))
    compacted(lake)
    assert len(raw_files(lake, "s.notes")) == 1
    assert rows() == before
    lake.drop("notes_new.csv", "id,text,number\nnew,x,1\n")
    lake.land()
    assert len(rows()) == len(before) + 1
