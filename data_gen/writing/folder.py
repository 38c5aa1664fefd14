"""The drop folder: whose it is, what a run may replace in it, and how a file gets there whole."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.files import commit, write_atomic

ANSWER_KEY = "_answer_key.json"
MADE_BY = "gymhouse data_gen"
# Raise it when the same parameters give other bytes than before.
VERSION = 1
_UNFINISHED = ".unfinished_simulation.json"


class DropFolder:
    """A folder that holds one simulated chain, finished or not, and never anything else."""

    def __init__(self, root: Path, parameters: dict, planned: list[str]):
        self.root = root
        self.stamp = {"made_by": MADE_BY, "version": VERSION, "parameters": parameters}
        self.planned = planned

    @contextmanager
    def held(self):
        """Keep other simulators out of the folder."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                f"Another simulation is writing to {self.root}.", "Wait for it to end, or give another --out."
            ) from None
        else:
            yield
        finally:
            os.close(descriptor)

    def finished_key(self) -> dict | None:
        """The answer key, if the folder holds this very chain whole."""
        key = self._read(ANSWER_KEY)
        if not key or not self._is_ours(key) or (self.root / _UNFINISHED).exists():
            return None
        whole = all(self._size(file["path"]) == file["bytes"] for file in key["files"])
        return key if whole else None

    def begin(self, replace: bool) -> None:
        """Make room: refuse (raise `Problem`) what is not this chain, or with `replace` remove another chain's files.

        A run that was killed is taken up again: its files are written anew, with the same bytes.
        """
        unfinished, key = self._read(_UNFINISHED), self._read(ANSWER_KEY)
        former = unfinished or key
        if former is None and any(self.root.iterdir()):
            raise Problem(
                f"{self.root} holds files that the simulator did not write.", "Give --out an empty or a new folder."
            )
        remove = [] if former is None else former.get("remove", [])
        if former is not None and not self._is_ours(former):
            if not replace:
                raise Problem(
                    f"{self.root} holds another simulated chain ({_difference(former, self.stamp)}).",
                    "Add --replace to put this one in its place, or give another --out.",
                )
            remove = sorted({*remove, *former.get("planned", []), *(file["path"] for file in former.get("files", []))})
        marker = {
            **self.stamp,
            "planned": self.planned,
            "remove": [path for path in remove if path not in self.planned],
        }
        write_atomic(self.root / _UNFINISHED, json.dumps(marker))
        for path in [ANSWER_KEY, *marker["remove"]]:
            for file in (self.root / path, _part(self.root / path)):
                file.unlink(missing_ok=True)

    def write(self, path: str, pieces: Iterable[bytes | memoryview]) -> int:
        """Write one file whole; returns its bytes."""
        final = self.root / path
        final.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        with _part(final).open("wb") as file:
            for piece in pieces:
                size += file.write(piece)
        commit(_part(final), final)
        return size

    def finish(self, key: dict) -> None:
        """Write the answer key: with it the folder is whole."""
        write_atomic(self.root / ANSWER_KEY, json.dumps({**self.stamp, **key}, indent=1) + "\n")
        (self.root / _UNFINISHED).unlink()

    def _is_ours(self, stamped: dict) -> bool:
        return all(stamped.get(name) == value for name, value in self.stamp.items())

    def _read(self, name: str) -> dict | None:
        try:
            content = json.loads((self.root / name).read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            content = {}
        if content.get("made_by") != MADE_BY:
            raise Problem(f"{self.root / name} was not written by the simulator.", "Give --out another folder.")
        return content

    def _size(self, path: str) -> int:
        try:
            return (self.root / path).stat().st_size
        except FileNotFoundError:
            return -1


def _part(final: Path) -> Path:
    return final.with_name(f".{final.name}.part")


def _difference(former: dict, wanted: dict) -> str:
    if former.get("version") != wanted["version"]:
        return "by another version of the simulator"
    old, new = former.get("parameters", {}), wanted["parameters"]
    return ", ".join(f"{name} {old.get(name)} instead of {new[name]}" for name in new if old.get(name) != new[name])
