"""dbt's parse of the project, made once a test process and lent to every home: ten seconds of each first build."""

from __future__ import annotations

import atexit
import os
import pprint
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.contracts.files import FileHash

from gymhouse.home import DUCKDB, PROJECT, Home
from pipeline.dbt import DBT, environment
from pipeline.parse_ahead import KEPT
from pipeline.step import QUIET


@cache
def parsed() -> Home:
    """A home with nothing in it but what dbt found in the project as it stands, its manifest too."""
    folder = tempfile.TemporaryDirectory(prefix="gymhouse-parsed-")
    atexit.register(folder.cleanup)
    home = Home(Path(folder.name).resolve())
    done = subprocess.run(
        [*DBT, "--quiet", "parse", "--no-partial-parse", "--target", DUCKDB],
        cwd=PROJECT,
        env={**os.environ, **QUIET, **environment(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def lend_parse(home: Home) -> None:
    """Give `home` the parse of this process, unless it has one of its own: one of a copied home is of no use to it.

    dbt takes what it kept only where the connection is the same, and knows it by a hash of all that the profile says.
    """
    kept, own = home.target_of(DUCKDB) / KEPT, _hash(home)
    if kept.exists() and own in kept.read_bytes():
        return
    content, lender = (parsed().target_of(DUCKDB) / KEPT).read_bytes(), _hash(parsed())
    assert content.count(lender) == 1, "dbt tells a connection by another hash now: look at how it makes profile_hash"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content.replace(lender, own))


def _hash(home: Home) -> bytes:
    """What dbt makes of the profile with the path of this home's warehouse."""
    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text())["gymhouse"]["outputs"][DUCKDB]
    said = {**profile, "path": str(home.warehouse)}
    connection = DuckDBCredentials.from_dict(DuckDBCredentials.translate_aliases(said))
    return FileHash.from_contents(pprint.pformat(sorted(connection.connection_info()))).checksum.encode()
