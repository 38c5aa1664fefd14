"""On a cluster whose executors are other processes, with the code shipped as docs/landing.md says."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pyspark
import pytest
from landing_lakes import make_lake, told_by_files

from gymhouse.home import PROJECT
from ingest import run as landing
from ingest.contract import read_contract

SBIT = PROJECT / "samples" / "sbit"
MODELS = PROJECT / "models"
JOB = """
import sys
from datetime import datetime
from pathlib import Path
from threading import Event
from pyspark.sql import SparkSession

archive, models, drops, lake, how = sys.argv[1:]
builder = SparkSession.builder.master("local-cluster[1,1,1024]").config("spark.driver.host", "localhost")
spark = builder.config("spark.ui.enabled", False).config("spark.executor.memory", "1g").getOrCreate()
sys.path.append(archive)
if how != "not shipped":
    spark.addArtifact(archive, pyfile=True)
from ingest import run
from ingest.on_spark import land_with_spark
from ingest.stream import attend, start_stream
from ingest.contract import read_contract

tables = read_contract(Path(models))
run.now = lambda: datetime(2023, 4, 1)
if how == "as a stream":
    attend(*start_stream(spark, tables, drops, lake), Event())
else:
    land_with_spark(spark, tables, drops, lake)
spark.stop()
"""


@pytest.fixture
def job(tmp_path, spark_jars):
    """Runs the job on a cluster of its own; gives its exit status, what it said, and the lake."""
    archive = tmp_path / "landing.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in [*PROJECT.glob("gymhouse/*.py"), *PROJECT.glob("ingest/*.py")]:
            packed.write(path, path.relative_to(PROJECT))
    # A cluster writes into Spark's own folder.
    spark = tmp_path / "spark"
    spark.mkdir()
    for part in ("bin", "jars", "python"):
        (spark / part).symlink_to(Path(pyspark.__file__).parent / part)

    def run(how: str) -> tuple[int, str, Path]:
        arguments = [str(archive), str(MODELS), str(SBIT), str(tmp_path / "lake"), how]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {"SPARK_HOME": str(spark), "PYSPARK_PYTHON": sys.executable}
        done = subprocess.run(
            [sys.executable, "-c", JOB, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr, tmp_path / "lake"

    return run


@pytest.mark.full
@pytest.mark.parametrize("how", ["at once", "as a stream"])
def test_shipped_code_lands_as_it_does_here(job, tmp_path, monkeypatch, how):
    status, said, made = job(how)
    assert status == 0, said
    monkeypatch.setattr(landing, "now", lambda: datetime(2023, 4, 1))  # noqa: DTZ001
    lake = make_lake(tmp_path / "here", read_contract(MODELS))
    lake.land(drops=SBIT)
    assert told_by_files(made) == told_by_files(lake.home.lake)


@pytest.mark.full
def test_code_that_is_not_shipped_is_asked_for(job):
    status, said, made = job("not shipped")
    assert status != 0
    assert "The executors' Python has no module ingest. Ship the code and its packages to the cluster" in said
    assert not made.exists()
