"""Housekeeping as people type it, in a store, and with the builds that read the lake meanwhile."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from broken_files import LANDABLE, lay_into_store
from click.testing import CliRunner
from kept_lakes import MEASURE, everything
from landing_lakes import NOTES, TABLES, LakeOfTest, fetched

from gymhouse.home import HOME_VARIABLE, PROJECT, Home
from gymhouse.lock import run_lock
from ingest import run
from ingest.__main__ import main
from ingest.compact import compact
from ingest.keeper import keeping
from ingest.lake import Lake
from ingest.land import connect
from ingest.run import ThisProcess, land_folder

HOLDS = "batches_hold_the_rows_they_say"
POLICY = "retention: {raw_days: 30, rejected_days: 20}"
LOGINS = "mac_address,gym,login,logout\n"


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs `python -m ingest …` in a home of its own; gives exit status and what was said."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    for console in ("out", "err"):
        monkeypatch.setattr(f"gymhouse.console.{console}.width", 200)

    def ask(*arguments: str, capsys):
        result = CliRunner().invoke(main, list(arguments))
        said = capsys.readouterr()
        return result.exit_code, said.out + said.err + result.output

    return ask


def drop_logins(tmp_path: Path, files: int = 10) -> str:
    """Small files of gym logins."""
    drops = tmp_path / "drops"
    drops.mkdir(exist_ok=True)
    for number in range(files):
        (drops / f"gym_logins_{number}.csv").write_text(f"{LOGINS}4c:c5:9f:cb:13:bd,5,{1678521601 + number},\nx,,1,\n")
    return str(drops)


def test_compact_says_what_it_did(command, capsys, tmp_path):
    drops, told = drop_logins(tmp_path), tmp_path / "told.json"
    command("files", "--drops", drops, capsys=capsys)
    status, said = command("compact", "--dry-run", capsys=capsys)
    assert (status, "Dry run: nothing was written or deleted." in said) == (0, True)
    assert "access.gym_logins" in said
    status, said = command("compact", "--json", str(told), capsys=capsys)
    assert (status, "access.gym_logins" in said) == (0, True)
    [logins] = [one for one in json.loads(told.read_text())["tables"] if one["files_merged"]]
    assert (logins["source"], logins["table"]) == ("access", "gym_logins")
    assert (logins["files_before"], logins["files_merged"], logins["files_written"], logins["files_after"]) == (
        10,
        10,
        1,
        1,
    )
    status, said = command("compact", "--table", "access.gym_logins", capsys=capsys)
    assert (status, "Nothing to merge: 1 file of rows." in said) == (0, True)
    assert "Nothing new: all 10 files" in command("files", "--drops", drops, capsys=capsys)[1]


def test_only_what_was_asked_for(command, capsys, tmp_path):
    command("files", "--drops", drop_logins(tmp_path), capsys=capsys)
    for other in (["--source", "club"], ["--table", "devices.bpm"]):
        assert "Nothing to merge" in command("compact", *other, capsys=capsys)[1]
    status, said = command("compact", "--table", "access.nobody", "--source", "none", capsys=capsys)
    assert (status, "No source or table is named access.nobody, none." in said) == (2, True)
    status, said = command("compact", "--source", "access", "--min-files", "11", capsys=capsys)
    assert "Nothing to merge: 10 files of rows." in said


def test_a_run_under_way_is_not_disturbed(command, capsys, tmp_path):
    command("files", "--drops", drop_logins(tmp_path), capsys=capsys)
    with run_lock(Home(tmp_path / "home").lock):
        for asked in ("compact", "retire"):
            status, said = command(asked, capsys=capsys)
            assert (status, "A run is already writing to" in said) == (2, True)
        assert command("compact", "--dry-run", capsys=capsys)[0] == 0


def test_settle_ends_what_was_cut_short(command, capsys, tmp_path):
    command("files", "--drops", drop_logins(tmp_path), capsys=capsys)
    home = Home(tmp_path / "home")
    [file, *_] = home.raw.glob("access/gym_logins/*/*.parquet")
    kept = shutil.copy(file, tmp_path / "kept")
    command("compact", capsys=capsys)
    shutil.copy(kept, file)
    home.unsettled.write_text("{}")
    assert command("settle", capsys=capsys) == (0, "The lake is settled.\n")
    assert not file.exists()
    assert not home.unsettled.exists()


def test_retire_without_a_policy_and_with_one(command, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, 1))  # noqa: DTZ001
    command("files", "--drops", drop_logins(tmp_path), capsys=capsys)
    assert "No table has a policy of retention" in command("retire", capsys=capsys)[1]
    folder = tmp_path / "models" / "staging"
    folder.mkdir(parents=True)
    for name in ("access", "operations"):
        source = PROJECT / "models" / "staging" / name / f"_{name}__sources.yml"
        declared = "\n            ".join(["event_time: login", "retirable: true", POLICY])
        text = source.read_text().replace("event_time: login", declared)
        (folder / name).mkdir()
        (folder / name / source.name).write_text(text)
    monkeypatch.setattr("ingest.storage.MODELS", tmp_path / "models")
    status, said = command("retire", "--as-of", "2023-04-25", "--json", str(tmp_path / "told.json"), capsys=capsys)
    assert (status, "2023-03-26" in said, "2023-04-05" in said) == (0, True, True)
    [told] = json.loads((tmp_path / "told.json").read_text())["tables"]
    assert (told["raw_files"], told["rejected_files"], told["raw_before"]) == (0, 10, "2023-03-26")
    status, said = command("retire", "--as-of", "2999-01-01", capsys=capsys)
    assert (status, "2999-01-01 is in the future." in said) == (2, True)
    assert command("retire", capsys=capsys)[0] == 0
    assert not list(Home(tmp_path / "home").raw.glob("access/*/*/*.parquet"))


def test_builds_refuse_an_unsettled_lake_and_find_rows_that_lie_twice(house, tmp_path):
    house.run("ingest", "files", "--drops", drop_logins(tmp_path))
    [file, *_] = house.home.raw.glob("access/gym_logins/*/*.parquet")
    kept = shutil.copy(file, tmp_path / "kept")
    house.run("ingest", "compact")
    assert not file.exists()
    shutil.copy(kept, file)  # as a kill leaves it, before the last of the merged files went
    house.home.unsettled.write_text("{}")
    models = ("build", "--select", "stg_operations__batches", "stg_operations__rejects", HOLDS)
    assert "run `python -m ingest settle`" in house.dbt(*models, expect=2).stdout
    # Without the mark a test of every build is the last line of defence before a release.
    house.home.unsettled.unlink()
    assert f"Failure in test {HOLDS}" in house.dbt(*models, expect=1).stdout
    house.home.unsettled.write_text("{}")
    # The house's own build settles first.
    house.run("pipeline", *models)
    assert not file.exists()
    assert house.query("select count(*), count(distinct _batch) from raw.access__gym_logins") == [(10, 10)]


def test_a_lake_in_a_store(store, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, 1, 12))  # noqa: DTZ001
    small = {name: content for name, content in LANDABLE.items() if len(content) < 1000}
    lay_into_store(store("drops"), small | {f"notes_{n}.csv": f"id\n{n}\n".encode() for n in range(6)}, tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def land() -> int:
        with connect(scratch) as connection:
            here = ThisProcess(connection, scratch)
            return len(land_folder(here, here, Lake(store("lake")), TABLES, store("drops")).landed)

    def rows() -> dict:
        copy = fetched(store("lake"), tmp_path)
        home = Home(copy.with_name(f"{copy.name}_home"))
        shutil.copytree(copy, home.lake)
        return everything(LakeOfTest(home, tmp_path, TABLES))

    land()
    before = rows()
    with keeping(Lake(store("lake")), TABLES, scratch, "compact") as keeper:
        done = compact(keeper, [NOTES], MEASURE)
    assert done[0].files_merged > 5
    assert rows() == before
    assert land() == 0
    assert rows() == before
    assert not [path for path in scratch.iterdir() if path.name != "tidy_copy"]
