"""What every test shares: a home of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from houses import House, make_house

from gymhouse.console import Problem
from gymhouse.home import PROJECT, Home
from jvm.jars import require_jars
from jvm.java import require_java

# Files that take minutes, the longest first: what begins last must be short, or one worker ends long before the other.
LONGEST = (
    "test_parity_builds.py",
    "test_incremental_order.py",
    "test_kill_the_way.py",
    "test_guarantees.py",
    "test_full_disk.py",
    "test_simulated_chain.py",
    "test_planted_defects.py",
    "test_retention.py",
    "test_nothing_new.py",
    "test_as_of.py",
    "test_databricks_target.py",
    "test_databricks_refusals.py",
    "test_data_gen_ranges.py",
    "test_on_spark.py",
    "test_pipeline_run.py",
    "test_ingest_stream.py",
    "test_add_a_source.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by file: those of `LONGEST` as they stand there, then the others as they were found."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home of this test alone."""
    return make_house(tmp_path / "home")


@pytest.fixture(scope="module")
def module_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A home that the tests of one file share, for runs too long to repeat."""
    return make_house(tmp_path_factory.mktemp("home") / "home")


@pytest.fixture(scope="session")
def spark_jars() -> Path:
    """The folder of jars that homes under test link to, fetched once; without Java or Maven the test is skipped.

    In CI nothing is skipped: there a missing part is a failure.
    """
    # Tests build small tables and end: compiling code to its best costs them more than it gives. One compiler alone
    # would get a small cache for its code, and Spark's tasks get lost when that is full.
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC")
    try:
        require_java()
        return require_jars(Home(PROJECT / "var")).parent
    except Problem as problem:
        if os.environ.get("CI"):
            pytest.fail(str(problem))
        pytest.skip(str(problem))


@pytest.fixture
def spark_house(house: House, spark_jars: Path) -> House:
    """A home of this test alone, on which Spark can build."""
    house.link_jars(spark_jars)
    return house


@pytest.fixture(scope="module")
def module_spark_house(module_house: House, spark_jars: Path) -> House:
    """A home that the tests of one file share, on which Spark can build."""
    module_house.link_jars(spark_jars)
    return module_house


@pytest.fixture(scope="module")
def lean_spark() -> Iterator[None]:
    """Spark does as little as it can beside the work, for whatever the tests of one file start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(Path(__file__).with_name("lean_spark")))
        patch.setenv("GYMHOUSE_SPARK_PARTITIONS", "1")
        yield
