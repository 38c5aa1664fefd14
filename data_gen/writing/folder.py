"""The drop folder: whose it is, what a run may replace in it, and how a file gets there whole."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.files import write_atomic

ANSWER_KEY = "_answer_key.json"
MADE_BY = "gymhouse data_gen"
# Raise it when the same parameters give other bytes than before.
VERSION = 2
_UNFINISHED = ".unfinished_simulation.json"


class PartFile:
    """A file that grows beside its final name until it is whole."""

    def __init__(self, root: Path, path: str):
        self.path, self.rows = path, 0
        self._final = root / path
        self._final.parent.mkdir(parents=True, exist_ok=True)
        self._file = _part(self._final).open("wb")
        self._size = 0

    def write(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Append these pieces."""
        for piece in pieces:
            self._size += self._file.write(piece)

    def commit(self) -> int:
        """Give the file its final name; returns its bytes.

        Nothing is forced to disk, for what a power cut takes has another size than the key says, and is made again.
        """
        self._file.close()
        os.replace(_part(self._final), self._final)
        return self._size


class DropFolder:
    """A folder that holds one simulated chain or some days of it, finished or not, and never anything else."""

    def __init__(self, root: Path, parameters: dict):
        self.root = root
        self.stamp = {"made_by": MADE_BY, "version": VERSION, "parameters": parameters}

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
        """The answer key, if the folder holds whole days of this very chain and nothing is half done."""
        key = self._read(ANSWER_KEY)
        return key if self._is_whole(key) and not (self.root / _UNFINISHED).exists() else None

    def begin(self, replace: bool, planned: list[str], is_anew: bool = False) -> dict | None:
        """Make room for the `planned` files. Returns the key of other days of this chain that stay, if there are any.

        Refuses (raises `Problem`) what is not this chain; with `replace`, another chain's files are removed. A run that
        was killed is taken up again: its files are written anew, with the same bytes. `is_anew` keeps no other days.
        """
        unfinished, key = self._read(_UNFINISHED), self._read(ANSWER_KEY)
        former = unfinished or key
        if former is None and any(self.root.iterdir()):
            raise Problem(
                f"{self.root} holds files that the simulator did not write.", "Give --out an empty or a new folder."
            )
        stays, remove = None, set()
        if former is not None:
            if not self._is_ours(former) and not replace:
                raise Problem(
                    f"{self.root} holds another simulated chain ({_difference(former, self.stamp)}).",
                    "Add --replace to put this one in its place, or give another --out.",
                )
            stays = unfinished.get("stays") if unfinished else key
            remove = {*former.get("remove", []), *former.get("planned", [])}
            remove |= {file["path"] for file in (stays or {}).get("files", [])}
        if is_anew or not self._is_whole(stays):
            stays = None
        # Files of the same names go too: this run may have no rows for them.
        if stays:
            # What was true of other days is not true of all of them.
            stays["files"] = [file for file in stays["files"] if file["table"]]
            remove -= {file["path"] for file in stays["files"]}
        marker = {**self.stamp, "planned": planned, "remove": sorted(remove), "stays": stays}
        write_atomic(self.root / _UNFINISHED, json.dumps(marker))
        for path in [ANSWER_KEY, *marker["remove"]]:
            for file in (self.root / path, _part(self.root / path)):
                file.unlink(missing_ok=True)
        return stays

    def part(self, path: str) -> PartFile:
        """A new file to write."""
        return PartFile(self.root, path)

    def write(self, path: str, content: bytes) -> int:
        """Write one small file whole; returns its bytes."""
        file = self.part(path)
        file.write([content])
        return file.commit()

    def finish(self, key: dict) -> None:
        """Write the answer key: with it the folder is whole."""
        write_atomic(self.root / ANSWER_KEY, json.dumps({**self.stamp, **key}, indent=1) + "\n")
        (self.root / _UNFINISHED).unlink()

    def _is_whole(self, key: dict | None) -> bool:
        return (
            key is not None
            and self._is_ours(key)
            and all(self._size(file["path"]) == file["bytes"] for file in key["files"])
        )

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
