"""Lasting habits that need no place in memory: worked out anew from a number wherever they are asked for."""

from __future__ import annotations

import zlib

import numpy as np

from data_gen.chain.parameters import Parameters


def mixed(numbers: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64: unsigned 64-bit integers of which each bit hangs on all bits of the number.

    Different numbers give different results.
    """
    with np.errstate(over="ignore"):
        bits = np.asarray(numbers).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def chance(chain: Parameters, purpose: str, numbers: np.ndarray) -> np.ndarray:
    """A float in [0, 1) for each number, always the same for the same seed, purpose and number."""
    salt = mixed(np.uint64(zlib.crc32(purpose.encode()) * 2**31 + chain.seed % 2**31))
    return (mixed(np.asarray(numbers).astype(np.uint64) ^ salt) >> np.uint64(11)) / float(2**53)
