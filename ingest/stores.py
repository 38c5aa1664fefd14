"""Folders in object stores, behind a URI: reached through Arrow, which speaks to S3, Google, Azure and HDFS."""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

from pyarrow import ArrowInvalid
from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem, copy_files

from gymhouse.console import Problem
from ingest.places import Folder, Stamp, why

# Spark's own names of the store.
_ALSO_CALLED = {"s3a": "s3", "s3n": "s3"}
# A file there is seen when its upload is complete, whole; elsewhere it grows under the eyes of its readers.
_WHOLE_UPLOADS = ("s3", "gcs")
_CHUNK = 2**23


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
        return {FileType.File: "file", FileType.Directory: "folder"}.get(self.store.get_file_info(self.path).type)

    def below(self, relative: str) -> StoredFolder:
        return replace(self, path=self._at(relative))

    def parent(self) -> tuple[StoredFolder, str]:
        path = PurePosixPath(self.path)
        return replace(self, path=str(path.parent)), path.name

    def files(self, enter: Callable[[str], bool] = lambda name: True) -> Iterator[tuple[str, int]]:
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
        if self.store.type_name not in _WHOLE_UPLOADS:
            self.store.create_dir(str(PurePosixPath(path).parent))
        # In one call, which no signal to Python can leave half done.
        copy_files(str(written), path, source_filesystem=LocalFileSystem(), destination_filesystem=self.store)
        if self.store.get_file_info(path).size != written.stat().st_size:
            self.store.delete_file(path)
            raise OSError(errno.EIO, f"the upload of {written.stat().st_size:,} bytes was cut short")

    def _at(self, relative: str) -> str:
        return f"{self.path}/{relative}" if relative else self.path


def stored_folder(uri: str) -> StoredFolder:
    """The folder that `uri` names. Raises `Problem` where no store answers to it."""
    scheme, rest = uri.split(":", 1)
    uri = f"{_ALSO_CALLED.get(scheme.lower(), scheme.lower())}:{rest}"
    return StoredFolder(uri, _connected(uri)[1].rstrip("/"))


@cache
def _connected(uri: str) -> tuple[FileSystem, str]:
    """The store behind `uri`, once for each process, and the path that the URI names in it."""
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
