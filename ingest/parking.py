"""Files that a stream could not land: listed beside its checkpoint until they land or are gone.

A batch landing stops at such a file; a stream goes on with the others. Spark shows it each file once, so what could
not land is written down: path, reason, and the stamp by which a corrected file is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.lake import ASIDE
from ingest.places import Folder, Stamp

_LIST = "parked.json"


@dataclass(frozen=True)
class Parked:
    """A file that could not land: its path below the drop folder, why, and its stamp (bytes, nanoseconds) then."""

    file: str
    why: str
    size: int
    changed: int


class Parking:
    """The list of parked files in one folder."""

    def __init__(self, folder: Folder):
        self.folder = folder

    def files(self) -> dict[str, Parked]:
        """What is parked, by path."""
        try:
            with self.folder.open(_LIST) as opened:
                return {one["file"]: Parked(**one) for one in json.loads(opened.read())}
        except FileNotFoundError:
            return {}

    def due(self, drops: Folder, everything: bool) -> dict[str, int | None]:
        """Files to try again, with their size now, None if they are gone: all, or those that are not what they were."""
        found = {file: (_stamp(drops, file), (one.size, one.changed)) for file, one in self.files().items()}
        return {file: now[0] if now else None for file, (now, then) in found.items() if everything or now != then}

    def settle(self, tried: Iterable[str], faults: dict[str, str], drops: Folder, scratch: Path) -> None:
        """Of the files that were `tried`, park those with `faults`; the others have landed, or are gone."""
        before, tried = self.files(), set(tried)
        after = {file: one for file, one in before.items() if file not in tried}
        for file, why in faults.items():
            after[file] = Parked(file, why, *(_stamp(drops, file) or (0, 0)))
        if after != before:
            written = scratch / _LIST
            written.write_text(json.dumps([asdict(after[file]) for file in sorted(after)], indent=2) + "\n")
            self.folder.commit(written, _LIST, ASIDE)


def _stamp(drops: Folder, file: str) -> Stamp | None:
    try:
        return drops.stamp(file)
    except FileNotFoundError:
        return None
