"""Drops and lake in an object store: the same landing, through a server that speaks S3."""

from __future__ import annotations

import errno
import fcntl
import os
from datetime import datetime
from pathlib import Path

import pytest
from broken_files import LANDABLE, lay, lay_into_store
from landing_lakes import TABLES, fetched, told_by_files

from gymhouse.console import Problem
from ingest import run, stores
from ingest.lake import Lake
from ingest.land import connect
from ingest.places import folder_of, local_path
from ingest.run import Outcome, ThisProcess, land_folder
from ingest.stores import StoredFolder

SMALL = {name: content for name, content in LANDABLE.items() if len(content) < 1000}


def land(lake: str, drops: str | Path, scratch: Path, **options) -> Outcome:
    """Land `drops` into `lake`, both paths or URIs, in this process."""
    scratch.mkdir(exist_ok=True)
    with connect(scratch) as connection:
        here = ThisProcess(connection, scratch)
        outcome = land_folder(here, here, Lake(lake), TABLES, drops, **options)
    assert not [path for path in scratch.iterdir() if path.name != "tidy_copy"]
    return outcome


@pytest.fixture
def at_noon(monkeypatch) -> None:
    """Every landing is at one time."""
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, 1, 12))  # noqa: DTZ001


def test_a_store_lands_as_a_disk_does(store, lake, tmp_path, at_noon):
    lay(lake, SMALL | {"README.md": b"x", "_hidden/notes.csv": b"x"})
    lay_into_store(store("drops"), SMALL | {"README.md": b"x", "_hidden/notes.csv": b"x"}, tmp_path)
    local = lake.land()
    stored = land(store("lake"), store("drops"), tmp_path / "scratch")
    assert (stored.files, stored.notes, len(stored.landed)) == (local.files, local.notes, len(local.landed))
    told = told_by_files(fetched(store("lake"), tmp_path))
    assert told == told_by_files(lake.home.lake)
    again = land(store("lake"), store("drops"), tmp_path / "scratch")
    assert (again.landed, len({one.file for one in again.already})) == ([], len(SMALL))
    assert told_by_files(fetched(store("lake"), tmp_path)) == told


def test_one_object_as_drop_and_a_dry_run(store, tmp_path):
    lay_into_store(store("drops"), {"a/notes.csv": b"id\na\n", "stranger.bin": b"x"}, tmp_path)
    dry = land(store("lake"), store("drops/a/notes.csv"), tmp_path / "scratch", dry_run=True)
    assert [one.file for one in dry.landed] == ["notes.csv"]
    assert folder_of(store("lake")).kind() is None


def test_problems_of_a_store_name_it_without_its_credentials(store, tmp_path):
    lay_into_store(store("drops"), {"stranger.csv": b"x"}, tmp_path)
    with pytest.raises(Problem, match=r"There is no drop s3://bucket/.*/nowhere\.") as missing:
        land(store("lake"), store("nowhere"), tmp_path / "scratch")
    with pytest.raises(Problem, match=r"stranger\.csv: no source declares it") as stranger:
        land(store("lake"), store("drops"), tmp_path / "scratch")
    lay_into_store(store("good"), {"notes.csv": b"id\na\n"}, tmp_path)
    nowhere = store("lake").replace("@bucket", "@no-such-bucket")
    with pytest.raises(Problem, match=r"The lake s3://no-such-bucket/.* cannot be .*NO_SUCH_BUCKET") as bucket:
        land(nowhere, store("good"), tmp_path / "scratch")
    with pytest.raises(Problem, match=r"cannot reach dbfs:/x: it knows no store") as unknown:
        folder_of("dbfs:/x")
    assert "hidden" not in "".join(str(one.value) for one in (missing, stranger, bucket, unknown))


def test_an_object_that_changes_within_the_second_is_told(store, tmp_path, monkeypatch):
    lay_into_store(store("drops"), {"notes.csv": b"id\na\n"}, tmp_path)
    planned = run.make_plan

    def changed(*arguments):
        plan = planned(*arguments)
        lay_into_store(store("drops"), {"notes.csv": b"id\nb\n"}, tmp_path)
        return plan

    monkeypatch.setattr(run, "make_plan", changed)
    with pytest.raises(Problem, match=r"notes\.csv changed while it was read"):
        land(store("lake"), store("drops"), tmp_path / "scratch")


def test_an_upload_that_is_cut_short_leaves_nothing(store, tmp_path, monkeypatch):
    lay_into_store(store("drops"), {"notes.csv": b"id\na\n"}, tmp_path)

    whole = stores.copy_files

    def half(source, target, **stores):
        if "/s/notes/" not in target:
            return whole(source, target, **stores)
        with stores["destination_filesystem"].open_output_stream(target) as opened:
            return opened.write(Path(source).read_bytes()[:20])

    monkeypatch.setattr(stores, "copy_files", half)
    with pytest.raises(Problem, match=r"notes\.csv could not be landed \(the upload of .* bytes was cut short\)"):
        land(store("lake"), store("drops"), tmp_path / "scratch")
    monkeypatch.undo()
    assert not list(folder_of(store("lake/raw/s/notes")).files())
    assert len(land(store("lake"), store("drops"), tmp_path / "scratch").landed) == 1


@pytest.mark.parametrize("first_day", [1, 2])
def test_two_landings_at_once_around_midnight_leave_one_file_of_each_batch(store, tmp_path, monkeypatch, first_day):
    """No store can be held for one landing. Whoever commits first, one file of rows and one of rejects stays."""
    lay_into_store(store("drops"), {"notes.csv": b"id,number\na,1\nb,x\n", "events.json": b'{"id": 1}\n'}, tmp_path)
    days = iter([first_day, 3 - first_day])
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, next(days)))  # noqa: DTZ001
    landing = ThisProcess.land

    def overtaken(self, order, work):
        monkeypatch.setattr(ThisProcess, "land", landing)
        assert len(land(store("lake"), store("drops"), tmp_path / "other").landed) == 2
        return landing(self, order, work)

    monkeypatch.setattr(ThisProcess, "land", overtaken)
    assert len(land(store("lake"), store("drops"), tmp_path / "scratch").landed) == 2
    files = [path for path, _ in folder_of(store("lake")).files() if "operations" not in path]
    assert sorted(path.rpartition("/")[0] for path in files) == [
        "raw/s/events/landed_date=2023-04-01",
        "raw/s/notes/landed_date=2023-04-01",
        "rejected/s/notes/landed_date=2023-04-01",
    ]
    ledger = told_by_files(fetched(store("lake"), tmp_path))[
        "raw/operations/batches/landed_date=1970-01-01/batches.parquet"
    ]
    assert [(row["table_name"], str(row["landed_at"])) for row in ledger[1]] == [
        ("events", "2023-04-01 00:00:00"),
        ("notes", "2023-04-01 00:00:00"),
    ]


def test_a_store_whose_files_grow_in_sight_is_committed_by_rename(tmp_path, monkeypatch):
    """As in HDFS and Azure; Arrow's own store in memory stands for them."""
    folder = folder_of("mock:///lake")
    assert isinstance(folder, StoredFolder)
    seen = []
    upload = StoredFolder._upload
    monkeypatch.setattr(
        StoredFolder, "_upload", lambda self, written, path: seen.append(path) or upload(self, written, path)
    )
    lay_into_store("mock:///lake", {"a/b.txt": b"one"}, tmp_path)
    lay_into_store("mock:///lake", {"a/b.txt": b"other"}, tmp_path)
    assert all(path.startswith("lake/.aside/") for path in seen)
    assert list(folder.files()) == [("a/b.txt", 5)]
    assert folder.below("a").bring("b.txt", tmp_path).read_bytes() == b"other"
    folder.delete("a/b.txt")
    folder.delete("a/b.txt")
    assert list(folder.files()) == []


def test_a_mounted_store_knows_no_locks_no_syncing_and_no_renaming_from_elsewhere(lake, new_lake, monkeypatch, at_noon):
    """As `/Volumes` in Databricks; a lake on another disk than the scratch folder lacks the last, too."""
    replace = os.replace

    def only_within(written, final):
        if lake.home.lake not in Path(written).parents:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replace(written, final)

    def refuse(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    lay(lake, SMALL)
    monkeypatch.setattr(os, "replace", only_within)
    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(fcntl, "flock", refuse)
    lake.land()
    assert lake.land().landed == []
    monkeypatch.setattr(os, "replace", replace)
    whole = new_lake()
    lay(whole, SMALL)
    whole.land()
    assert told_by_files(lake.home.lake) == told_by_files(whole.home.lake)
    assert not list(lake.home.lake.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/a/b", "/a/b"),
        ("file:/a/b", "/a/b"),
        ("file:///a/b", "/a/b"),
        ("s3a://bucket/a", "/a"),
        ("dbfs:/Volumes/x", "/Volumes/x"),
        ("s3://bucket/", "/"),
        ("a:b/c", "a:b/c"),
    ],
)
def test_places_by_any_scheme_have_one_path(written, path):
    assert local_path(written) == path
