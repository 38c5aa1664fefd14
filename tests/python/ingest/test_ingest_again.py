"""Landing again, in another order, at the same time, after a kill: always the same lake."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from landing_lakes import require_whole_files

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE, PROJECT, Home
from ingest import run
from ingest.lake import ASIDE, Lake


def drop_some(lake) -> None:
    """Files of every format, with rejects in some."""
    lake.drop("a/notes_1.csv", "id,text,number\n" + "".join(f"k{at},x,{at}\n" for at in range(500)) + "k,x,2.7\n")
    lake.drop("b/notes_2.csv", "id,text,number\nz,y,1\nshort\n")
    lake.drop("events.json", "".join(f'{{"id": {at}}}\n' for at in range(300)) + "oops\n")
    lake.drop("topic.json", '{"topic":"reading","value":"{\\"id\\":1}","offset":1}\n{"topic":"x"}\n')
    duckdb.sql(f"COPY (SELECT i AS id FROM range(100) AS r(i)) TO '{lake.drops}/bulk.parquet'")


def test_the_same_drops_again_land_nothing(lake):
    drop_some(lake)
    lake.land()
    before, files = lake.content(), lake.files()
    again = lake.land()
    assert (again.landed, len({one.file for one in again.already})) == ([], 5)
    assert (lake.content(), lake.files()) == (before, files)


def test_any_order_gives_the_same_lake(lake, new_lake):
    drop_some(lake)
    lake.land()
    other = new_lake()
    paths = sorted(path for path in lake.drops.rglob("*") if path.is_file())
    random.Random(7).shuffle(paths)
    for path in paths:
        other.drop(path.relative_to(lake.drops).as_posix(), path.read_bytes())
        other.land()
    assert other.content() == lake.content()


def test_equal_content_lands_once_and_says_so(lake):
    lake.drop("notes_1.csv", "id\na\n")
    lake.drop("notes_2.csv", "id\na\n")
    outcome = lake.land()
    assert [one.file for one in outcome.landed] == ["notes_1.csv"]
    assert any("notes_2.csv has the same content as notes_1.csv" in note for note in outcome.notes)
    assert lake.land().landed == []


def test_equal_content_of_two_tables_lands_in_both(lake):
    lake.drop("notes.csv", "")
    lake.drop("events.json", "")
    assert {one.table.name for one in lake.land().landed} == {"notes", "events"}


def test_a_dry_run_writes_nothing_and_tells_the_same(lake):
    drop_some(lake)
    dry = lake.land(dry_run=True)
    assert lake.files() == []
    assert not lake.home.lake.exists()
    real = lake.land()
    facts = [(o.table.label, o.file, o.rows_read, o.rows_landed, o.rows_rejected, o.rejects) for o in real.landed]
    assert [
        (o.table.label, o.file, o.rows_read, o.rows_landed, o.rows_rejected, o.rejects) for o in dry.landed
    ] == facts


def test_a_topic_of_which_one_table_had_landed(lake):
    """A kill between two tables of one file: the next landing does the other."""
    drop_some(lake)
    lake.land()
    [raw] = (lake.home.raw / "s" / "readings").rglob("*.parquet")
    before = lake.content()
    raw.unlink()
    assert [one.table.name for one in lake.land().landed] == ["readings"]
    assert lake.content() == before


def test_rejects_left_by_a_kill_are_replaced_even_on_another_day(lake, monkeypatch):
    lake.drop("notes.csv", "id,number\na,1\nb,x\n")
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, 1))  # noqa: DTZ001
    lake.land()
    before = lake.content()
    for raw in lake.home.raw.rglob("*.parquet"):
        raw.unlink()
    (lake.home.lake / ASIDE).mkdir(exist_ok=True)
    (lake.home.lake / ASIDE / "0000.tmp").write_text("half a file")
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, 2))  # noqa: DTZ001
    lake.land()
    assert [path.parent.name for path in lake.home.rejected.rglob("*.parquet")] == ["landed_date=2023-04-02"]
    assert lake.content() == before
    assert not list(lake.home.lake.rglob("*.tmp"))


def test_two_landings_at_once_do_not_mix(lake):
    lake.drop("notes.csv", "id\na\n")
    with Lake(lake.home.lake).locked(), pytest.raises(Problem, match="Another landing is writing"):
        lake.land()
    assert len(lake.land().landed) == 1


def test_what_another_landing_did_meanwhile_is_not_done_again(lake, monkeypatch):
    lake.drop("notes.csv", "id\na\n")
    planned = run.make_plan

    def overtaken(*arguments):
        plan = planned(*arguments)
        monkeypatch.setattr(run, "make_plan", planned)
        assert len(lake.land().landed) == 1
        return plan

    monkeypatch.setattr(run, "make_plan", overtaken)
    assert lake.land().landed == []


def test_a_file_that_grows_while_it_is_read(lake, monkeypatch):
    path = lake.drop("notes.csv", "id\na\n")
    planned = run.make_plan

    def grown(*arguments):
        plan = planned(*arguments)
        path.write_text("id\nb\n\n")
        return plan

    monkeypatch.setattr(run, "make_plan", grown)
    with pytest.raises(Problem, match=r"notes\.csv changed while it was read"):
        lake.land()
    assert lake.content() == []


def test_the_ledger_says_what_the_footers_say(lake):
    drop_some(lake)
    outcome = lake.land()
    wanted = sorted(
        (o.table.source, o.table.name, o.batch, o.file, o.rows_read, o.rows_landed, o.rows_rejected)
        for o in outcome.landed
    )
    listed = lake.rows(
        "operations.batches", "source_name, table_name, batch, source_file, rows_read, rows_landed, rows_rejected"
    )
    assert sorted(listed) == wanted
    ledger = next((lake.home.raw / "operations" / "batches").rglob("*.parquet"))
    for spoil in (ledger.unlink, lambda: ledger.write_text("half a file")):
        spoil()
        lake.land()
        assert sorted(row[:3] for row in lake.rows("operations.batches")) == [row[:3] for row in wanted]


def test_the_ledger_of_an_empty_lake_is_empty(lake):
    lake.land()
    assert lake.rows("operations.batches") == []
    assert len(list((lake.home.raw / "operations" / "batches").rglob("*.parquet"))) == 1


def test_footer_and_own_columns(lake):
    lake.drop("deep/notes.csv", "id,number\na,1\nb,x\n")
    [one] = lake.land().landed
    [raw] = (lake.home.raw / "s" / "notes").rglob("*.parquet")
    assert (raw.stem, len(one.batch)) == (one.batch, 32)
    footer = dict(duckdb.sql(f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{raw}')").fetchall())
    assert {k: v for k, v in footer.items() if k != "gymhouse.landed_at"} == {
        "gymhouse.source_file": "deep/notes.csv",
        "gymhouse.batch": one.batch,
        "gymhouse.rows_read": "2",
        "gymhouse.rows_landed": "1",
        "gymhouse.rows_rejected": "1",
    }
    described = duckdb.sql(f"DESCRIBE FROM read_parquet('{raw}', hive_partitioning = false)").fetchall()
    assert [row[:2] for row in described] == [
        ("id", "VARCHAR"), ("text", "VARCHAR"), ("number", "BIGINT"), ("_rescued", "VARCHAR"), ("_source", "VARCHAR"),
        ("_row", "BIGINT"), ("_landed_at", "TIMESTAMP"), ("_batch", "VARCHAR"),
    ]  # fmt: skip
    [(source, landed_at, batch)] = lake.rows("s.notes", "_source, _landed_at, _batch")
    assert (source, batch) == ("deep/notes.csv", one.batch)
    assert landed_at.isoformat() == footer["gymhouse.landed_at"]
    [bad] = lake.rejects("s.notes", "_source_name, _table_name, _column, _text, _source, _row, _landed_at, _batch")
    assert bad == ("s", "notes", "number", "b,x", "deep/notes.csv", 2, landed_at, one.batch)


COMMAND = [sys.executable, "-m", "ingest", "files", "--drops"]


def kill_drops(folder: Path) -> None:
    """Drops of the project's own sources, enough of them that a kill strikes in their midst."""
    folder.mkdir()
    for day in range(12):
        logins = [f"aa:{day}:{at},{at % 9},{1678521600 + at}," for at in range(3000)] + ["aa,1,x,"]
        (folder / f"gym_logins_{day}.csv").write_text("mac_address,gym,login,logout\n" + "\n".join(logins) + "\n")
        messages = [
            json.dumps({"topic": "bpm", "value": json.dumps({"device_id": at, "time": day, "heartrate": 60})})
            for at in range(2000)
        ]
        (folder / f"multiplex_{day}.json").write_text("\n".join([*messages, '{"topic": "other"}']) + "\n")


def lake_content(home: Path) -> list[tuple]:
    """All landed and rejected rows, but for their times, with the number of files of each batch."""
    found = []
    for folder in (Home(home).raw, Home(home).rejected):
        for place in sorted(folder.glob("*/*")):
            listed = duckdb.sql(
                f"SELECT COLUMNS(c -> c NOT IN ('_landed_at', 'landed_at', 'landed_date')) FROM '{place}/*/*.parquet'"
                " ORDER BY ALL"
            )
            found.append((folder.name, place.parent.name, place.name, listed.fetchall()))
            names = sorted(path.name for path in place.rglob("*.parquet"))
            assert len(names) == len(set(names))
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, list[tuple], float]:
    """Drops, the lake that an undisturbed landing makes of them, and its seconds."""
    folder = tmp_path_factory.mktemp("kill")
    kill_drops(folder / "drops")
    begun = time.monotonic()
    environment = {**os.environ, HOME_VARIABLE: str(folder / "home")}
    subprocess.run([*COMMAND, str(folder / "drops")], check=True, cwd=PROJECT, env=environment, capture_output=True)
    return folder / "drops", lake_content(folder / "home"), time.monotonic() - begun


@pytest.mark.parametrize("seed", range(10))
def test_killed_at_any_moment_the_same_command_finishes(tmp_path, whole, seed):
    drops, expected, seconds = whole
    environment = {**os.environ, HOME_VARIABLE: str(tmp_path)}
    chance = random.Random(seed)
    landing = subprocess.Popen([*COMMAND, str(drops)], cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL)
    # From the first file in the lake on: before it there is nothing that a kill could spoil.
    deadline = time.monotonic() + 60
    while landing.poll() is None and not list(tmp_path.glob("lake/raw/*/*/*/*")) and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(chance.random() * seconds * 0.6)
    landing.send_signal(signal.SIGKILL)
    landing.wait()
    require_whole_files(Home(tmp_path))
    subprocess.run([*COMMAND, str(drops)], check=True, cwd=PROJECT, env=environment, capture_output=True)
    assert lake_content(tmp_path) == expected
    assert not list((tmp_path / "lake").rglob("*.tmp"))
