"""Releases as Delta tables: the same promises as with Parquet files, and the same rows to every reader."""

import json
import os
import shutil
from decimal import Decimal
from importlib import resources

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gymhouse.artifacts import Table
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, HOME_VARIABLE
from release.__main__ import main
from release.copy import copy_table
from release.current import DELTA, PARQUET, damage, find_release, live_id, open_release, releases
from release.publish import publish
from tests.python.release.rich_table import RICH, rich_rows
from tests.python.release.test_kill import Killed, die_before, tidy, whole_and_live
from warehouse.on_duckdb import DuckDBWarehouse

ONE_MORE = "insert into gold.fct_visit values ({0}, 1, 10, date '2026-01-01')"


@pytest.fixture
def published(tiny):
    """A function: change the warehouse by SQL (or not), gate it, publish it; returns what `publish` returns."""

    def release(sql: str = "", keep: int = 10, file_format: str = DELTA) -> dict:
        if sql:
            tiny.change(sql)
        tiny.gate(accept_volume_drop=True)
        return publish(tiny.home, tiny.home.verdict_of(DUCKDB), keep, file_format=file_format)

    return release


@pytest.fixture
def run(tiny, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tiny.home.root))
    return lambda *arguments: CliRunner().invoke(main, arguments)


def by_extension(path) -> duckdb.DuckDBPyRelation:
    """The table as DuckDB's own reader of Delta sees it."""
    found = resources.files("duckdb_extension_delta") / f"extensions/v{duckdb.__version__}/delta.duckdb_extension"
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.load_extension(str(found))
    return connection.sql(f"select * from delta_scan('{path}')")


def test_every_table_is_delta_that_every_reader_knows(tiny, published):
    published()
    release = open_release(tiny.home)
    assert (release.format, release.manifest["engine"]) == (DELTA, DUCKDB)
    assert set(release.tables) == {"gold.empty_report", "gold.fct_visit", "gold.visits_daily"}
    for name, table in release.tables.items():
        written = DeltaTable(release.table_path(table["name"]))
        protocol = written.protocol()
        assert (protocol.min_reader_version, protocol.min_writer_version, protocol.reader_features) == (1, 2, None)
        assert written.version() == 0
        assert written.to_pyarrow_table().num_rows == table["rows"], name
        for path in release.data_files(table["name"]):
            assert path.stat().st_mode & 0o222 == 0


def test_all_readers_of_a_release_see_the_built_rows(tiny, published):
    published()
    release = open_release(tiny.home)
    with duckdb.connect(str(tiny.home.warehouse), read_only=True) as warehouse, duckdb.connect() as reader:
        for name, table in release.tables.items():
            built = warehouse.execute(f"select * from {name} order by all").fetchall()
            path = release.table_path(table["name"])
            arrow = DeltaTable(path).to_pyarrow_table()
            assert sorted(zip(*(column.to_pylist() for column in arrow.columns), strict=True)) == built
            assert by_extension(path).order("all").fetchall() == built
            seen = release.relation(reader, table["name"])
            assert seen.order("all").fetchall() == built
            assert [{"name": n, "type": str(t)} for n, t in zip(seen.columns, seen.types, strict=True)] == table[
                "columns"
            ]


def test_a_release_tells_the_same_whatever_its_format(tiny, published):
    published(file_format=PARQUET)
    parquet = open_release(tiny.home)
    told = published()
    delta = open_release(tiny.home)
    assert not told["unchanged"]
    assert not any(each["changed"] for each in told["changed"])
    assert parquet.id.split("-")[1] == delta.id.split("-")[1]
    with duckdb.connect() as reader:
        for name, table in parquet.tables.items():
            assert table["sha256"] == delta.tables[name]["sha256"]
            seen = [release.relation(reader, table["name"]) for release in (parquet, delta)]
            assert seen[0].types == seen[1].types
            assert seen[0].fetchall() == seen[1].fetchall()


def test_the_same_data_again_publishes_nothing(tiny, published):
    first = published()
    again = published()
    assert again["unchanged"]
    assert again["release_id"] == first["release_id"]
    assert [release.id for release in releases(tiny.home)] == [first["release_id"]]


def test_unchanged_tables_lie_on_disk_once(tiny, published):
    published()
    first = open_release(tiny.home)
    published(ONE_MORE.format(1000))
    second = open_release(tiny.home)
    for file in first.tables["gold.visits_daily"]["files"]:
        assert (first.folder / file["path"]).samefile(second.folder / file["path"])
    (old,), (new,) = first.data_files("fct_visit"), second.data_files("fct_visit")
    assert not old.samefile(new)
    assert damage(second) == []


def _forged(folder) -> None:
    """What a careless writer would do to a published table: one commit more."""
    one = DeltaTable(folder).to_pyarrow_table().slice(0, 1)
    write_deltalake(folder, one, mode="append")


DAMAGES = {
    "is missing": lambda folder: next((folder / "_delta_log").iterdir()).unlink(),
    "bytes instead of": lambda folder: next(folder.glob("*.parquet")).write_bytes(b"short"),
    "does not belong to it": _forged,
}


@pytest.mark.parametrize("told", DAMAGES)
def test_damage_is_told_and_never_becomes_live(tiny, published, run, told):
    first, second = published()["release_id"], published(ONE_MORE.format(1000))["release_id"]
    folder = find_release(tiny.home, first).table_path("fct_visit")
    for path in folder.rglob("*"):
        path.chmod(0o755)
    DAMAGES[told](folder)
    refused = run("rollback")
    assert refused.exit_code == 2
    assert told in refused.output
    assert live_id(tiny.home) == second
    assert run("verify", first).exit_code == 2
    assert run("verify").exit_code == 0


def test_formats_live_side_by_side(tiny, published, run):
    ids = [published(file_format=PARQUET)["release_id"], published()["release_id"]]
    listed = run("list").output.splitlines()
    assert [line.split()[0] for line in listed[1:]] == ids[::-1]
    assert [line.endswith("delta live") for line in listed[1:]] == [True, False]
    assert run("rollback").exit_code == 0
    assert live_id(tiny.home) == ids[0]
    assert run("prune", "--keep", "1").output.strip() == "nothing to remove"
    assert run("rollback", ids[1]).exit_code == 0
    assert run("prune", "--keep", "1").output.strip() == f"removed {ids[0]}"
    assert [release.id for release in releases(tiny.home)] == [ids[1]]


def test_a_manifest_from_before_there_were_formats_is_one_of_parquet(tiny, published):
    published(file_format=PARQUET)
    release = open_release(tiny.home)
    path = release.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({name: manifest[name] for name in manifest.keys() - {"format", "engine"}}))
    assert open_release(tiny.home).data_files("fct_visit") == [release.table_path("fct_visit")]
    assert published(file_format=PARQUET)["unchanged"]


def test_ending_before_any_step(tiny, published, monkeypatch):
    published()
    tiny.change(ONE_MORE.format(1000))
    tiny.gate()
    seen = []
    for nth in range(200):
        with monkeypatch.context() as patch:
            die_before(patch, nth)
            try:
                result = publish(tiny.home, tiny.home.verdict_of(DUCKDB), 1, file_format=DELTA)
                break
            except Killed:
                whole_and_live(tiny)
                seen.append(open_release(tiny.home).tables["gold.fct_visit"]["rows"])
    assert len(seen) > 10
    assert sorted(seen) == seen
    assert open_release(tiny.home).tables["gold.fct_visit"]["rows"] == 101
    assert [release.id for release in releases(tiny.home)] == [result["release_id"]]
    tidy(tiny)


def test_types_and_values_survive_and_timestamps_are_instants(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(f"create schema gold; create table gold.rich as {rich_rows(DUCKDB)}")
        built = connection.execute("select * from gold.rich order by id nulls last").fetchall()
        copy_table(DuckDBWarehouse(connection), tmp_path, RICH, DELTA)
    path = tmp_path / "gold" / "rich"
    fields = {field["name"]: field["type"] for field in json.loads(DeltaTable(path).schema().to_json())["fields"]}
    assert fields == {
        "id": "long",
        "small": "integer",
        "name": "string",
        "amount": "decimal(12,4)",
        "share": "double",
        "is_new": "boolean",
        "seen_at": "timestamp",
        "day": "date",
    }
    seen = by_extension(path).order("id nulls last").fetchall()
    assert [tuple(_naive(value) for value in row) for row in seen] == built
    assert built[0][3] == Decimal("0.0001")


def _naive(value):
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


def test_large_tables_keep_to_encodings_that_spark_reads(tmp_path):
    """Spark takes texts of the newer encodings wrongly, without a word."""
    table = Table("model.x", "main", "large", (), ("id",), True, True, frozenset())
    with duckdb.connect() as connection:
        connection.execute(
            "create table large as select range as id, md5(range::varchar) as name, range / 7 as share, "
            "timestamp '2026-01-01' + to_seconds(range) as seen_at from range(300000)"
        )
        copy_table(DuckDBWarehouse(connection), tmp_path, table, DELTA)
    used = set()
    for path in (tmp_path / "main" / "large").glob("*.parquet"):
        group = pq.ParquetFile(path).metadata.row_group(0)
        used |= {name for column in range(group.num_columns) for name in group.column(column).encodings}
    assert used <= {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}


def test_a_type_that_delta_lacks_is_told(tmp_path):
    table = Table("model.x", "main", "odd", (), ("id",), True, True, frozenset())
    with duckdb.connect() as connection:
        connection.execute("create table odd as select 1 as id, time '10:00' as opens")
        with pytest.raises(
            Problem, match=r"main\.odd cannot be published as Delta: its column opens is time"
        ) as raised:
            copy_table(DuckDBWarehouse(connection), tmp_path, table, DELTA)
    assert "parquet" in raised.value.fix


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.none(),
            st.floats(allow_nan=False) | st.none(),
            st.datetimes() | st.none(),
        ),
        max_size=5,
    )
)
def test_any_rows_read_back_the_same_in_both_formats(tmp_path, rows):
    table = Table("model.x", "main", "any_rows", (), ("id",), True, True, frozenset())
    with duckdb.connect() as connection:
        connection.execute("create table any_rows (id int, words varchar, share double, seen_at timestamp)")
        for number, row in enumerate(rows):
            connection.execute("insert into any_rows values (?, ?, ?, ?)", [number, *row])
        entries = []
        for file_format in (PARQUET, DELTA):
            folder = tmp_path / file_format
            shutil.rmtree(folder, ignore_errors=True)
            # Reads back what it wrote, and fails unless it is the same.
            entries.append(copy_table(DuckDBWarehouse(connection), folder, table, file_format))
        assert entries[0]["sha256"] == entries[1]["sha256"]
        assert entries[0]["rows"] == len(rows)


def test_without_hard_links_the_tables_are_written_anew(tiny, published, monkeypatch):
    published()
    first = open_release(tiny.home)
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    published(ONE_MORE.format(1000))
    second = open_release(tiny.home)
    assert second.id != first.id
    assert damage(second) == []
    assert second.tables["gold.visits_daily"]["sha256"] == first.tables["gold.visits_daily"]["sha256"]
