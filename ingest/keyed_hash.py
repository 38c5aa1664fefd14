"""The keyed hash (HMAC-SHA256) that matches people across systems without their addresses.

It is computed in Python, so that the secret never stands in SQL. Who lacks the secret can neither undo the hash nor
try addresses against it; hashes made with another secret match none of these.
"""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gymhouse.console import Problem
from ingest.places import why

if TYPE_CHECKING:
    import pyarrow as pa

VARIABLE = "GYMHOUSE_HMAC_SECRET"
LEAST_BYTES = 16
FUNCTION = "keyed_hash"
# 24 random bytes, written as 32 characters: the variable can hold them, too.
_RANDOM_BYTES = 24


@dataclass(frozen=True)
class Secret:
    """The key of the hash; it shows in no message."""

    value: bytes = field(repr=False)


def find_secret(file: Path | None, make: bool) -> Secret:
    """The secret out of the environment, else out of `file`, which is made if need be and asked for.

    Where it may not be made, any secret is given: nothing is kept then. Raises `Problem` for one that is too short,
    and where there is none.
    """
    if (told := os.environ.get(VARIABLE)) is not None:
        return _long_enough(os.fsencode(told), f"The environment variable {VARIABLE}")
    if not file:
        raise Problem(
            "Landing computes a keyed hash, and has no secret for it.",
            f"Set {VARIABLE} to the secret of your other landings ({LEAST_BYTES} bytes or more; docs/landing.md).",
        )
    try:
        if make and not file.exists():
            _make(file)
        if not make and not file.exists():
            return Secret(secrets.token_bytes(_RANDOM_BYTES))
        return _long_enough(file.read_bytes().rstrip(b"\r\n"), str(file))
    except OSError as error:
        raise Problem(
            f"The secret {file} cannot be read or made ({why(error)}).",
            f"Check the place and its permissions, or set {VARIABLE}.",
        ) from error


def register(connection: duckdb.DuckDBPyConnection, secret: Secret) -> None:
    """Give the connection the SQL function `keyed_hash(text)`."""
    with suppress(duckdb.InvalidInputException):
        connection.remove_function(FUNCTION)
    connection.create_function(
        FUNCTION, lambda texts: _hashes(texts, secret), ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
    )


def hash_of(text: str | None, secret: Secret) -> str | None:
    """64 hexadecimal digits of the text without space around it, in small letters; None when nothing is left."""
    same = (text or "").strip().lower()
    return hmac.digest(secret.value, same.encode(), "sha256").hex() if same else None


def _hashes(texts: pa.Array | pa.ChunkedArray, secret: Secret) -> pa.Array:
    """The hash of each text; equal texts are hashed once."""
    import pyarrow as pa

    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    coded = texts.dictionary_encode()
    return pa.array([hash_of(text, secret) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _make(file: Path) -> None:
    """Make the file once, whoever comes first; it appears whole, and only its owner can read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w") as opened:
            opened.write(secrets.token_urlsafe(_RANDOM_BYTES))
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            os.link(beside, file)
    finally:
        os.unlink(beside)


def _long_enough(value: bytes, where: str) -> Secret:
    if len(value) < LEAST_BYTES:
        raise Problem(
            f"{where} holds {len(value)} bytes; the secret of the keyed hash needs {LEAST_BYTES} or more.",
            "Take the secret of your other landings; for the first one: openssl rand -hex 32.",
        )
    return Secret(value)
