"""Files land side by side with the result, the report and the leavings of one landing after the other."""

from __future__ import annotations

import errno
import threading

import pytest
from landing_lakes import LakeOfTest, require_whole_files

from gymhouse.console import Problem
from ingest import land, run
from ingest.land import Engine
from ingest.places import LocalFolder

LARGE = 4000


@pytest.fixture(autouse=True)
def three_processors(monkeypatch):
    monkeypatch.setattr(run.os, "cpu_count", lambda: 3)
    monkeypatch.setattr(land, "ONE_CORE", LARGE - 1)


@pytest.fixture
def threads_of(monkeypatch) -> dict[str, str]:
    """Which thread landed each file."""
    found: dict[str, str] = {}
    landing = Engine.land

    def noting(self, work):
        found[work.seen.found.relative] = threading.current_thread().name
        return landing(self, work)

    monkeypatch.setattr(Engine, "land", noting)
    return found


def drop_files(lake: LakeOfTest) -> None:
    for at in range(12):
        lake.drop(f"notes_{at:02}.csv", f"id,text,number\na{at},b,{at}\nc,d,x\n,e,1\n" + ('k,"a\n' if at % 3 else ""))
        lake.drop(f"events_{at:02}.json", f'{{"id": {at}, "text": "t", "value": 1.5}}\nnot JSON\n')
    lake.drop("notes_05_large.csv", "id,text,number\n" + "a,b,1\n" * LARGE)
    lake.drop("topic.json", '{"key": "k", "value": "{\\"id\\": 1}", "topic": "reading", "offset": 1}\n')


def test_the_result_and_the_report_are_those_of_one_after_the_other(new_lake, threads_of, monkeypatch):
    lakes, told = [], []
    for most in (run.MOST_WORKERS, 1):
        monkeypatch.setattr(run, "MOST_WORKERS", most)
        lakes.append(new_lake())
        drop_files(lakes[-1])
        outcome = lakes[-1].land()
        told.append([(one.table.label, one.file, one.rows_read, one.rejects) for one in outcome.landed])
        used = set(threads_of.values())
        assert len(used) > 1 if most > 1 else used == {"MainThread"}
        assert threads_of["notes_05_large.csv"] == "MainThread"
        threads_of.clear()
    assert lakes[0].content() == lakes[1].content()
    assert told[0] == told[1]


def test_a_file_that_fails_stops_no_other(lake, monkeypatch):
    drop_files(lake)
    commit = LocalFolder.commit
    failing = []

    def full(self, written, relative, aside):
        if "/s/notes/" in relative and not failing:
            failing.append(relative)
            raise OSError(errno.ENOSPC, "No space left on device")
        commit(self, written, relative, aside)

    monkeypatch.setattr(LocalFolder, "commit", full)
    with pytest.raises(Problem, match=r"notes_\d+\.csv could not be landed \(No space left on device\)") as raised:
        lake.land()
    assert "25 files of this landing did land" in raised.value.fix
    require_whole_files(lake.home)
    assert len({one.file for one in lake.land().landed}) == 1


def test_what_an_interruption_left_out_lands_with_the_same_command(lake, new_lake, monkeypatch):
    drop_files(lake)
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "land", interrupted_after(4))
        with pytest.raises(KeyboardInterrupt):
            lake.land()
    require_whole_files(lake.home)
    assert not lake.home.scratch.exists()
    lake.land()
    whole = new_lake()
    drop_files(whole)
    whole.land()
    assert lake.content() == whole.content()


def interrupted_after(files: int):
    landing, done = Engine.land, []

    def land_or_stop(self, work):
        done.append(work)
        if len(done) > files:
            raise KeyboardInterrupt
        return landing(self, work)

    return land_or_stop
