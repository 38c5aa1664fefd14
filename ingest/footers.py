"""What landing writes into the footers of its files: the facts of every batch whose rows lie there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.places import Folder
from ingest.sql import quoted

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

# Facts of a batch, all as text: source_file, batch, landed_at, rows_read, rows_landed, rows_rejected.
Facts = dict[str, str]

_PREFIX = "gymhouse."
# Where several batches share a file, their facts are one JSON list.
_SEVERAL = f"{_PREFIX}batches"
# Stores answer slowly, but many questions at once.
_QUESTIONS = 16


@dataclass(frozen=True)
class Footer:
    """What a raw file says of itself: the facts of its batches, and its columns with their types."""

    facts: tuple[Facts, ...]
    columns: tuple[tuple[str, str], ...]


def of_one(facts: Facts) -> str:
    """The footer of a file with the rows of one batch, as an option of DuckDB's COPY."""
    return _option({_PREFIX + key: value for key, value in facts.items()})


def of_several(facts: Iterable[Facts]) -> str:
    """The footer of a file with the rows of several batches, as an option of DuckDB's COPY."""
    return _option({_SEVERAL: json.dumps(list(facts), ensure_ascii=False, separators=(",", ":"))})


def read_footers(root: Folder, files: Iterable[str]) -> dict[str, Footer]:
    """The footers of `files` below `root`."""
    files = list(files)
    if not files:
        return {}
    from pyarrow.parquet import read_metadata

    def read(file: str) -> Footer:
        with root.open(file) as opened:
            return _footer(read_metadata(opened))

    with ThreadPoolExecutor(_QUESTIONS) as pool:
        return dict(zip(files, pool.map(read, files), strict=True))


def _footer(metadata: FileMetaData) -> Footer:
    said = {key.decode(): value.decode() for key, value in (metadata.metadata or {}).items()}
    if _SEVERAL in said:
        facts = tuple(json.loads(said[_SEVERAL]))
    else:
        facts = ({key.removeprefix(_PREFIX): value for key, value in said.items() if key.startswith(_PREFIX)},)
    return Footer(facts, tuple((field.name, str(field.type)) for field in metadata.schema.to_arrow_schema()))


def _option(metadata: dict[str, str]) -> str:
    return f"KV_METADATA {{{', '.join(f'{quoted(key)}: {quoted(value)}' for key, value in metadata.items())}}}"
