"""A local Spark with Delta over the tables of one home, as the target `spark` of the dbt profile declares it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import yaml
from jinja2.sandbox import SandboxedEnvironment

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE, PROJECT, SPARK, Home
from jvm.jars import require_jars
from jvm.java import require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROFILE = PROJECT / "profiles" / "profiles.yml"


def require_spark(home: Home) -> None:
    """Make sure that a Spark can start in `home`: Java, jars, a metastore that nobody has open.

    Raises `Problem` with what is missing; fetches jars that are not there yet.
    """
    require_java()
    require_jars(home)
    require_free_metastore(home)


def require_free_metastore(home: Home) -> None:
    """Raise `Problem` while another process has the metastore open.

    Derby holds a lock on `dbex.lck` as long as it runs; the kernel frees it when the process ends, however it ends.
    """
    try:
        with (home.metastore / "dbex.lck").open("r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return
    except BlockingIOError:
        raise Problem(
            f"The Spark tables of {home.root} are in use by another process (it holds {home.metastore}).",
            "Wait for that build to end, or stop it: one process at a time works with the tables of a home.",
        ) from None


def spark_settings(home: Home) -> dict[str, str]:
    """What the target `spark` of the dbt profile sets, for `home`."""
    known = {**os.environ, HOME_VARIABLE: str(home.root)}
    render = SandboxedEnvironment().from_string
    profile = yaml.safe_load(PROFILE.read_text())["gymhouse"]["outputs"][SPARK]
    return {
        name: render(value).render(env_var=lambda variable, default="": known.get(variable, default))
        for name, value in profile["server_side_parameters"].items()
    }


@contextmanager
def open_spark(home: Home) -> Iterator[SparkSession]:
    """A Spark session over the tables of `home`, stopped at the end; raises `Problem` where none can start."""
    from pyspark.sql import SparkSession

    require_spark(home)
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in spark_settings(home).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
