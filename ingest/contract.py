"""The landing contract: what each source table looks like and which dropped files hold it.

It is read from the source files of the dbt project (`models/staging/*/_*__sources.yml`), the same YAML that dbt
reads, so that a table is declared once. Beyond what dbt knows, landing reads under `config.meta`:

of a table   `drops` (list of `{files: [globs], format, envelope?}`), `key` (columns every row must fill), or
             `written_by` (another step writes the table; nothing is dropped for it), `event_time` (the column that
             says when a row happened), `retention` (how long rows stay in the lake) and `retirable` (they may go)
of a column  `path` (where the value lies in a JSON record; default: the column's name; `envelope.<field>` for a field
             of the envelope), `formats` (strptime formats of a date or timestamp, tried in order), `hmac_of` (not in
             the file: the keyed hash of this other column)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import yaml

from gymhouse.console import Problem
from ingest.sql import quoted

TYPES = ("string", "bigint", "double", "boolean", "date", "timestamp")
MOST_DIGITS = 38
_DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
FORMATS = ("csv", "json", "parquet")
ENVELOPE = "envelope"
# The loader in C where there is one: ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Column:
    """One column of a raw table. `path` leads to its value in a JSON record; `hmac_of` is hashed to compute it."""

    name: str
    type: str
    path: tuple[str, ...]
    formats: tuple[str, ...] = ()
    hmac_of: str | None = None

    @property
    def digits(self) -> tuple[int, int] | None:
        """Of a decimal: how many digits it has, and how many of them after the point. None for other types."""
        found = _DECIMAL.fullmatch(self.type)
        return (int(found[1]), int(found[2])) if found else None

    @property
    def envelope_field(self) -> str | None:
        """The envelope's field that holds the value; None when it lies in the payload."""
        return self.path[1] if self.path[0] == ENVELOPE else None


@dataclass(frozen=True)
class Envelope:
    """A message around the row: `payload` names the field that holds it, `where` the fields that route it here."""

    payload: str
    fields: tuple[str, ...]
    where: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Drop:
    """One way a table is dropped: globs over the file's name without its ending, and the format."""

    files: tuple[str, ...]
    format: str
    envelope: Envelope | None = None


@dataclass(frozen=True)
class Retention:
    """For how many days from landing rows, and rejected rows, stay in the lake; None: for ever."""

    raw_days: int | None = None
    rejected_days: int | None = None


@dataclass(frozen=True)
class Table:
    """One raw table of a source."""

    source: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    drops: tuple[Drop, ...]
    written_by: str | None = None
    retention: Retention = Retention()

    @property
    def dropped(self) -> tuple[Column, ...]:
        """The columns that files may hold; landing computes the others."""
        return tuple(column for column in self.columns if not column.hmac_of)

    @property
    def hashes(self) -> bool:
        """Whether landing needs the secret of the keyed hash for it."""
        return any(column.hmac_of for column in self.columns)

    @property
    def label(self) -> str:
        """The name people read: `source.table`."""
        return f"{self.source}.{self.name}"


def read_contract(models: Path) -> list[Table]:
    """All raw tables that the source files under `models` declare, sorted by source and name.

    Raises `Problem` with every fault of the contract at once.
    """
    faults: list[str] = []
    tables: list[Table] = []
    for path in sorted(models.glob("staging/*/_*__sources.yml")):
        try:
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
        except yaml.YAMLError as error:
            faults.append(f"{path.name}: not valid YAML ({' '.join(str(error).split())})")
            continue
        for source in document.get("sources") or []:
            for declared in source.get("tables") or []:
                where = f"{path.name}: {source.get('name')}.{declared.get('name')}"
                tables.append(
                    _table(source["name"], declared, lambda fault, where=where: faults.append(f"{where}: {fault}"))
                )
    labels = [table.label for table in tables]
    faults += [f"{label} is declared twice" for label in sorted({one for one in labels if labels.count(one) > 1})]
    if faults:
        raise Problem(
            "The landing contract is wrong:\n" + "\n".join(f"  {fault}" for fault in faults),
            "Correct the source files named above (docs/landing.md tells what they may hold).",
        )
    if not tables:
        raise Problem(
            f"No source file declares a table: looked for staging/*/_*__sources.yml in {models}.",
            "Run the command in the project, or declare a source (docs/landing.md).",
        )
    return sorted(tables, key=lambda table: (table.source, table.name))


def _table(source: str, declared: dict, fault) -> Table:
    meta = _meta(declared)
    columns = tuple(_column(column, fault) for column in declared.get("columns") or [])
    names = [column.name for column in columns]
    key = tuple(meta.get("key") or ())
    written_by = meta.get("written_by")
    drops = tuple(_drop(drop, fault) for drop in meta.get("drops") or [])
    if not columns:
        fault("declares no columns")
    for name in sorted({name for name in names if [n.lower() for n in names].count(name.lower()) > 1}):
        fault(f"column {name} is declared twice")
    if not written_by:
        for name in (name for name in names if name.startswith("_")):
            fault(f"column {name}: names that begin with _ belong to landing")
        for name in (name for name in key if name not in names):
            fault(f"key names {name}, which is not a column")
        _check_hashes(declared, columns, key, fault)
        if not key:
            fault("config.meta.key is missing: name the columns that every row must fill")
        if not drops:
            fault("config.meta.drops is missing: say which files hold the table (or written_by, if no file does)")
    envelopes = [drop.envelope for drop in drops if drop.envelope]
    for column in (column for column in columns if column.envelope_field):
        if not any(column.envelope_field in envelope.fields for envelope in envelopes):
            fault(f"column {column.name}: path {'.'.join(column.path)} names no field of an envelope")
    return Table(source, declared["name"], columns, key, drops, written_by, _retention(meta, fault))


def _check_hashes(declared: dict, columns: tuple[Column, ...], key: tuple[str, ...], fault) -> None:
    personal = {one.get("name") for one in declared.get("columns") or [] if "pii" in _tags(one)}
    texts = {column.name for column in columns if column.type == "string" and not column.hmac_of}
    for column in (column for column in columns if column.hmac_of):
        told = f"column {column.name}: hmac_of {column.hmac_of}"
        if column.hmac_of not in texts:
            fault(f"{told} must name a column of the table that is a string out of the file")
        elif column.hmac_of not in personal:
            fault(f"{told} must name a column with the tag pii; other columns need no hash")
        if column.type != "string" or len(column.path) > 1 or column.path[0] != column.name:
            fault(f"{told}: a hash is a string, and has no path")
        if column.name in key:
            fault(f"{told}: a hash cannot be in the key, which says what a file must hold")


def _retention(meta: dict, fault) -> Retention:
    declared = meta.get("retention") or {}
    days = [one.name for one in fields(Retention)]
    if not isinstance(declared, dict) or set(declared) - set(days):
        fault(f"retention takes {' and '.join(days)}, each a number of days")
        return Retention()
    for name, value in declared.items():
        if type(value) is not int or value < 1:
            fault(f"retention.{name} is {value}; it must be a number of days, 1 or more")
    if declared and meta.get("written_by"):
        fault("retention is for tables that are dropped, not for those that another step writes")
    elif "raw_days" in declared and not (meta.get("retirable") is True and meta.get("event_time")):
        fault(
            "retention.raw_days needs retirable: true and an event_time. Declare so only if no model needs a row once"
            " its day is built; rows that are folded over all time (changes, registrations) must stay for ever"
        )
    return Retention(**declared)


def _column(declared: dict, fault) -> Column:
    name, kind, meta = declared.get("name"), declared.get("data_type"), _meta(declared)
    formats = tuple(meta.get("formats") or ())
    path = tuple(str(meta.get("path") or name).split(".")) if meta.get("path") else (str(name),)
    column = Column(str(name), str(kind), path, formats, meta.get("hmac_of"))
    if column.digits and not max(1, column.digits[1]) <= column.digits[0] <= MOST_DIGITS:
        fault(f"column {name}: data_type {kind} must have 1 to {MOST_DIGITS} digits, no more of them after the point")
    elif not column.digits and kind not in TYPES:
        fault(f"column {name}: data_type {kind} is unknown; use one of {', '.join(TYPES)}, decimal(p, s)")
    if formats and kind not in ("date", "timestamp"):
        fault(f"column {name}: formats are for dates and timestamps, not for {kind}")
    for one in formats:
        if not _readable(one):
            fault(f"column {name}: format {one} cannot be read; write it as strptime does")
    if path[0] == ENVELOPE and len(path) != 2:
        fault(f"column {name}: path {'.'.join(path)} must be {ENVELOPE}.<field>")
    return column


def _readable(strptime_format: str) -> bool:
    try:
        duckdb.execute(f"SELECT try_strptime('', {quoted(strptime_format)})")
    except duckdb.Error:
        return False
    return True


def _drop(declared: dict, fault) -> Drop:
    files, kind, envelope = declared.get("files"), declared.get("format"), declared.get("envelope")
    if not isinstance(files, list) or not files:
        fault("a drop needs files: a list of patterns")
        files = []
    if kind not in FORMATS:
        fault(f"a drop's format {kind} is unknown; use one of {', '.join(FORMATS)}")
    if unknown := sorted(set(declared) - {"files", "format", "envelope"}):
        fault(f"a drop has the unknown setting {', '.join(unknown)}")
    if envelope is not None and kind != "json":
        fault("only a json drop can have an envelope")
    return Drop(tuple(map(str, files)), str(kind), _envelope(envelope, fault) if envelope else None)


def _envelope(declared: dict, fault) -> Envelope:
    payload, fields = declared.get("payload"), tuple(declared.get("fields") or ())
    where = declared.get("where") or {}
    for name in [payload, *where]:
        if name not in fields:
            fault(f"envelope: {name} is not among its fields")
    return Envelope(str(payload), fields, tuple((str(name), str(value)) for name, value in where.items()))


def _tags(declared: dict) -> list[str]:
    tags = (declared.get("config") or {}).get("tags") or []
    return [tags] if isinstance(tags, str) else tags


def _meta(declared: dict) -> dict:
    return (declared.get("config") or {}).get("meta") or {}
