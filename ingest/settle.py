"""Leave the lake as its readers expect it: every batch in one place, nothing cut short, the ledger up to date."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import duckdb

from gymhouse.home import UNSETTLED
from ingest.contents import REJECTS_RETIRED_AT, Contents, contents_of, day_of, rejects_of
from ingest.contract import Table
from ingest.lake import ASIDE, Lake, now
from ingest.ledger import write_ledger


def unsettle(lake: Lake, scratch: Path, command: str) -> None:
    """Mark the lake: from here on rows may lie in it twice, or lie there no more while the ledger says they do."""
    written = scratch / UNSETTLED
    written.write_text(json.dumps({"command": command, "since": now().isoformat()}) + "\n")
    lake.root.commit(written, UNSETTLED, ASIDE)


def settle(
    connection: duckdb.DuckDBPyConnection, scratch: Path, lake: Lake, tables: list[Table], alone: bool = True
) -> None:
    """Delete what readers must not see, and bring the ledger up to date.

    That is: files whose batches all lie in another one that stays, as a killed compaction leaves them, or two landings
    at once in a store that cannot be held; files of batches that retention took; rejected rows of landings that never
    came to their end. `alone`: nobody else is at work in the lake, so that it is settled for its readers, too.
    """
    write_ledger(connection, scratch, lake, tables, [_settled(lake, table) for table in tables if table.drops])
    if alone:
        lake.root.delete(UNSETTLED)


def _settled(lake: Lake, table: Table) -> Contents:
    contents = contents_of(lake.root, table)
    for file in contents.redundant:
        lake.root.delete(file.path)
    landed, rejects = contents.landed(), rejects_of(lake.root, table)
    # A landing that wrote rejected rows and has not written the others since yesterday never will.
    yesterday = str(now().date() - timedelta(days=1))
    for batch, files in rejects.items():
        if REJECTS_RETIRED_AT in contents.retired.get(batch, {}):
            stays = []
        elif batch in landed:
            stays = [next((one for one in files if day_of(one) == landed[batch].landed_on), files[0])]
        else:
            stays = [one for one in files if day_of(one) >= yesterday]
        for file in set(files).difference(stays):
            lake.root.delete(file)
    return contents
