"""A wearable vendor's bulk drops: what is in them, how they land, and gold of them beside a script by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pytest
from houses import House

from benchmarks.by_hand.__main__ import gold_of, run_script
from benchmarks.measuring import measure, size_of
from benchmarks.paired import differences
from benchmarks.wearable_vendor import SHARES, Delivery, chain_of, deliver, make
from gymhouse.console import Problem
from pipeline.dbt import NO_TESTS, build_command

READINGS = 150_000
CHAIN = chain_of(READINGS, days=8, seed=5)


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drops") / "new"


@pytest.fixture(scope="module")
def delivery(drops: Path) -> Delivery:
    return make(drops, CHAIN)


@pytest.fixture(scope="module")
def built(module_house: House, drops: Path, delivery: Delivery) -> House:
    module_house.run("ingest", "files", "--drops", str(drops))
    module_house.dbt(*build_command("duckdb", *NO_TESTS)[3:])
    return module_house


def of_files(folder: Path, select: str) -> tuple:
    return duckdb.sql(f"select {select} from read_parquet('{folder}/*.parquet', filename = true)").fetchone()


def test_delivers_what_was_asked_for(drops: Path, delivery: Delivery):
    assert delivery.readings == pytest.approx(READINGS, rel=0.05)
    assert of_files(drops / "vendor", "count(*), count(distinct (device_id, time)), count(distinct filename)") == (
        delivery.rows,
        delivery.readings,
        CHAIN.days,
    )
    assert (delivery.rows - delivery.readings) / delivery.readings == pytest.approx(
        SHARES["duplicate"] + SHARES["corrected"], rel=0.1
    )


def test_some_are_late_and_some_no_heart_rates(drops: Path, delivery: Delivery):
    arrived = "cast(regexp_extract(filename, '\\d{4}-\\d{2}-\\d{2}') as date)"
    late, invalid = of_files(
        drops / "vendor",
        f"avg(({arrived} > cast(make_timestamp(time * 1000000) as date) + 1)::int),"
        " avg((coalesce(heartrate not between 25 and 240, true))::int)",
    )
    assert 0.3 * SHARES["late"] < late < SHARES["late"]
    assert invalid == pytest.approx(SHARES["invalid"], rel=0.3)


def test_same_seed_same_rows(drops: Path, delivery: Delivery, tmp_path: Path):
    deliver(CHAIN, tmp_path / "again")
    rows = "bit_xor(hash(device_id, time, heartrate)), count(*)"
    assert of_files(tmp_path / "again", rows) == of_files(drops / "vendor", rows)


def test_a_folder_in_use_is_refused(drops: Path, delivery: Delivery):
    with pytest.raises(Problem, match="is not empty"):
        make(drops, CHAIN)


def test_all_of_it_lands(built: House, delivery: Delivery):
    landed = built.query("""
        select sum(rows_landed), sum(rows_rejected) from raw.operations__batches
        where table_name = 'bpm' and source_file like 'vendor/%'
    """)
    assert landed == [(delivery.rows, 0)]
    assert built.query("select count(*) from silver.int_heart_rate_deduplicated") == [(delivery.readings,)]


def test_gold_is_what_a_script_by_hand_gives(built: House, tmp_path: Path):
    database = tmp_path / "by_hand.duckdb"
    run_script(str(built.home.raw), str(database), "1GB")
    found = differences(built.home, gold_of(database), str(database))
    assert {"workout_bpm_summary", "heart_rate_zone_minutes", "fct_workout", "gym_summary_daily"} < set(found)
    assert all(rows for rows, _ in found.values()), found
    assert not any(different for _, different in found.values()), found


def test_a_difference_is_found(built: House, tmp_path: Path):
    changed = tmp_path / "changed.duckdb"
    with duckdb.connect(str(changed)) as connection:
        connection.execute(f"attach '{built.home.warehouse}' as ours (read_only)")
        connection.execute("create schema gold")
        connection.execute("""
            create table gold.workout_bpm_summary as
            select * replace (if(row_number() over (order by workout_key) = 1, max_bpm + 1, max_bpm) as max_bpm)
            from ours.gold.workout_bpm_summary
        """)
    [(rows, different)] = differences(built.home, gold_of(changed), str(changed)).values()
    assert rows > 1
    assert different == 2


def test_memory_of_all_processes_is_counted(tmp_path: Path):
    inner = "import time; held = bytearray(300_000_000); time.sleep(1.5)"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    cost = measure([sys.executable, "-c", nested], {}, tmp_path / "log")
    assert 300e6 < cost.memory < 500e6
    assert cost.seconds > 1.5 > cost.work


def test_a_failing_command_ends_the_benchmark(tmp_path: Path):
    with pytest.raises(SystemExit, match="out of luck"):
        measure([sys.executable, "-c", "raise SystemExit('out of luck')"], {}, tmp_path / "log")


def test_size_of_a_folder(tmp_path: Path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"12345")
    assert (size_of(tmp_path), size_of(tmp_path / "none")) == (5, 0)
