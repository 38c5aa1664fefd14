"""What every test shares: a home of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from houses import House, make_house

from gymhouse.console import Problem
from gymhouse.home import PROJECT, Home
from jvm.jars import require_jars
from jvm.java import require_java


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
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m")
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
