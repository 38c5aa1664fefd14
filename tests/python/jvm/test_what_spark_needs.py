"""What Spark needs beside Python: each missing part is told in one sentence, with what to do."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gymhouse.console import Problem
from gymhouse.home import Home
from jvm.jars import POMS, SPARK, require_jars
from jvm.java import require_java
from jvm.spark import open_spark, require_free_metastore, spark_settings


def program(folder: Path, name: str, script: str) -> Path:
    """An executable shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def no_java(monkeypatch, tmp_path):
    """A machine whose PATH holds nothing of Java's."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def java_that_says(version: str) -> str:
    return f"echo 'openjdk version \"{version}\" 2025-04-15' >&2"


def test_no_java(no_java):
    with pytest.raises(Problem, match="Spark needs Java, and there is none on the PATH") as told:
        require_java()
    assert told.value.fix.startswith("Install Java 17")


def test_java_home_without_a_java(no_java, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(Problem, match=r"none in JAVA_HOME \(.*gone\)"):
        require_java()


@pytest.mark.parametrize(("version", "told"), [("1.8.0_392", "Java 8"), ("11.0.2", "Java 11"), ("24", "Java 24")])
def test_wrong_java(no_java, version, told):
    program(no_java, "java", java_that_says(version))
    with pytest.raises(Problem, match=f"Spark needs Java 17 or 21; .* is {told}"):
        require_java()


def test_java_that_does_not_start(no_java):
    program(no_java, "java", "echo 'Error: could not create the Java Virtual Machine' >&2; exit 1")
    with pytest.raises(Problem, match="no Java that tells its version"):
        require_java()


@pytest.mark.parametrize("version", ["17.0.15", "21"])
def test_right_java(no_java, version):
    assert require_java_of(no_java, version) == no_java / "java"


def require_java_of(folder: Path, version: str) -> Path:
    program(folder, "java", java_that_says(version))
    return require_java()


def test_no_maven(no_java, tmp_path):
    with pytest.raises(Problem, match="there is no Maven to fetch them") as told:
        require_jars(Home(tmp_path))
    assert "copy that folder" in told.value.fix


def test_no_network(spark_jars, monkeypatch, tmp_path):
    """A real Maven with an empty repository of its own, and a mirror of everything that refuses connections."""
    settings = tmp_path / "settings.xml"
    settings.write_text(
        "<settings><mirrors><mirror><id>none</id><mirrorOf>*</mirrorOf>"
        "<url>http://127.0.0.1:9/</url></mirror></mirrors></settings>"
    )
    maven = shutil.which("mvn")
    assert maven, "the fixture of the jars made sure of Maven"
    bin_ = tmp_path / "bin"
    program(bin_, "mvn", f'exec "{maven}" --settings "{settings}" -Dmaven.repo.local="{tmp_path}/m2" "$@"')
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    with pytest.raises(Problem, match=r"Maven could not fetch the jars of jvm/spark/pom\.xml: [A-Z]") as told:
        require_jars(Home(tmp_path / "home"))
    assert "Check the network" in told.value.fix
    assert "127.0.0.1:9" in told.value.what
    assert not list((tmp_path / "home").rglob("*.jar"))


@pytest.fixture
def jars_of_one(spark_jars, tmp_path) -> Path:
    """A home's own copy of the jars."""
    return Path(shutil.copytree(spark_jars / SPARK, tmp_path / "jars" / SPARK))


@pytest.fixture
def fetching(monkeypatch, jars_of_one, tmp_path, no_java):
    """A Maven that only tells that it was asked."""
    program(no_java, "mvn", f"echo asked >> '{tmp_path}/asked'; exit 1")
    return tmp_path / "asked"


def test_jars_that_are_there_need_no_maven(jars_of_one, no_java, tmp_path):
    assert require_jars(Home(tmp_path)) == jars_of_one


def test_lost_jar_is_noticed(jars_of_one, fetching, tmp_path):
    next(jars_of_one.glob("*.jar")).unlink()
    with pytest.raises(Problem, match="Maven could not fetch"):
        require_jars(Home(tmp_path))
    assert fetching.exists()


def test_half_a_jar_is_noticed(jars_of_one, fetching, tmp_path):
    jar = next(jars_of_one.glob("*.jar"))
    jar.write_bytes(jar.read_bytes()[:-1])
    with pytest.raises(Problem, match="Maven could not fetch"):
        require_jars(Home(tmp_path))


def test_another_pom_asks_for_its_jars(jars_of_one, fetching, tmp_path, monkeypatch):
    changed = tmp_path / "poms"
    shutil.copytree(POMS / SPARK, changed / SPARK)
    pom = changed / SPARK / "pom.xml"
    pom.write_text(pom.read_text().replace("4.0.0</version>", "4.0.1</version>"))
    monkeypatch.setattr("jvm.jars.POMS", changed)
    monkeypatch.setattr("jvm.jars.PROJECT", tmp_path)
    with pytest.raises(Problem, match="Maven could not fetch"):
        require_jars(Home(tmp_path))


def test_settings_lie_in_the_home(tmp_path):
    settings = spark_settings(Home(tmp_path / "here"))
    assert settings["spark.sql.warehouse.dir"] == f"{tmp_path}/here/spark/warehouse"
    assert all("var/" not in value for value in settings.values())
    assert all(isinstance(value, str) for value in settings.values())


def test_ctrl_c_is_given_back(spark_house):
    before = signal.getsignal(signal.SIGINT)
    with open_spark(spark_house.home, tables=False):
        pass
    assert signal.getsignal(signal.SIGINT) is before


HOLD = """
import sys
from pathlib import Path
from gymhouse.home import Home
from jvm.spark import open_spark
with open_spark(Home(Path(sys.argv[1]))) as spark:
    spark.sql("create table held (n int) using delta")
    spark.sql("insert into held values (1)")
    print(spark.table("held").count(), flush=True)
    sys.stdin.read()
"""


def test_metastore_in_use(spark_house):
    """A real session holds the metastore; the same command works once it is gone, however it ended."""
    require_free_metastore(spark_house.home)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(spark_house.home.root)],
        cwd=spark_house.project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )
    try:
        assert holder.stdout.readline().strip() == "1"
        told = spark_house.run("pipeline", "build", "--engine", "spark", expect=2)
        assert "are open elsewhere: process " in told.stderr
        assert " since 20" in told.stderr
        assert "do: Wait for that build to end" in told.stderr
    finally:
        os.killpg(holder.pid, 9)
        holder.wait()
    patience = time.monotonic() + 30
    while time.monotonic() < patience:
        try:
            return require_free_metastore(spark_house.home)
        except Problem:
            time.sleep(0.2)  # the kernel is still clearing the JVM away
    raise AssertionError("a killed process still holds the metastore")
