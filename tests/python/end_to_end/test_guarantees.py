"""What a release promises: equal bytes for an equal lake, no trace of arrival, nothing bad and nobody's name in it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from houses import House, make_house

from gymhouse.home import Home
from pipeline.dbt import NO_TESTS, NO_UNIT_TESTS

CHAIN = ["--members", "60", "--days", "12", "--heart-rate", "20000", "--start", "2025-03-03"]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A small chain, all the way to a release."""
    house = make_house(tmp_path_factory.mktemp("released") / "home")
    house.run("data_gen", *CHAIN)
    house.run("pipeline", "run", "--drops", str(house.home.drops))
    return house


def publish(house: House, *options: str, **environment: str) -> dict[str, dict]:
    """Build, gate and publish what lies in the lake; returns the manifest's tables by name."""
    verdict = house.home.root / "gate.json"
    house.dbt("build", *options, **environment)
    house.run("quality", "gate", "--json", str(verdict), **environment)
    house.run("release", "publish", "--gate", str(verdict), **environment)
    return tables(house)


def tables(house: House) -> dict[str, dict]:
    manifest = json.loads((house.home.releases / house.live() / "manifest.json").read_text())
    return {table["name"]: table for table in manifest["tables"]}


def test_an_equal_lake_gives_equal_bytes_whatever_the_clock(released: House, tmp_path: Path):
    other = make_house(tmp_path / "other")
    shutil.copytree(released.home.lake, other.home.lake)
    checksums = {name: table["sha256"] for name, table in publish(other, TZ="Asia/Tokyo").items()}
    assert checksums == {name: table["sha256"] for name, table in tables(released).items()}


def test_arrival_leaves_no_trace(released: House, tmp_path: Path):
    """The last day first, the rest later and in another split, half of it twice: the business tables are the same."""
    other = make_house(tmp_path / "other")
    drops, late = released.home.drops, tmp_path / "late"
    days = sorted(drops.glob("devices/multiplex_*.jsonl"))
    early = tmp_path / "early"
    for folder in (early, late):
        folder.mkdir()
    for path in drops.glob("[!_]*/*_*.*"):
        newest = days[-1].stem.rpartition("_")[2] in path.name
        shutil.copy(path, (early if newest else late) / path.name)
    # Two days of the topic in one file, and one of them once more in a file of its own.
    first, second = late / days[0].name, late / days[1].name
    (late / "multiplex_both.jsonl").write_bytes(second.read_bytes() + b"\n" + first.read_bytes())
    second.unlink()
    other.run("ingest", "files", "--drops", str(early))
    other.dbt("build", *NO_TESTS)
    other.run("ingest", "files", "--drops", str(late))

    # A profile's state that only the first build saw stays in the snapshot, by design; gold knows nothing of it.
    found = publish(other, *NO_UNIT_TESTS)
    by_batch = {"rejected_rows", "quarantined_rows", "row_reconciliation", "pipeline_run", "source_freshness"}
    assert {name: table["sha256"] for name, table in found.items() if name not in by_batch} == {
        name: table["sha256"] for name, table in tables(released).items() if name not in by_batch
    }
    assert other.query("select count(*) from gold.row_reconciliation where not is_balanced") == [(0,)]


@pytest.fixture
def tampered(released: House, tmp_path: Path) -> House:
    """The released house once more, to be spoilt."""
    home = tmp_path / "home"
    shutil.copytree(released.home.root, home)
    return House(Home(home))


def test_a_day_gone_from_the_lake_stops_the_run(tampered: House):
    """Built tables keep what they consumed, but the rows that they hold are no longer accounted for."""
    before = tampered.live()
    for path in sorted((tampered.home.raw / "lifelog").rglob("*.parquet"))[1:]:
        path.unlink()
    done = tampered.run("pipeline", "run", "--drops", str(tampered.home.drops / "club"), expect=None)
    assert done.returncode != 0
    assert "row_reconciliation" in done.stdout + done.stderr
    assert before in done.stdout + done.stderr
    assert tampered.live() == before


def test_a_copied_lake_file_fails_a_dbt_test_and_stops_the_run(tampered: House):
    before = tampered.live()
    landed = next((tampered.home.raw / "devices" / "workouts").rglob("*.parquet"))
    shutil.copy(landed, landed.with_name("copy.parquet"))
    done = tampered.run("pipeline", "run", "--drops", str(tampered.home.drops / "club"), expect=None)
    assert done.returncode != 0
    assert "batches_hold_the_rows_they_say" in done.stdout + done.stderr
    assert tampered.live() == before


def personal_values(house: House) -> tuple[set[str], set[str]]:
    """Every name, street and birth date in the drops, as it was sent: (all values, those that nothing else can be)."""
    cells, unmistakable = set(), set()
    for path in sorted(house.home.drops.rglob("multiplex_*.jsonl")):
        for line in path.read_text(encoding="utf-8-sig").splitlines():
            try:
                record = json.loads(line)
                profile = json.loads(record["value"])
            except (ValueError, KeyError, TypeError):
                continue
            if record.get("topic") != "user_info" or not isinstance(profile, dict):
                continue
            first, last = profile.get("first_name"), profile.get("last_name")
            street, birth = profile.get("address", {}).get("street_address"), profile.get("dob")
            cells |= {first, last, street, birth}
            unmistakable |= {street, birth}
            if first and last:
                unmistakable.add(f"{first} {last}")
    return cells - {None, ""}, unmistakable - {None, ""}


def test_personal_data_stays_in_the_restricted_schema(released: House):
    cells, _ = personal_values(released)
    assert len(cells) > 100
    # Some people are called like a city.
    cells -= {city for (city,) in released.query("select city from gold.dim_member")}
    with duckdb.connect(str(released.home.warehouse), read_only=True) as connection:
        connection.execute("create temp table personal as select unnest($1) as value", [sorted(cells)])

        def held(table: str, column: str) -> int:
            return connection.execute(
                f'select count(*) from {table} where cast("{column}" as varchar) in (from personal)'
            ).fetchone()[0]

        assert held("restricted.stg_crm__profile_changes", "last_name") > 50, "the search finds what is there"
        columns = connection.execute("""
            select table_schema || '.' || table_name, column_name from information_schema.columns
            where table_schema != 'restricted' and table_catalog = 'gymhouse' and data_type in ('VARCHAR', 'DATE')
        """).fetchall()
        assert len(columns) > 100
        assert [(table, column) for table, column in columns if held(table, column)] == []


def test_personal_data_stays_out_of_releases_logs_and_reports(released: House):
    _, unmistakable = personal_values(released)
    pattern = re.compile("|".join(re.escape(value) for value in sorted(unmistakable)))
    read = 0
    for path in released.home.root.rglob("*"):
        below = path.relative_to(released.home.root).parts[0]
        if not path.is_file() or below in {"drops", "lake", "warehouse"} or path.suffix == ".parquet":
            continue
        read += 1
        found = pattern.search(path.read_text(errors="replace"))
        assert not found, f"{path} holds personal data: {found}"
    assert read > 20
    for path in released.home.releases.rglob("*.parquet"):
        for column, kind, *_ in duckdb.sql(f"describe from '{path}'").fetchall():
            if kind == "VARCHAR":
                values = {value for (value,) in duckdb.sql(f"""select distinct "{column}" from '{path}'""").fetchall()}
                assert not values & unmistakable, f"{path}: {column}"
