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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from gymhouse.console import Problem
from gymhouse.files import commit

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_URI = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/")
# Spark's own names of the store.
_ALSO_CALLED = {"s3a": "s3", "s3n": "s3"}
# A file there is seen when its upload is complete, whole; elsewhere it grows under the eyes of its readers.
_WHOLE_UPLOADS = ("s3", "gcs")
_CHUNK = 2**23

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


@dataclass(frozen=True)
class StoredFolder(Folder):
    """A folder behind a URI. `uri` says how the store is reached, `path` leads to the folder within it."""

    uri: str
    path: str

    def __str__(self) -> str:
        # Credentials that the URI may hold are not for showing.
        return f"{urlsplit(self.uri).scheme}://{self.path}"

    @property
    def store(self) -> FileSystem:
        """The store, connected."""
        return _connected(self.uri)[0]

    def kind(self) -> str | None:
        from pyarrow.fs import FileType

        return {FileType.File: "file", FileType.Directory: "folder"}.get(self.store.get_file_info(self.path).type)

    def below(self, relative: str) -> StoredFolder:
        return replace(self, path=self._at(relative))

    def parent(self) -> tuple[StoredFolder, str]:
        path = PurePosixPath(self.path)
        return replace(self, path=str(path.parent)), path.name

    def files(self, enter: Callable[[str], bool] = lambda name: True) -> Iterator[tuple[str, int]]:
        from pyarrow.fs import FileSelector

        for found in self.store.get_file_info(FileSelector(self.path, recursive=True, allow_not_found=True)):
            relative = found.path[len(self.path) :].lstrip("/")
            if found.is_file and all(map(enter, relative.split("/")[:-1])):
                yield relative, found.size

    def stamp(self, relative: str) -> Stamp:
        found = self.store.get_file_info(self._at(relative))
        if not found.is_file:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), relative)
        return found.size, found.mtime_ns

    def open(self, relative: str) -> BinaryIO:
        return self.store.open_input_file(self._at(relative))

    def bring(self, relative: str, scratch: Path) -> Path:
        copy = scratch / f"brought_{uuid.uuid4().hex}"
        with self.store.open_input_stream(self._at(relative), compression=None) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
        return copy

    def commit(self, written: Path, relative: str, aside: str) -> None:
        final = self._at(relative)
        if self.store.type_name in _WHOLE_UPLOADS:
            self._upload(written, final)
        else:
            near = self._at(f"{aside}/{uuid.uuid4().hex}.tmp")
            self._upload(written, near)
            self.store.create_dir(str(PurePosixPath(final).parent))
            self.store.move(near, final)
        written.unlink()

    def delete(self, relative: str) -> None:
        with suppress(FileNotFoundError):
            self.store.delete_file(self._at(relative))

    def _upload(self, written: Path, path: str) -> None:
        from pyarrow.fs import LocalFileSystem, copy_files

        if self.store.type_name not in _WHOLE_UPLOADS:
            self.store.create_dir(str(PurePosixPath(path).parent))
        # In one call, which no signal to Python can leave half done.
        copy_files(str(written), path, source_filesystem=LocalFileSystem(), destination_filesystem=self.store)
        if self.store.get_file_info(path).size != written.stat().st_size:
            self.store.delete_file(path)
            raise OSError(errno.EIO, f"the upload of {written.stat().st_size:,} bytes was cut short")

    def _at(self, relative: str) -> str:
        return f"{self.path}/{relative}" if relative else self.path


def folder_of(place: str | Path) -> Folder:
    """The folder (or file) that a path or URI names; it need not be there.

    Raises `Problem` for a URI that no store answers to.
    """
    scheme = uri["scheme"].lower() if (uri := _URI.match(str(place))) else "file"
    if scheme == "file":
        return LocalFolder(Path(local_path(str(place))).absolute())
    rest = str(place)[len(scheme) :]
    text = _ALSO_CALLED.get(scheme, scheme) + rest
    return StoredFolder(text, _connected(text)[1].rstrip("/"))


def local_path(place: str) -> str:
    """`place` without its scheme and host: `file:/a/b`, `file:///a/b` and `/a/b` are one path."""
    return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]+:(//[^/]*)?(?=/)", "", place)


def why(error: Exception) -> str:
    """What went wrong with a place, in one line."""
    return getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]


@cache
def _connected(uri: str) -> tuple[FileSystem, str]:
    """The store behind `uri`, once for each process, and the path that the URI names in it."""
    from pyarrow import ArrowInvalid
    from pyarrow.fs import FileSystem

    shown = re.sub(r"//[^/@]*:[^/@]*@", "//", uri.partition("?")[0])
    try:
        return FileSystem.from_uri(uri)
    except ArrowInvalid:
        raise Problem(
            f"Landing cannot reach {shown}: it knows no store of that name.",
            "Use a path, or a URI that begins with s3://, gs://, abfss:// or hdfs://; dbfs:/… is the path /dbfs/….",
        ) from None
    except OSError as error:
        raise Problem(
            f"The store of {shown} cannot be reached ({why(error)}).",
            "Check the name, the network and the credentials in the environment.",
        ) from None


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
