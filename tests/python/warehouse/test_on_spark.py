"""The same tables on DuckDB and on Spark: the same verdicts of the gate, and releases that either can read.

One Spark serves all tests of this file; its tables are written directly, without a build.
"""

import hashlib
import json
import os
import shutil
from contextlib import ExitStack, contextmanager
from importlib import resources

import duckdb
import pytest
from deltalake import DeltaTable

from gymhouse.console import Problem
from gymhouse.home import DUCKDB, SPARK, Home
from jvm.spark import open_spark
from quality.dbt_failures import dbt_failures
from quality.gate import run_gate, save_verdict
from release.copy import copy_table
from release.current import DELTA, PARQUET, damage, live_id, open_release
from release.publish import publish
from tests.python.release.rich_table import RICH, rich_rows
from tests.python.tiny_project import Tiny, built
from tests.python.warehouse.defects import DEFECTS
from warehouse import on_spark, open_warehouse
from warehouse.on_duckdb import DuckDBWarehouse
from warehouse.on_spark import SparkWarehouse, rows_of

SAME = ("passed", "complete", "tables", "checks_passed", "checks_failed", "checks_not_evaluated", "rows", "warnings")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, spark_jars) -> Tiny:
    """A home whose DuckDB tables dbt built, with a table more for each defect, known to the manifest."""
    made = built().copy(tmp_path_factory.mktemp("tiny"))
    made.home.jars.symlink_to(spark_jars)
    with duckdb.connect(str(made.home.warehouse)) as connection:
        connection.execute(f"create table gold.rich as {rich_rows(DUCKDB)}")
    return made


@pytest.fixture(scope="module")
def spark(tiny, lean_spark):
    """A running Spark with the same tables as Delta; whatever opens the home's Spark gets this one."""
    environment = {"GYMHOUSE_SPARK_MASTER": "local[2]", "GYMHOUSE_SPARK_MEMORY": "1g"}
    with pytest.MonkeyPatch.context() as patch, open_as(patch, environment, tiny.home) as session:

        @contextmanager
        def running(home):
            yield session

        patch.setattr(on_spark, "open_spark", running)
        patch.setattr(on_spark, "require_free_metastore", lambda home: None)
        session.conf.set("spark.sql.sources.default", "delta")
        with open_warehouse(tiny.home) as warehouse:
            tables = warehouse.rows(
                "select schema_name || '.' || table_name from duckdb_tables() where table_name <> 'rich'"
            )
            for name in (*(name for (name,) in tables), "bronze.stg_visits"):
                write(session, name, warehouse.connection.sql(f"select * from {name}").to_arrow_table())
        session.sql(f"create or replace table gold.rich as {rich_rows(SPARK)}")
        yield session


@contextmanager
def open_as(patch, environment: dict, home: Home):
    for name, value in environment.items():
        patch.setenv(name, value)
    with open_spark(home) as session:
        yield session


def write(session, name: str, rows) -> None:
    """A Delta table like one of DuckDB."""
    session.sql(f"create schema if not exists {name.split('.')[0]}")
    session.createDataFrame(rows).write.format("delta").mode("overwrite").saveAsTable(name)


@pytest.fixture
def both(tiny, spark) -> Home:
    """The home with the artifacts of a build on Spark that made just what the one on DuckDB made."""
    artifacts = tiny.home.target_of(SPARK)
    shutil.rmtree(artifacts, ignore_errors=True)
    shutil.copytree(tiny.home.target, artifacts)
    os.utime(artifacts / "run_results.json")
    os.utime(tiny.home.target / "run_results.json")
    shutil.rmtree(tiny.home.releases, ignore_errors=True)
    return tiny.home


def gate(home: Home, engine: str, **options) -> dict:
    verdict = run_gate(home, folder=home.root / "no contracts", engine=engine, **options)
    save_verdict(verdict, home.verdict_of(engine))
    return verdict


# -- The gate


def test_a_sound_build_gets_the_same_verdict_on_both(both):
    on_duckdb, on_spark_ = gate(both, DUCKDB), gate(both, SPARK)
    assert on_duckdb["passed"]
    assert on_spark_["engine"] == SPARK
    assert {name: on_spark_[name] for name in SAME} == {name: on_duckdb[name] for name in SAME}


def with_defects(home: Home, folder) -> None:
    """Let the manifest of both engines know a table for each defect, as `gold.fct_visit` in all but its rows."""
    for target in (home.target, home.target_of(SPARK)):
        manifest = json.loads((target / "manifest.json").read_text())
        model = manifest["nodes"]["model.tiny.fct_visit"]
        manifest["nodes"] |= {f"model.tiny.{name}": model | {"alias": name, "name": name} for name in DEFECTS}
        manifest["nodes"]["model.tiny.not_built"] = model | {"alias": "not_built", "name": "not_built"}
        (target / "manifest.json").write_text(json.dumps(manifest))
    for name, defect in DEFECTS.items():
        if defect.contract:
            (folder / "gold").mkdir(parents=True, exist_ok=True)
            (folder / "gold" / f"{name}.yml").write_text(defect.contract)


def test_planted_defects_get_the_same_verdict_on_both(both, spark, tmp_path, monkeypatch):
    manifest = (both.target / "manifest.json").read_text()
    with_defects(both, tmp_path)
    monkeypatch.setattr("quality.gate.live_rows", lambda home: {"gold.volume_drop": 100})
    with duckdb.connect(str(both.warehouse)) as connection:
        for name, defect in DEFECTS.items():
            connection.execute(f"create or replace table gold.{name} as {defect.rows}")
            spark.sql(f"create or replace table gold.{name} as {defect.rows}")
    try:
        verdicts = {engine: run_gate(both, folder=tmp_path, engine=engine) for engine in (DUCKDB, SPARK)}
    finally:
        (both.target / "manifest.json").write_text(manifest)
        with duckdb.connect(str(both.warehouse)) as connection:
            for name in DEFECTS:
                connection.execute(f"drop table gold.{name}")
                spark.sql(f"drop table gold.{name}")

    def told(engine: str) -> dict:
        """What each check said; the words of an engine about what it could not run are its own."""
        own_words = "not evaluated: "
        return {
            (each["table"], each["check"]): (each["message"].split(own_words)[0] or own_words, each["sample_keys"])
            for each in verdicts[engine]["failures"]
        }

    assert told(SPARK) == told(DUCKDB)
    for name in SAME:
        assert verdicts[SPARK][name] == verdicts[DUCKDB][name]
    for verdict in verdicts.values():
        found = {f"gold.{name}": [] for name in (*DEFECTS, "not_built")}
        for each in verdict["failures"]:
            found[each["table"]].append(each)
        for name, defect in DEFECTS.items():
            (failure,) = (each for each in found[f"gold.{name}"] if each["check"] == defect.check)
            assert defect.message in failure["message"]
            assert failure["sample_keys"] == [{"visit_id": key} for key in defect.keys]
            assert len(found[f"gold.{name}"]) == 1 or name == "broken_check"
        assert {each["message"] for each in found["gold.not_built"]}
        assert all("not_built" in each["message"] for each in found["gold.not_built"])
        assert verdict["rows"]["gold.not_built"] is None


def test_types_are_told_exactly_and_by_one_name(both, spark):
    spark.sql(
        "create or replace temporary view odd as select cast(1 as tinyint) as a, cast(1 as smallint) as b, "
        "cast(1 as int) as c, cast(1 as bigint) as d, cast(1 as float) as e, cast(1 as double) as f, "
        "cast(1 as decimal(9, 3)) as g, array('x') as h, timestamp_ntz'2026-01-01' as i, timestamp'2026-01-01' as j, "
        "named_struct('k', array(1)) as k, true as l, date'2026-01-01' as m, binary('x') as n"
    )
    spark.sql("create or replace view gold.odd as select cast(1 as tinyint) as a, array(1.5e0) as b")
    with open_warehouse(both, SPARK) as warehouse:
        assert warehouse.columns("gold", "odd") == [("a", "tinyint"), ("b", "double[]")]
        kinds = [on_spark.type_of_spark(field.dataType.simpleString()) for field in spark.table("odd").schema]
    spark.sql("drop view gold.odd")
    assert kinds == [
        *("tinyint", "smallint", "integer", "bigint", "float", "double", "decimal(9,3)", "varchar[]"),
        *("timestamp_ntz", "timestamp", "struct(k integer[])", "boolean", "date", "blob"),
    ]


def test_personal_data_is_never_shown(both, tmp_path):
    path = tmp_path / "restricted" / "int_people.yml"
    path.parent.mkdir()
    path.write_text(
        "checks: [{failed_rows: {name: cast, qualifier: c, expression: cast(first_name as int) > 0}}]\n"
        "columns: [{name: first_name, checks: ["
        "{invalid: {valid_max_length: 3}}, {aggregate: {function: max_length, threshold: {must_be: 1}}}]}]"
    )
    verdict = run_gate(both, ["int_people"], folder=tmp_path, engine=SPARK)
    assert verdict["failures"]
    assert any("CAST_INVALID_INPUT" in failure["message"] for failure in verdict["failures"])
    told = json.dumps(verdict)
    assert "Ada" not in told
    assert "Lovelace" not in told


def test_tables_that_changed_after_the_build_are_refused(both):
    results = both.target_of(SPARK) / "run_results.json"
    os.utime(results, (results.stat().st_mtime - 3600,) * 2)
    with pytest.raises(Problem, match="was changed after the build") as raised:
        gate(both, SPARK)
    assert "--engine spark" in raised.value.fix


def test_failed_tests_of_dbt_are_told_with_keys(both, tmp_path):
    results = both.target_of(SPARK) / "run_results.json"
    told = json.loads(results.read_text())
    test = next(each for each in told["results"] if each["unique_id"].startswith("test.tiny.unique_fct_visit"))
    test |= {
        "status": "fail",
        "message": "Got 7 results",
        "compiled_code": "select visit_id as unique_field, count(*) as n_records from `gold`.fct_visit "
        "where visit_id > 92 group by visit_id",
    }
    results.write_text(json.dumps(told))
    (failure,) = dbt_failures(both, SPARK)
    assert (failure["table"], failure["sample_keys"]) == ("gold.fct_visit", [{"visit_id": n} for n in range(93, 98)])


# -- Releases


def published(home: Home, engine: str, file_format: str) -> dict:
    gate(home, engine, accept_volume_drop=True)
    return publish(home, home.verdict_of(engine), engine=engine, file_format=file_format)


@pytest.mark.parametrize("file_format", [PARQUET, DELTA])
@pytest.mark.parametrize("first", [DUCKDB, SPARK])
def test_equal_builds_of_both_engines_are_one_release(both, first, file_format):
    second = SPARK if first == DUCKDB else DUCKDB
    release_id = published(both, first, file_format)["release_id"]
    again = published(both, second, file_format)
    assert again["unchanged"]
    assert again["release_id"] == live_id(both) == release_id
    release = open_release(both)
    assert release.manifest["engine"] == first
    assert damage(release) == []


def test_parquet_of_both_engines_has_the_same_bytes(both):
    files = []
    for engine in (DUCKDB, SPARK):
        published(both, engine, PARQUET)
        release = open_release(both)
        assert release.manifest["engine"] == engine
        files.append(
            {name: hashlib.sha256(release.table_path(name).read_bytes()).hexdigest() for name in ("fct_visit",)}
        )
        shutil.rmtree(both.releases)
    assert files[0] == files[1]


def test_tables_that_changed_after_the_gate_are_not_published(both, spark):
    gate(both, SPARK)
    spark.sql("insert into gold.fct_visit values (1000, 1, 10, date '2026-01-01')")
    try:
        with pytest.raises(Problem, match="was changed since the gate"):
            publish(both, both.verdict_of(SPARK), engine=SPARK)
        assert live_id(both) is None
    finally:
        spark.sql("delete from gold.fct_visit where visit_id = 1000")


def test_a_changed_spark_table_is_published_and_the_others_are_shared(both, spark):
    published(both, SPARK, DELTA)
    first = open_release(both)
    spark.sql("insert into gold.fct_visit values (1000, 1, 10, date '2026-01-01')")
    try:
        result = published(both, SPARK, DELTA)
    finally:
        spark.sql("delete from gold.fct_visit where visit_id = 1000")
    second = open_release(both)
    assert [each["table"] for each in result["changed"] if each["changed"]] == ["gold.fct_visit"]
    assert second.data_files("visits_daily")[0].samefile(first.data_files("visits_daily")[0])
    with duckdb.connect() as reader:
        assert second.relation(reader, "fct_visit").filter("visit_id = 1000").fetchall() == [
            (1000, 1, 10.0, duckdb.sql("select date '2026-01-01'").fetchone()[0])
        ]


def by_extension(path) -> duckdb.DuckDBPyRelation:
    found = resources.files("duckdb_extension_delta") / f"extensions/v{duckdb.__version__}/delta.duckdb_extension"
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.load_extension(str(found))
    return connection.sql(f"select * from delta_scan('{path}')")


def naive(rows: list[tuple]) -> list[tuple]:
    return [tuple(value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value for value in row) for row in rows]


def test_each_engine_reads_the_delta_of_the_other(both, spark, tmp_path):
    with duckdb.connect(str(both.warehouse), read_only=True) as connection, ExitStack() as stack:
        built = connection.execute("select * from gold.rich order by id").fetchall()
        entries = {
            DUCKDB: copy_table(DuckDBWarehouse(connection), tmp_path / DUCKDB, RICH, DELTA),
            SPARK: copy_table(SparkWarehouse(both, stack), tmp_path / SPARK, RICH, DELTA),
        }
    assert entries[SPARK]["sha256"] == entries[DUCKDB]["sha256"]
    assert entries[SPARK]["columns"] == entries[DUCKDB]["columns"]
    assert rows_of(spark.table("gold.rich").orderBy("id")) == built
    schemas = []
    for engine in (DUCKDB, SPARK):
        path = tmp_path / engine / "gold" / "rich"
        written = DeltaTable(path)
        schemas.append(written.schema().to_json())
        protocol = written.protocol()
        assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)
        assert rows_of(spark.sql(f"select * from delta.`{path}` order by id")) == built
        assert naive(by_extension(path).order("id").fetchall()) == built
        arrow = written.to_pyarrow_table().sort_by("id")
        assert naive(list(zip(*(column.to_pylist() for column in arrow.columns), strict=True))) == built
    assert schemas[0] == schemas[1]


def test_a_view_of_spark_is_not_published(both, spark, tmp_path):
    spark.sql("create or replace view gold.seen as select * from gold.rich")
    view = type(RICH)(**{**RICH.__dict__, "name": "seen"})
    try:
        with ExitStack() as stack, pytest.raises(Problem, match=r"gold\.seen is not a Delta table") as raised:
            copy_table(SparkWarehouse(both, stack), tmp_path, view)
    finally:
        spark.sql("drop view gold.seen")
    assert "materialized: table" in raised.value.fix


def test_without_spark_tables(tmp_path):
    with pytest.raises(Problem, match="There are no Spark tables") as raised, open_warehouse(Home(tmp_path), SPARK):
        pass
    assert "pipeline build --engine spark" in raised.value.fix
