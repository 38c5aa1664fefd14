"""Landing as a stream gives the lake that landing at once gives, whatever comes in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from broken_files import LANDABLE, lay
from landing_lakes import LakeOfTest, make_lake

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE, PROJECT, Home
from ingest import stream as streams
from ingest.contract import read_contract
from ingest.keyed_hash import VARIABLE
from ingest.run import Outcome, land_drops
from ingest.stream import Stream, attend, start_stream
from jvm.spark import open_spark

# Spark does not show files of no bytes, which have no rows.
SMALL = {name: content for name, content in LANDABLE.items() if 0 < len(content) < 1000}
PATIENCE = 120
FILES = 24


@pytest.fixture(scope="module")
def spark(module_spark_house) -> Iterator:
    """One session for all tests of this file."""
    with open_spark(module_spark_house.home, tables=False) as session:
        yield session


def once(spark, lake: LakeOfTest, **options) -> tuple[Stream, list[Outcome]]:
    """Run the stream over what lies in the drop folder; gives what it told of each batch."""
    told: list[Outcome] = []
    stream, query = start_stream(spark, lake.tables, lake.drops, lake.home.lake, tell=told.append, **options)
    attend(stream, query, Event())
    return stream, told


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until `what` holds."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def batch_of(lake: LakeOfTest, other: LakeOfTest) -> list[tuple]:
    """What a landing at once makes of the same drop folder."""
    land_drops(other.home, lake.tables, lake.drops)
    return other.content()


def test_several_batches_and_files_between_two_runs(spark, lake, new_lake, monkeypatch):
    monkeypatch.setattr(streams, "FILES_PER_BATCH", 15)
    names = sorted(SMALL)
    lay(lake, {name: SMALL[name] for name in names[:25]} | {"README.md": b"x", "_SUCCESS": b""})
    assert len(once(spark, lake)[1]) == 2
    lay(lake, {name: SMALL[name] for name in names[25:]} | {"copy of/notes_plain.csv": SMALL["notes_plain.csv"]})
    old = 10**9  # decades older than the newest file
    os.utime(lake.drops / names[-1], (old, old))
    [outcome] = once(spark, lake)[1]
    assert outcome.files == len(names) - 25 + 1
    assert once(spark, lake)[1] == []
    assert lake.content() == batch_of(lake, new_lake())


def test_hashes_have_the_secret_of_the_home(spark, tmp_path, new_lake, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    lake, other = make_lake(tmp_path, read_contract(PROJECT / "models")), new_lake()
    lake.drop("members_1.csv", "member_id,email,updated_at\n1,ann@example.org,2025-01-01T00:00:00Z\n")
    once(spark, lake, secret_file=other.home.secret)
    assert lake.rows("people.members", "length(email_hash)") == [(64,)]
    assert lake.content() == batch_of(lake, other)


def test_files_that_come_while_the_stream_runs(spark, lake, new_lake):
    lake.drop("notes_1.csv", "id\na\n")
    told, stop = [], Event()
    stream, query = start_stream(spark, lake.tables, lake.drops, lake.home.lake, every=0.2, tell=told.append)
    attending = Thread(target=attend, args=(stream, query, stop))
    attending.start()
    try:
        wait_for(lambda: len(lake.rows("s.notes")) == 1)
        lake.drop("notes_2.csv.part", "id\nb")
        lake.drop("deep/notes_3.csv", "id\nc\n,\n")
        wait_for(lambda: len(lake.rows("s.notes")) == 2)
        (lake.drops / "notes_2.csv.part").rename(lake.drops / "notes_2.csv")
        wait_for(lambda: len(lake.rows("s.notes")) == 3)
    finally:
        stop.set()
        attending.join()
    assert not query.isActive
    assert lake.content() == batch_of(lake, new_lake())


def test_what_cannot_land_is_parked_and_the_others_land(spark, lake, new_lake):
    lay(lake, {"notes_good.csv": b"id\na\n", "stranger.csv": b"x\n1\n", "notes_bad.csv": b"text\nx\n"})
    stream, [outcome] = once(spark, lake)
    assert [one.file for one in outcome.landed] == ["notes_good.csv"]
    assert set(outcome.problems) == {"stranger.csv", "notes_bad.csv"} == set(stream.parking.files())
    assert "notes_bad.csv: its header lacks the key column id" in stream.parked().what
    # Each start tells it again, though Spark shows those files no more.
    stream, [again] = once(spark, lake)
    assert (set(again.problems), again.landed) == ({"stranger.csv", "notes_bad.csv"}, [])
    # A corrected file lands with the next batch; a renamed one is a new file; one that is gone is forgotten.
    stream, query = start_stream(spark, lake.tables, lake.drops, lake.home.lake, every=0.2)
    lake.drop("notes_bad.csv", "id,text\nb,x\n")
    (lake.drops / "stranger.csv").unlink()
    lake.drop("notes_stranger.csv", "id\nc\n")
    wait_for(lambda: len(lake.rows("s.notes")) == 3)
    query.processAllAvailable()
    query.stop()
    assert stream.parked() is None
    assert lake.content() == batch_of(lake, new_lake())


def test_a_file_that_changes_while_it_lands_is_parked_and_lands_later(spark, lake, monkeypatch):
    path = lake.drop("notes.csv", "id\na\n")
    carry_out = streams.carry_out

    def changed(*arguments, **options):
        path.write_text("id\nb\n\n")
        return carry_out(*arguments, **options)

    monkeypatch.setattr(streams, "carry_out", changed)
    stream, _ = once(spark, lake)
    assert "notes.csv changed while it was read" in stream.parked().what
    monkeypatch.undo()
    stream, _ = once(spark, lake)
    assert (stream.parked(), lake.rows("s.notes", "id")) == (None, [("b",)])


def test_a_rewritten_file_is_not_seen_and_a_landing_at_once_catches_it(spark, lake):
    lake.drop("notes.csv", "id\na\n")
    once(spark, lake)
    lake.drop("notes.csv", "id\nb\n")
    assert once(spark, lake)[1] == []
    lake.land()
    assert sorted(lake.rows("s.notes", "id")) == [("a",), ("b",)]


def test_a_lost_checkpoint_costs_nothing_but_time(spark, lake, tmp_path):
    lay(lake, {"notes_1.csv": b"id\na\n"})
    once(spark, lake)
    before = lake.content()
    _, [outcome] = once(spark, lake, checkpoint=tmp_path / "elsewhere")
    assert (outcome.landed, len(outcome.already)) == ([], 1)
    assert lake.content() == before


def test_a_lake_that_cannot_be_written_stops_the_stream_with_a_sentence(spark, lake):
    lake.drop("notes.csv", "id\na\n")
    lake.home.raw.mkdir(parents=True)
    lake.home.raw.joinpath("operations").write_text("no folder")
    with pytest.raises(Problem, match=r"The lake .* cannot be listed or written \((File exists|Not a directory)\)"):
        once(spark, lake)
    lake.home.raw.joinpath("operations").unlink()
    once(spark, lake)
    assert lake.rows("s.notes", "id") == [("a",)]


def test_no_such_folder_and_no_such_source(spark, lake):
    with pytest.raises(Problem, match="There is no drop folder"):
        start_stream(spark, lake.tables, lake.drops / "nowhere", lake.home.lake)
    with pytest.raises(Problem, match="No source is named nobody"):
        start_stream(spark, lake.tables, lake.drops, lake.home.lake, sources=("nobody",))


def make_logins(drops: Path, files: int) -> None:
    """Drops of the project's own sources, enough of them that a kill strikes in their midst."""
    drops.mkdir(parents=True)
    for number in range(files):
        rows = [f"aa:{number}:{at},{at % 9},{1678521600 + at}," for at in range(3000)]
        (drops / f"gym_logins_{number}.csv").write_text("\n".join(["mac_address,gym,login,logout", *rows, "aa,1,x,"]))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_ended_in_the_midst_the_next_run_finishes(spark, spark_house, tmp_path, how):
    """By a kill at once, by a request after the batch under way; both times the lake is that of a landing at once."""
    house, drops = spark_house, tmp_path / "drops"
    make_logins(drops, files=FILES)
    command = [sys.executable, "-m", "ingest", "stream", "--drops", str(drops), "--every", "1"]
    environment = {**os.environ, HOME_VARIABLE: str(house.home.root)}
    landing = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wait_for(lambda: landing.poll() is not None or bool(list(house.home.raw.glob("access/*/*/*.parquet"))))
    landing.send_signal(how)
    said = landing.communicate(timeout=PATIENCE)[0].decode()
    landed = list(house.home.raw.glob("access/*/*/*.parquet"))
    if how == signal.SIGTERM:
        assert (landing.returncode, len(landed)) == (0, FILES), said
        assert "Ending after the batch under way." in said
    else:
        assert len(landed) < FILES, "the kill came too late to prove anything"
    contract = read_contract(PROJECT / "models")
    stream, query = start_stream(spark, contract, drops, house.home.lake)
    attend(stream, query, Event())
    whole = Home(tmp_path / "whole")
    land_drops(whole, contract, drops)
    lakes = [LakeOfTest(home, drops, contract).content() for home in (house.home, whole)]
    assert lakes[0] == lakes[1]
    assert len(list(house.home.raw.glob("access/*/*/*.parquet"))) == FILES
    assert not list(house.home.lake.rglob("*.tmp"))
