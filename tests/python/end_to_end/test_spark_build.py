"""The whole way on Spark: one command lands, builds, judges and publishes; every test of dbt passes there too."""

from __future__ import annotations

import json

import pytest

from release.current import open_release

pytestmark = pytest.mark.full
SMALL = ("--members", "40", "--days", "7")


def test_everything_passes_on_spark_and_is_published_as_delta(spark_house):
    house = spark_house
    house.run("data_gen", "--out", str(house.home.drops), *SMALL)
    house.run("ingest", "files")
    house.run("pipeline", "build", "--engine", "spark")
    results = json.loads((house.home.target_of("spark") / "run_results.json").read_text())["results"]
    assert {result["status"] for result in results} == {"success", "pass"}
    kinds = {result["unique_id"].split(".")[0] for result in results}
    assert {"model", "seed", "snapshot", "test", "unit_test"} <= kinds

    house.run("pipeline", "run", "--drops", str(house.home.drops), "--engine", "spark", "--format", "delta")
    release = open_release(house.home)
    assert release.format == "delta"
    assert release.tables["gold.gym_summary"]["rows"] > 0

    again = house.run("pipeline", "run", "--drops", str(house.home.drops), "--engine", "spark", "--format", "delta")
    assert again.stdout.count("nothing is new since run") == 3
    assert open_release(house.home).id == release.id
