"""Folders of files, on this machine or in an object store: what landing lists, reads, commits and deletes.

A place is named by a path or by a URI (`s3://`, `gs://`, `abfss://`, `hdfs://`). What is mounted, as `/Volumes` and
`/dbfs` are in Databricks, is a path like any other. Folders hold no connection, so they travel to other processes;
each opens its own with the credentials that it finds around it.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gymhouse.files import commit

_URI = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/")

# Size in bytes and time of change in nanoseconds: they differ when a file is written to.
Stamp = tuple[int, int]


@dataclass(frozen=True)
class Folder(ABC):
    """A folder; every `relative` is a path below it with forward slashes, "" the folder itself.

    Faults of the place itself (no such file, no permission, no answer) are raised as `OSError`.
    """

    @abstractmethod
    def kind(self) -> str | None:
        """What lies under the folder's name: `folder`, `file`, or None."""

    @abstractmethod
    def below(self, relative: str) -> Folder:
        """A folder in it."""

    @abstractmethod
    def parent(self) -> tuple[Folder, str]:
        """The folder that it lies in, and its name there."""

    @abstractmethod
    def files(self, enter: Callable[[str], bool] = lambda name: True) -> Iterator[tuple[str, int]]:
        """Every file, however deep, with its size; none where there is no folder.

        A folder of whose name `enter` does not approve is passed over.
        """

    @abstractmethod
    def stamp(self, relative: str) -> Stamp:
        """The file's stamp."""

    @abstractmethod
    def open(self, relative: str) -> BinaryIO:
        """The file's bytes, to read anywhere in it."""

    @abstractmethod
    def bring(self, relative: str, scratch: Path) -> Path:
        """A file of this machine with the same content: the file itself, or a copy in `scratch`."""

    @contextmanager
    def here(self, relative: str, scratch: Path) -> Iterator[Path]:
        """The same for a while: a copy goes away at the end."""
        path = self.bring(relative, scratch)
        try:
            yield path
        finally:
            if path.parent == scratch:
                path.unlink()

    @abstractmethod
    def commit(self, written: Path, relative: str, aside: str) -> None:
        """Make the complete file `written` appear as `relative` in one step; an older one is replaced.

        `written` is used up. `aside` is a folder in this one for what is not complete yet.
        """

    @abstractmethod
    def delete(self, relative: str) -> None:
        """Delete the file, if it is there."""


@dataclass(frozen=True)
class LocalFolder(Folder):
    """A folder that this machine sees under a path."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def kind(self) -> str | None:
        return "file" if self.path.is_file() else "folder" if self.path.is_dir() else None

    def below(self, relative: str) -> LocalFolder:
        return LocalFolder(self.path / relative)

    def parent(self) -> tuple[LocalFolder, str]:
        return LocalFolder(self.path.parent), self.path.name

    def files(self, enter: Callable[[str], bool] = lambda name: True) -> Iterator[tuple[str, int]]:
        if self.path.is_dir():
            yield from _scan(str(self.path), "", enter)

    def stamp(self, relative: str) -> Stamp:
        status = (self.path / relative).stat()
        return status.st_size, status.st_mtime_ns

    def open(self, relative: str) -> BinaryIO:
        return (self.path / relative).open("rb")

    def bring(self, relative: str, scratch: Path) -> Path:
        return self.path / relative

    def commit(self, written: Path, relative: str, aside: str) -> None:
        final = self.path / relative
        try:
            commit(written, final)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # The scratch folder lies on another disk, from which nothing can be renamed.
            near = self.path / aside / f"{uuid.uuid4().hex}.tmp"
            near.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(written, near)
            commit(near, final)
            written.unlink()

    def delete(self, relative: str) -> None:
        (self.path / relative).unlink(missing_ok=True)


def folder_of(place: str | Path) -> Folder:
    """The folder (or file) that a path or URI names; it need not be there.

    Raises `Problem` for a URI that no store answers to.
    """
    uri = _URI.match(str(place))
    if uri is None or uri["scheme"].lower() == "file":
        return LocalFolder(Path(local_path(str(place))).absolute())
    from ingest.stores import stored_folder

    return stored_folder(str(place))


def local_path(place: str) -> str:
    """`place` without its scheme and host: `file:/a/b`, `file:///a/b` and `/a/b` are one path."""
    return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]+:(//[^/]*)?(?=/)", "", place)


def why(error: Exception) -> str:
    """What went wrong with a place, in one line."""
    return getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]


def _scan(path: str, prefix: str, enter: Callable[[str], bool]) -> Iterator[tuple[str, int]]:
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                if enter(entry.name):
                    yield from _scan(entry.path, f"{prefix}{entry.name}/", enter)
                continue
            try:
                size = entry.stat().st_size
            except OSError:  # a link to nowhere: whoever opens it will say so
                size = 0
            yield prefix + entry.name, size
