"""A local Spark with Delta over the tables of one home, as the target `spark` of the dbt profile declares it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from jinja2.sandbox import SandboxedEnvironment

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE, PROJECT, SPARK, Home
from gymhouse.processes import described, lock_holder
from jvm.jars import require_jars
from jvm.java import require_java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROFILE = PROJECT / "profiles" / "profiles.yml"
ENDING_SECONDS = 10
POLL_SECONDS = 0.1


def require_spark(home: Home) -> None:
    """Make sure that a Spark can start in `home`: Java, jars, a metastore that nobody has open.

    Raises `Problem` with what is missing; fetches jars that are not there yet.
    """
    require_java()
    require_jars(home)
    require_free_metastore(home)


def require_free_metastore(home: Home) -> None:
    """Raise `Problem` while another process has the metastore open.

    Derby holds a lock on `dbex.lck` as long as it runs; the kernel frees it when the process ends, however it ends. A
    JVM ends some moments after the Python that started it: it is waited for.
    """
    patience = time.monotonic() + ENDING_SECONDS
    while (pid := lock_holder(home.metastore / "dbex.lck")) is not None:
        if time.monotonic() < patience:
            time.sleep(POLL_SECONDS)
            continue
        raise Problem(
            f"The Spark tables of {home.root} are open elsewhere: {described(pid)} holds {home.metastore}.",
            "Wait for that build to end, or stop it: one process at a time works with the tables of a home.",
        )


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
def open_spark(home: Home, tables: bool = True) -> Iterator[SparkSession]:
    """A Spark session over the tables of `home`, stopped at the end; raises `Problem` where none can start.

    Without `tables` it is for files alone, and leaves the metastore to whoever builds meanwhile.
    What the JVM says beside its results goes to `<home>/logs/spark.log`.
    """
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    if tables:
        require_spark(home)
        builder = builder.enableHiveSupport()
    else:
        require_java()
        require_jars(home)
    # Python in Spark's tasks is this Python and finds this project, wherever the command was started.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH")]))
    for name, value in spark_settings(home).items():
        builder = builder.config(name, value)
    interrupt = signal.getsignal(signal.SIGINT)
    with _stderr_to(home.root / "logs" / "spark.log"):
        session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()
        # PySpark takes Ctrl-C for itself, and would still ask the stopped session to cancel its jobs.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, interrupt)


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Give what is started meanwhile the end of `log` as its standard error, as long as it lives."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    own = os.dup(2)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
