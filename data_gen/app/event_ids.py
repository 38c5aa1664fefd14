"""Ids of the app's events: UUIDs that look like chance and are made from a number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import Parameters
from data_gen.chain.traits import mixed

_LENGTH = 36
_DASHES = (8, 13, 18, 23)
# The two hexadecimal digits of each byte.
_DIGITS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
_SECOND_HALF = np.uint64(2**63)


def uuids(chain: Parameters, numbers: np.ndarray) -> pa.Array:
    """A UUID (version 4 by its look) for each of these numbers in [0, 2**63), the same for the same number and seed."""
    numbers = np.asarray(numbers, np.uint64)
    halves = [mixed(numbers ^ np.uint64(chain.seed % 2**20)), mixed(numbers | _SECOND_HALF)]
    bits = np.stack(halves, axis=1).astype(">u8").view(np.uint8).reshape(-1, 16)
    bits[:, 6] = (bits[:, 6] & 0x0F) | 0x40
    bits[:, 8] = (bits[:, 8] & 0x3F) | 0x80
    text = np.full((len(numbers), _LENGTH), ord("-"), np.uint8)
    places = [place for place in range(_LENGTH) if place not in _DASHES]
    text[:, places] = _DIGITS[bits].reshape(-1, 32)
    ends = np.arange(len(numbers) + 1, dtype=np.int32) * _LENGTH
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(text)))
