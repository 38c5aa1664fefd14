"""A change of the project that would spoil a published table is stopped, and what was live stays live."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from houses import SAMPLES, House, copy_of_project, make_house


@dataclass(frozen=True)
class Defect:
    """`file`: the file to change; `old` becomes `new` in it; `named`: what must be said of it.

    `built`: the one table that dbt builds then, which is enough for a defect that a table's own tests find. Without it
    the whole pipeline runs.
    """

    file: str
    old: str
    new: str
    named: tuple[str, ...]
    built: str | None = None


DEFECTS = {
    "duplicate key": Defect(
        "models/marts/core/dim_device.sql",
        "from devices",
        "from devices\ncross join (select 1 as copy union all select 2) as copies",
        ("table_rules_dim_device_", "device_key="),
        built="dim_device",
    ),
    "broken relation": Defect(
        "models/marts/training/fct_workout.sql",
        "{{ member_key('placed.member_id') }} as member_key",
        "'nobody' as member_key",
        ("relationships_fct_workout_member_key", "dim_member"),
        built="fct_workout",
    ),
    "value out of range": Defect(
        "models/marts/training/fct_workout.sql",
        "placed.stopped_at') }} as double) / 60 as minutes_exercising",
        "placed.stopped_at') }} as double) as minutes_exercising",
        ("table_rules_fct_workout_", "workout_key", " is above "),
        built="fct_workout",
    ),
    # Rows that passed a test of their day before are tested again.
    "stricter rule": Defect(
        "models/intermediate/access/_access__models.yml",
        "- name: login_epoch\n        data_type: bigint\n",
        "- name: login_epoch\n        data_type: bigint\n        config: {meta: {highest: 0}}\n",
        ("table_rules_int_gym_logins_judged_", "login_epoch", "is above 0"),
        built="int_gym_logins_judged",
    ),
    "schema drift": Defect(
        "models/marts/core/dim_location.sql",
        "    is_unmapped,\n",
        "    is_unmapped,\n    gym_id + 1 as next_gym_id,\n",
        ("dim_location", "enforced contract: next_gym_id (missing in contract)"),
        built="dim_location",
    ),
    "volume drop": Defect(
        "models/marts/wellness/fact_daily.sql",
        "from energy",
        "from energy\nwhere activity_date < cast('2023-04-02' as date)",
        ("fact_daily", "live release"),
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, to be changed."""
    return copy_of_project(tmp_path_factory.mktemp("project") / "gymhouse")


@pytest.fixture(scope="module")
def released(project: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    house = make_house(tmp_path_factory.mktemp("released") / "home")
    house = House(house.home, project)
    house.run("ingest", "files", "--drops", str(SAMPLES / "sbit"))
    house.run("pipeline", "run", "--drops", str(SAMPLES / "fitness_tracker"))
    return house


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_planted_defect_is_stopped(released: House, defect: Defect):
    before = released.live()
    file = released.project / defect.file
    sound = file.read_text()
    assert defect.old in sound
    file.write_text(sound.replace(defect.old, defect.new))
    try:
        said = what_is_said_of(released, defect)
    finally:
        file.write_text(sound)
    assert [name for name in defect.named if name not in said] == [], said
    assert released.live() == before
    released.run("release", "verify")


def what_is_said_of(released: House, defect: Defect) -> str:
    """What the failing command says."""
    if defect.built:
        released.dbt("build", "--select", defect.built, "--exclude-resource-type", "unit_test", expect=1)
        return released.run("quality", "failures", expect=1).stdout
    done = released.run("pipeline", "run", "--drops", str(SAMPLES / "sbit"), expect=1)
    assert f"Release {released.live()} stays live." in done.stdout
    return done.stdout


def test_without_the_defect_the_run_passes_again(released: House):
    before = released.live()
    done = released.run("pipeline", "run", "--drops", str(SAMPLES / "sbit"))
    assert "Nothing new" in done.stdout + done.stderr
    assert released.live() == before
