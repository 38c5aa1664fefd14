"""Plain dbt at the root and the pipeline read one lake, however the home is named."""

from __future__ import annotations

import os
from pathlib import Path

from houses import SAMPLES, copy_of_project, make_house

from gymhouse.home import HOME_VARIABLE, PROJECT


def test_a_home_named_relative_to_the_project_is_read(tmp_path: Path):
    house = make_house(tmp_path / "home")
    house.run("ingest", "files", "--drops", str(SAMPLES / "sbit"))
    relative = os.path.relpath(house.home.root, PROJECT)
    house.dbt("run", "--select", "stg_access__gym_logins", **{HOME_VARIABLE: relative})
    assert house.query("select count(*) from bronze.stg_access__gym_logins") == [(8,)]


def test_without_a_named_home_it_is_var(tmp_path: Path):
    """As an analyst types it: a clone, a lake in `var/`, and `dbt` without flags or variables."""
    clone = copy_of_project(tmp_path / "clone")
    house = make_house(clone / "var")
    house.run("ingest", "files", "--drops", str(SAMPLES / "sbit"))
    analyst = type(house)(house.home, clone)
    analyst.dbt("run", "--select", "stg_access__gym_logins", unset=(HOME_VARIABLE, "DBT_TARGET_PATH", "DBT_LOG_PATH"))
    assert house.query("select count(*) from bronze.stg_access__gym_logins") == [(8,)]
