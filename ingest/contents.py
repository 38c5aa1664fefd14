"""What the lake holds of one table: which files, which batches in each, what retention took. Read from the lake alone.

A batch has landed when its rows lie in a file of its own, named after it; when they lie with others in a compacted
file, whose footer names them all; or when retention took them, which a list beside the raw files remembers.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from gymhouse.home import RAW, REJECTED
from ingest.contract import Table
from ingest.footers import Facts, read_footers
from ingest.places import Folder

RETIRED = "retired"
RETIRED_AT, REJECTS_RETIRED_AT = "retired_at", "rejects_retired_at"
_COMPACTED = re.compile(r"compacted-[0-9a-f]{32}")


@dataclass(frozen=True)
class RawFile:
    """A raw file: its path below the lake, bytes, batches, and their facts if it was compacted (else see its footer).

    `twice` are those of its batches that another file, which stays, holds as well, or that retention took.
    """

    path: str
    size: int
    batches: frozenset[str]
    facts: tuple[Facts, ...] | None = field(default=None, compare=False)
    twice: frozenset[str] = frozenset()

    @property
    def day(self) -> str:
        """The date of landing, `YYYY-MM-DD`, that it lies under: that of its youngest batch."""
        return day_of(self.path)


@dataclass(frozen=True)
class Lying:
    """Where a batch is: its file (None: retention took it), the day it landed, and its facts where they are known."""

    file: str | None
    landed_on: str
    facts: Facts | None


@dataclass
class Contents:
    """What lies in `table`.

    `files` hold its rows; what is `redundant` lies in those as well and may go. `retired` are the facts, by batch, of
    what retention took of it: its rows at `retired_at`, its rejected rows at `rejects_retired_at`.
    """

    table: Table
    files: list[RawFile]
    redundant: list[RawFile] = field(default_factory=list)
    retired: dict[str, Facts] = field(default_factory=dict)

    def landed(self) -> dict[str, Lying]:
        """Every batch that has landed, and where it is."""
        found = {batch: Lying(None, _landed_on(facts), facts) for batch, facts in self.gone().items()}
        for file in self.files:
            for facts in file.facts or ({"batch": batch} for batch in file.batches):
                if facts["batch"] not in file.twice:
                    known = (_landed_on(facts), facts) if file.facts else (file.day, None)
                    found[facts["batch"]] = Lying(file.path, *known)
        return found

    def gone(self) -> dict[str, Facts]:
        """The batches whose rows retention took."""
        return {batch: facts for batch, facts in self.retired.items() if RETIRED_AT in facts}


def contents_of(root: Folder, table: Table) -> Contents:
    """What lies in `table` of the lake at `root`."""
    found = []
    for path, size in _parquet_files(root, raw_folder(table)):
        name = PurePosixPath(path).stem
        facts = _facts_of_compacted(root, path) if _COMPACTED.fullmatch(name) else None
        found.append(RawFile(path, size, frozenset(one["batch"] for one in facts or ({"batch": name},)), facts))
    contents = Contents(table, [], retired=retired_of(root, table))
    covered = set(contents.gone())
    # A compacted file holds all that it was made of; of equals the earlier stays.
    for file in sorted(found, key=lambda file: (-len(file.batches), file.path)):
        if file.batches <= covered:
            contents.redundant.append(file)
        else:
            contents.files.append(replace(file, twice=file.batches & covered))
            covered |= file.batches
    return contents


def rejects_of(root: Folder, table: Table) -> dict[str, list[str]]:
    """The batches that left rejected rows of `table`, with their files in order: one each, more only after a kill."""
    found = defaultdict(list)
    for path, _ in _parquet_files(root, rejected_folder(table)):
        found[PurePosixPath(path).stem].append(path)
    return {batch: sorted(files) for batch, files in found.items()}


def raw_folder(table: Table) -> str:
    """Where the raw files of `table` lie, below the lake."""
    return f"{RAW}/{table.source}/{table.name}"


def rejected_folder(table: Table) -> str:
    """Where the rejected rows of `table` lie, below the lake."""
    return f"{REJECTED}/{table.source}/{table.name}"


def retired_list(table: Table) -> str:
    """The file, below the lake, that remembers what retention took of `table`."""
    return f"{RETIRED}/{table.source}/{table.name}.json"


def retired_of(root: Folder, table: Table) -> dict[str, Facts]:
    """What retention took of `table`, by batch."""
    try:
        with root.open(retired_list(table)) as opened:
            return {facts["batch"]: facts for facts in json.loads(opened.read())}
    except FileNotFoundError:
        return {}


def compacted_name(digest: str) -> str:
    """The name of a compacted file whose batches, with their facts, have this `digest` of 32 hexadecimal digits."""
    return f"compacted-{digest}.parquet"


def day_of(path: str) -> str:
    """The date of landing, `YYYY-MM-DD`, that a file of the lake lies under."""
    return PurePosixPath(path).parent.name.removeprefix("landed_date=")


def placed(folder: str, day: str | date, name: str) -> str:
    """The path of a file in `folder` that lies under a date of landing."""
    return f"{folder}/landed_date={day}/{name}"


@lru_cache(maxsize=4096)
def _facts_of_compacted(root: Folder, path: str) -> tuple[Facts, ...]:
    # The name comes from these facts, so they never change.
    return read_footers(root, [path])[path].facts


def _landed_on(facts: Facts) -> str:
    return facts["landed_at"][:10]


def _parquet_files(root: Folder, folder: str) -> Iterator[tuple[str, int]]:
    for relative, size in root.below(folder).files():
        path = PurePosixPath(relative)
        if path.suffix == ".parquet" and len(path.parts) == 2 and relative.startswith("landed_date="):
            yield f"{folder}/{relative}", size
