"""The reading side: which releases there are, which one is live, where its tables lie, and whether they are whole.

Consumers (API, dashboard, models) use `open_release` and nothing else of this project's state.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from gymhouse.artifacts import quoted
from gymhouse.console import Problem
from gymhouse.files import checksum
from gymhouse.home import Home
from warehouse.instants import without_zones

FORMATS = (PARQUET, DELTA) = ("parquet", "delta")
DELTA_LOG = "_delta_log"
MANIFEST = "manifest.json"
ID_PATTERN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
PUBLISH = "Publish one: `make run`, or `python -m release publish` after a passed gate."
ANOTHER = (
    "Make another one live: `python -m release list`, then `python -m release rollback ID`. "
    "If none is left, delete the folder of releases and publish anew."
)


@dataclass(frozen=True)
class Release:
    """One whole release: a folder with `manifest.json` and, for each table, a Parquet file or a Delta table.

    It never changes once it exists.
    """

    folder: Path

    @property
    def id(self) -> str:
        """Sortable UTC time and a short checksum of the content, `20261121T101500Z-1a2b3c4d`."""
        return self.folder.name

    @cached_property
    def manifest(self) -> dict:
        """`id`, `created_at`, `engine`, `format`, `dbt` (`invocation_id`, `version`), `gate` (counts and `rows` by
        table), and `tables`: a list of `schema`, `name`, `rows`, `bytes`, `sha256` (of the rows: the same for every
        engine and format), `key`, `columns` (each `name` and DuckDB `type`), and for Delta `files` (each `path`,
        `bytes`, `sha256`).
        """
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

    @property
    def format(self) -> str:
        """How its tables lie on disk: one of `FORMATS`."""
        return self.manifest.get("format", PARQUET)

    def table_path(self, name: str, schema: str = "gold") -> Path:
        """The Parquet file or the folder of the Delta table; raises `Problem` when the release has no such table."""
        self._entry(name, schema)
        return path_of(self.folder, schema, name, self.format)

    def data_files(self, name: str, schema: str = "gold") -> list[Path]:
        """The Parquet files that hold just the rows of a table, in the order of its key; none where it has no rows."""
        files = [self.folder / file["path"] for file in files_of(self._entry(name, schema), self.format)]
        return [path for path in files if path.parent.name != DELTA_LOG]

    def relation(
        self, connection: duckdb.DuckDBPyConnection, name: str, schema: str = "gold"
    ) -> duckdb.DuckDBPyRelation:
        """The rows of a table on `connection`, with the same columns and types in both formats: timestamps in UTC
        without a zone. Needs no extension and no network."""
        if files := self.data_files(name, schema):
            return without_zones(connection.read_parquet([str(path) for path in files]))
        columns = (f"null::{each['type']} as {quoted(each['name'])}" for each in self._entry(name, schema)["columns"])
        return connection.sql(f"select {', '.join(columns)} limit 0")

    def _entry(self, name: str, schema: str) -> dict:
        try:
            return self.tables[f"{schema}.{name}"]
        except KeyError:
            raise Problem(
                f"Release {self.id} has no table {schema}.{name}.", "`python -m release show` lists what it has."
            ) from None


def path_of(folder: Path, schema: str, name: str, file_format: str) -> Path:
    """Where a table lies within a release folder: a file for Parquet, a folder for Delta."""
    return folder / schema / (name if file_format == DELTA else f"{name}.parquet")


def files_of(entry: dict, file_format: str) -> list[dict]:
    """The files of one entry of a manifest: `path` within the release folder, `bytes`, `sha256`."""
    if file_format == DELTA:
        return entry["files"]
    path = path_of(Path(), entry["schema"], entry["name"], file_format)
    return [{"path": str(path), "bytes": entry["bytes"], "sha256": entry["sha256"]}]


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


def damage(release: Release) -> list[str]:
    """What is wrong with the files of `release`, one sentence each; empty when every checksum holds."""
    found = []
    for table in release.manifest["tables"]:
        listed = files_of(table, release.format)
        found += filter(None, (_wrong(release.folder, **file) for file in listed))
        if release.format == DELTA:
            # A commit more would show a reader other rows, while every file that we know of is sound.
            folder = path_of(release.folder, table["schema"], table["name"], DELTA)
            there = {str(path.relative_to(release.folder)) for path in folder.rglob("*") if path.is_file()}
            found += [f"{path} does not belong to it" for path in sorted(there - {file["path"] for file in listed})]
    return found


def _wrong(folder: Path, path: str, bytes: int, sha256: str) -> str | None:
    where = folder / path
    if not where.is_file():
        return f"{path} is missing"
    if where.stat().st_size != bytes:
        return f"{path} has {where.stat().st_size:,} bytes instead of {bytes:,}"
    if checksum(where) != sha256:
        return f"{path} has another checksum than the manifest says"
    return None
