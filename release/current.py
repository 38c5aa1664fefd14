"""The reading side: which releases there are, which one is live, and where its tables lie.

Consumers (API, dashboard, models) use `open_release` and nothing else of this project's state.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.home import Home

MANIFEST = "manifest.json"
ID_PATTERN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
PUBLISH = "Publish one: `make run`, or `python -m release publish` after a passed gate."
ANOTHER = (
    "Make another one live: `python -m release list`, then `python -m release rollback ID`. "
    "If none is left, delete the folder of releases and publish anew."
)


@dataclass(frozen=True)
class Release:
    """One whole release: a folder with `manifest.json` and a Parquet file a table. Never changes once it exists."""

    folder: Path

    @property
    def id(self) -> str:
        """Sortable UTC time and a short checksum of the content, `20261121T101500Z-1a2b3c4d`."""
        return self.folder.name

    @cached_property
    def manifest(self) -> dict:
        """`id`, `created_at`, `dbt` (`invocation_id`, `version`), `gate` (counts and `rows` by table), and `tables`: a
        list of `schema`, `name`, `rows`, `bytes`, `sha256`, `key` and `columns` (each `name` and DuckDB `type`)."""
        try:
            return json.loads((self.folder / MANIFEST).read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise Problem(
                f"Release {self.id} is damaged: its {MANIFEST} cannot be read ({type(error).__name__}).",
                ANOTHER,
            ) from None

    @property
    def is_readable(self) -> bool:
        """Whether the manifest can be read; says nothing of the files beside it."""
        try:
            return bool(self.manifest)
        except Problem:
            return False

    @property
    def tables(self) -> dict[str, dict]:
        """The manifest's tables by `<schema>.<table>`."""
        return {f"{table['schema']}.{table['name']}": table for table in self.manifest["tables"]}

    def table_path(self, name: str, schema: str = "gold") -> Path:
        """The Parquet file of a table; raises `Problem` when the release has no such table."""
        if f"{schema}.{name}" not in self.tables:
            raise Problem(
                f"Release {self.id} has no table {schema}.{name}.", "`python -m release show` lists what it has."
            )
        return file_of(self.folder, schema, name)


def file_of(folder: Path, schema: str, name: str) -> Path:
    """Where a table lies within a release folder."""
    return folder / schema / f"{name}.parquet"


def releases(home: Home) -> list[Release]:
    """All whole releases, oldest first."""
    if not home.releases.is_dir():
        return []
    folders = [path for path in home.releases.iterdir() if ID_PATTERN.fullmatch(path.name)]
    return [Release(path) for path in sorted(folders) if (path / MANIFEST).is_file()]


def live_id(home: Home) -> str | None:
    """The id that CURRENT names, or None before the first publish."""
    try:
        return home.current.read_text().strip()
    except FileNotFoundError:
        return None


def find_release(home: Home, release_id: str) -> Release:
    """The release of that id; raises `Problem` when it is not there."""
    for release in releases(home):
        if release.id == release_id:
            return release
    raise Problem(
        f"There is no release {release_id} in {home.releases}.", "`python -m release list` shows what there is."
    )


def open_release(home: Home) -> Release:
    """The live release; raises `Problem` when there is none or CURRENT names one that is gone."""
    live = live_id(home)
    if live is None:
        raise Problem(f"Nothing is published in {home.releases}.", PUBLISH)
    try:
        return find_release(home, live)
    except Problem:
        raise Problem(
            f"{home.current} names the release {live}, which is not there.",
            ANOTHER,
        ) from None


def live_rows(home: Home) -> dict[str, int]:
    """Rows by `<schema>.<table>` as the gate of the live release counted them; empty without a live release.

    The gate counts every layer, so tables that are not published are in it too.
    """
    if live_id(home) is None:
        return {}
    release = open_release(home)
    return release.manifest["gate"]["rows"] | {name: table["rows"] for name, table in release.tables.items()}
