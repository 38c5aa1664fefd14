"""A run that finds all as a former run left it builds nothing; whatever changed, the next run builds."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
from houses import SAMPLES, House, copy_of_project

from gymhouse.artifacts import load_build
from gymhouse.home import DUCKDB, PROJECT, Home
from pipeline import settled
from pipeline.history import history
from pipeline.plan import Options
from pipeline.settled import NO_NOTE, Settled, foundation, take_note, what_is_new
from warehouse import warehouse_state

SBIT = SAMPLES / "sbit"
MAKING = ["build", "gate", "publish"]


def run(house: House, *options: str, expect: int = 0, drops: Path = SBIT) -> str:
    return house.run("pipeline", "run", "--drops", str(drops), *options, expect=expect).stdout


def steps(house: House) -> dict[str, str]:
    """How the steps of the newest run ended, by name."""
    return {step["name"]: step["status"] for step in history(house.home)[0]["detail"]["steps"]}


@pytest.fixture(scope="module")
def published(module_house: House) -> House:
    """A home with a published run."""
    run(module_house)
    return module_house


def test_nothing_new_builds_nothing_and_says_so(published):
    first, live = history(published.home)[0]["run_id"], published.live()
    warehouse = warehouse_state(published.home)
    for _ in range(2):  # what landed of the run before, its report, is no reason either
        said = run(published)
        report = history(published.home)[0]
        assert [steps(published)[name] for name in MAKING] == ["skipped"] * 3
        assert steps(published)["land"] == steps(published)["history"] == "done"
        assert (report["status"], report["release_id"]) == ("unchanged", None)
        assert report["detail"]["unchanged_since"] == first
        assert said.count(f"nothing is new since run {first}") == 3
        assert f"Nothing new: release {live} stays live" in said
        page = (published.home.runs / report["run_id"] / "report.html").read_text()
        assert "skipped: nothing is new" in page
        assert "dbt tests: nothing to judge" in page
        assert "dbt tests passed" not in page
    assert warehouse_state(published.home) == warehouse
    assert published.live() == live
    landed = published.home.raw / "operations" / "runs"
    assert len(list(landed.rglob("*.parquet"))) == 2, "the reports landed, for the next build"


def test_forced_run_builds(published):
    run(published, "--force")
    assert [steps(published)[name] for name in MAKING] == ["done"] * 3
    assert history(published.home)[0]["detail"]["built_because"] == ["it was asked for"]
    runs = published.query("select status from gold.pipeline_run order by started_at")
    assert runs == [("published",), ("unchanged",), ("unchanged",)], "a skipped run gets into the record of runs"
    run(published)
    assert [steps(published)[name] for name in MAKING] == ["skipped"] * 3


def test_making_the_docs_is_no_build(published):
    """What the build told stays: its times, its tests, and that nothing is new since."""
    told = load_build(published.home)
    subprocess.run(["make", "docs", f"GYMHOUSE_HOME={published.home.root}"], cwd=PROJECT, check=True)
    assert (published.home.root / "docs" / "static_index.html").stat().st_size > 1_000_000
    assert load_build(published.home) == told
    run(published)
    assert [steps(published)[name] for name in MAKING] == ["skipped"] * 3


@dataclass
class Copy:
    """A published home with its note, to be changed; `new` says what the next run finds new."""

    home: Home
    note: Settled
    project: Path
    options: Options

    def new(self, **options) -> list[str]:
        wanted = replace(self.options, **options)
        return what_is_new(self.home, wanted, self.note, foundation(self.home, wanted))


@pytest.fixture
def copy(published, tmp_path, monkeypatch) -> Copy:
    """The published home and the project once more, with a note that knows where they lie now."""
    home = Home(tmp_path / "home")
    shutil.copytree(published.home.root, home.root)
    project = copy_of_project(tmp_path / "project")
    monkeypatch.setattr(settled, "PROJECT", project)
    monkeypatch.setattr(settled, "NOT_READ", (project / "tests" / "python",))
    options = Options(SBIT)
    note = replace(take_note(home, DUCKDB), foundation=foundation(home, options))
    return Copy(home, note, project, options)


def edit(name: str) -> Callable[[Copy], None]:
    """Add a line to a file of the project."""

    def change(copy: Copy) -> None:
        path = copy.project / name
        path.write_text(path.read_text() + "\n")

    return change


def first(folder: Path) -> Path:
    return sorted(path for path in folder.rglob("*.parquet"))[0]


def land_another_file(copy: Copy) -> None:
    landed = first(copy.home.raw / "access")
    shutil.copy(landed, landed.with_name("another.parquet"))


def reject_a_row(copy: Copy) -> None:
    path = copy.home.rejected / "access" / "gym_logins" / "landed_date=2026-01-01" / "batch.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"rows")


def write_to_the_warehouse(copy: Copy) -> None:
    with duckdb.connect(str(copy.home.warehouse)) as connection:
        connection.execute("create table gold.of_an_analyst as select 1 as one")


def damage_the_release(copy: Copy) -> None:
    path = first(copy.home.releases / copy.note.release_id)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"!")


def another_verdict(copy: Copy) -> None:
    path = copy.home.verdict_of(DUCKDB)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"invocation_id": "another"}))


CHANGES = {
    "model": (edit("models/marts/training/gym_summary.sql"), "the project changed"),
    "macro": (edit("macros/rules/age_in_years.sql"), "the project changed"),
    "description": (edit("models/marts/training/_training__models.yml"), "the project changed"),
    "dbt_project": (edit("dbt_project.yml"), "the project changed"),
    "profile": (edit("profiles/profiles.yml"), "the project changed"),
    "contract": (
        lambda copy: (copy.project / "quality" / "contracts" / "gold" / "of_mine.yml").write_text("checks: []\n"),
        "the project changed",
    ),
    "program": (edit("release/copy.py"), "the project changed"),
    "file gone": (lambda copy: (copy.project / "macros/rules/age_in_years.sql").unlink(), "the project changed"),
    "batch": (land_another_file, "the lake changed"),
    "batch gone": (lambda copy: first(copy.home.raw / "access").unlink(), "the lake changed"),
    "rejects": (reject_a_row, "the lake changed"),
    "warehouse": (write_to_the_warehouse, "the warehouse changed"),
    "warehouse gone": (lambda copy: copy.home.warehouse.unlink(), "the warehouse changed"),
    "killed writer": (lambda copy: copy.home.warehouse_log.write_bytes(b"log"), "the warehouse changed"),
    "artifacts gone": (
        lambda copy: shutil.rmtree(copy.home.target),
        "what dbt and the gate told of the build is gone",
    ),
    "another verdict": (another_verdict, "what dbt and the gate told of the build is gone"),
    "release gone": (
        lambda copy: shutil.rmtree(copy.home.releases / copy.note.release_id),
        "the live release is damaged",
    ),
    "release damaged": (damage_the_release, "the live release is damaged"),
    "rolled back": (
        lambda copy: copy.home.current.write_text("20260101T000000Z-00000000\n"),
        "another release is live",
    ),
    "nothing live": (lambda copy: copy.home.current.unlink(), "another release is live"),
}


def test_unchanged_copy_has_nothing_new(copy):
    assert copy.new() == []


@pytest.mark.parametrize("what", CHANGES)
def test_each_change_is_a_reason_to_build(copy, what):
    change, reason = CHANGES[what]
    change(copy)
    assert copy.new() == [reason]


def test_what_no_build_reads_is_no_reason(copy):
    edit("README.md")(copy)
    edit("tests/python/houses.py")(copy)
    (copy.home.raw / "operations" / "runs" / "more").mkdir(parents=True)
    (copy.home.raw / "operations" / "runs" / "more" / "run.parquet").write_bytes(b"rows")
    for path in copy.home.raw.rglob("*.parquet"):
        path.touch()
    assert copy.new() == []


def test_full_refresh_is_never_skipped(copy):
    assert copy.new(full_refresh=True) == ["it was asked for"]


@pytest.mark.parametrize(
    "options",
    [{"keep": 3}, {"release_format": "delta"}, {"accept_volume_drop": True}],
    ids=lambda options: next(iter(options)),
)
def test_other_options_are_a_reason(copy, options):
    assert copy.new(**options) == ["the options changed"]


def test_environment_and_packages_are_reasons(copy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("DBT_ENV_SECRET_WORD", "new")
        assert copy.new() == ["the environment changed"]
    monkeypatch.setattr(settled, "_packages", lambda: ["duckdb-2.0"])
    assert copy.new() == ["the installed packages changed"]


def test_home_that_was_moved_builds(published, tmp_path):
    home = Home(tmp_path / "home")
    shutil.copytree(published.home.root, home.root)
    assert what_is_new(home, Options(SBIT), take_note(home, DUCKDB), foundation(home, Options(SBIT))) == [
        "the environment changed"
    ]


def test_unreadable_note_counts_as_none(published, tmp_path):
    home = Home(tmp_path)
    home.settled_of(DUCKDB).parent.mkdir()
    for text in ("", "{", "[]", '{"run_id": "x"}', '{"run_id": "x", "more": 1}'):
        home.settled_of(DUCKDB).write_text(text)
        assert take_note(home, DUCKDB) is None
        assert not home.settled_of(DUCKDB).exists()
    assert what_is_new(home, Options(SBIT), None, {}) == [NO_NOTE]


def test_failed_run_makes_the_next_one_build(published, tmp_path):
    (tmp_path / "strange.csv").write_text("a,b\n1,2\n")
    run(published, drops=tmp_path, expect=1)
    run(published, drops=SAMPLES / "fitness_tracker")
    report = history(published.home)[0]
    assert (report["status"], report["detail"]["built_because"]) == ("published", [NO_NOTE])
    published.run("release", "rollback")
    assert take_note(published.home, DUCKDB).release_id != published.live()
