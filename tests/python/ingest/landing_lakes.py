"""Lakes for tests, and small contracts to land by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pyarrow.parquet as pq

from gymhouse.home import PROJECT, Home
from ingest.contract import Column, Drop, Envelope, Table, read_contract
from ingest.places import folder_of
from ingest.run import Outcome, land_drops


def columns(**types: str) -> tuple[Column, ...]:
    """Columns by name and type."""
    return tuple(Column(name, kind, (name,)) for name, kind in types.items())


def table(name: str, *drops: Drop, key: Iterable[str], cols: tuple[Column, ...], source: str = "s") -> Table:
    """A raw table of the source `s`."""
    return Table(source, name, cols, tuple(key), drops)


def message(topic: str) -> Envelope:
    """The envelope of a topic that several tables share."""
    return Envelope("value", ("key", "value", "topic", "offset"), (("topic", topic),))


NOTES = table("notes", Drop(("notes*",), "csv"), key=["id"], cols=columns(id="string", text="string", number="bigint"))
EVENTS = table(
    "events", Drop(("events*",), "json"), key=["id"], cols=columns(id="bigint", text="string", value="double")
)
READINGS = table(
    "readings",
    Drop(("topic*",), "json", message("reading")),
    key=["id"],
    cols=(*columns(id="bigint", value="double"), Column("place", "bigint", ("envelope", "offset"))),
)
PEOPLE = table(
    "people",
    Drop(("topic*",), "json", message("person")),
    key=["id"],
    cols=(*columns(id="bigint", name="string"), Column("city", "string", ("address", "city"))),
)
BULK = table(
    "bulk",
    Drop(("bulk*",), "parquet"),
    key=["id"],
    cols=columns(id="bigint", text="string", value="double", day="date", at="timestamp", yes="boolean"),
)
LEDGER = [one for one in read_contract(PROJECT / "models") if one.written_by]
TABLES = [BULK, EVENTS, NOTES, PEOPLE, READINGS, *LEDGER]


@dataclass
class LakeOfTest:
    """A home with its drop folder; `land` lands what lies there."""

    home: Home
    drops: Path
    tables: list[Table]

    def drop(self, name: str, content: str | bytes) -> Path:
        """Lay a file into the drop folder."""
        path = self.drops / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, **options) -> Outcome:
        """Land the drop folder."""
        return land_drops(self.home, self.tables, options.pop("drops", self.drops), **options)

    def rows(self, label: str, select: str = "* EXCLUDE (_source, _landed_at, _batch, _rescued, _row)") -> list[tuple]:
        """Landed rows of `table`, in the order of file and row."""
        return self._read(self.home.raw, label, select)

    def rejects(self, label: str, select: str = "_column, _reason, _text, _row") -> list[tuple]:
        """Rejected rows of `table`, in the order of file and row."""
        return self._read(self.home.rejected, label, select)

    def content(self) -> list[tuple]:
        """All that the lake says, but for the time of landing: to compare two lakes."""
        found = []
        for folder in (self.home.raw, self.home.rejected):
            for place in sorted(folder.glob("*/*")):
                label = f"{place.parent.name}.{place.name}"
                times = "COLUMNS(c -> c NOT IN ('_landed_at', 'landed_at', '_source', 'source_file'))"
                order = "ORDER BY ALL"
                found += [(folder.name, label, *row) for row in self._read(folder, label, times, order)]
        return found

    def files(self) -> list[str]:
        """Every file of the home, but for the lock."""
        every = (path for path in self.home.root.rglob("*") if path.is_file() and path.name != ".landing.lock")
        return sorted(path.relative_to(self.home.root).as_posix() for path in every)

    def _read(self, folder: Path, label: str, select: str, order: str = "ORDER BY _source, _row") -> list[tuple]:
        source, name = label.split(".")
        pattern = folder / source / name / "*" / "*.parquet"
        if not list(folder.glob(f"{source}/{name}/*/*.parquet")):
            return []
        return duckdb.sql(
            f"SELECT {select} FROM read_parquet('{pattern}', hive_partitioning = false) {order}"
        ).fetchall()


def told_by_files(lake: Path) -> dict[str, tuple]:
    """All that the files of a lake hold, by their paths: schema, rows in their order, what landing wrote in the footer.

    Two lakes that landed at one time are equal when this is.
    """
    told = {}
    for path in sorted([*lake.glob("raw/**/*.parquet"), *lake.glob("rejected/**/*.parquet")]):
        opened = pq.ParquetFile(path)
        said = {k: v for k, v in (opened.metadata.metadata or {}).items() if k.startswith(b"gymhouse.")}
        schema = [(field.name, str(field.type)) for field in opened.schema_arrow]
        told[path.relative_to(lake).as_posix()] = (schema, opened.read().to_pylist(), said)
    return told


def require_whole_files(home: Home) -> None:
    """Where builds read there is nothing but whole Parquet files: Spark reads files of any name, DuckDB of this."""
    for folder in (home.raw, home.rejected):
        for path in (path for path in folder.rglob("*") if path.is_file()):
            assert path.suffix == ".parquet"
            pq.read_metadata(path)


def fetched(lake: str, folder: Path) -> Path:
    """A copy of a stored lake in a new folder below `folder`."""
    copy = Path(mkdtemp(dir=folder))
    stored = folder_of(lake)
    for relative, _ in stored.files():
        (copy / relative).parent.mkdir(parents=True, exist_ok=True)
        stored.bring(relative, copy).rename(copy / relative)
    return copy


def make_lake(folder: Path, tables: list[Table] | None = None) -> LakeOfTest:
    """A lake in `folder` that lands by `tables`."""
    drops = folder / "drops"
    drops.mkdir(parents=True)
    return LakeOfTest(Home(folder / "home"), drops, tables or TABLES)
