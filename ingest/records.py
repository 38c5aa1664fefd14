"""Take a text file apart into records, in bulk, and see whether DuckDB's CSV reader can be trusted with it.

That reader is fast, and right on regular files. One quote that is never closed makes it drop the rest of its buffer
without a word; line ends of two kinds in one file stop it. So every text file is scanned first (NumPy, some GB a
second): a regular file is read as it is; of any other a tidy copy is made, without the records that no reader can
take apart, and these are kept as rejects.

A record ends at a line end outside quotes. Where a quote opens and does not close properly, only its line is broken:
reading goes on with the next line.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ingest import reasons
from ingest.quotes import quoted_spans

LONGEST_LINE = 8 * 2**20
BLOCK = 32 * 2**20
_LF, _CR = 10, 13
# A simple file is counted in stretches so short that two of them are no line too long.
_GLANCE = 2**20


class NoRecords(Exception):
    """A stretch as long as a block holds no line end: this is no text of lines."""


@dataclass(frozen=True)
class Block:
    """Whole records: `data` as bytes, `starts` and `ends` (after the line end) of each line that is not blank.

    `cuts` are (index of the record, reason) of those that no reader can take apart. `line_end` is that of all lines,
    `mixed` if they differ, empty if there is none; `closers` are the positions of those outside quotes.
    """

    data: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    cuts: tuple[tuple[int, str], ...]
    line_end: bytes
    closers: np.ndarray

    def text(self, index: int) -> str:
        """The record's text; bytes that are not UTF-8 are written as `\\xff`."""
        raw = self.data[self.starts[index] : self.ends[index]].tobytes()
        return raw.decode("utf-8", errors="backslashreplace").strip("\r\n\ufeff")


@dataclass(frozen=True)
class Scan:
    """`records` that are not blank (a header is one of them), and whether DuckDB can read the file as it is.

    `header_broken`: no reader can take the first record apart. `colons` counts that sign, where it was counted.
    """

    records: int
    regular: bool
    header_broken: bool = False
    colons: int | None = None


def open_text(path: Path) -> BinaryIO:
    """The file's bytes, uncompressed if it is gzip."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")


def is_gzip(path: Path) -> bool:
    """Whether the file is gzip, by its first bytes; names lie."""
    with path.open("rb") as opened:
        return opened.read(2) == b"\x1f\x8b"


def scan(path: Path, delimiter: str | None) -> Scan:
    """Read the file once. `delimiter` None: no quotes, every line is a record."""
    records, regular, header_broken, kinds = 0, not is_gzip(path), False, set()
    if regular and (simple := _count_simple(path, delimiter)) is not None:
        return simple
    for block in blocks(path, delimiter):
        header_broken = header_broken or (not records and any(index == 0 for index, _ in block.cuts))
        records += len(block.starts)
        kinds.add(block.line_end)
        regular = regular and not block.cuts
    kinds.discard(b"")
    return Scan(records, regular and len(kinds) <= 1 and b"mixed" not in kinds, header_broken)


def _count_simple(path: Path, delimiter: str | None) -> Scan | None:
    """Scan a plain file without quotes, carriage returns, blank or very long lines; None if it has such."""
    unusual = (b"\r",) if delimiter is None else (b"\r", b'"')
    records, colons, last = 0, 0, b"\n"
    with path.open("rb") as opened:
        while chunk := opened.read(_GLANCE):
            if any(sign in chunk for sign in unusual):
                return None
            data = np.frombuffer(last + chunk, np.uint8)
            ends = np.flatnonzero(data[:-1] == _LF)
            if not len(ends) or data[ends + 1].min() <= ord(" "):
                return None
            records, last = records + len(ends), chunk[-1:]
            colons += int(np.count_nonzero(data[1:] == ord(":"))) if delimiter is None else 0
    return Scan(records, True, colons=colons if delimiter is None else None)


def blocks(path: Path, delimiter: str | None) -> Iterator[Block]:
    """The file as blocks of whole records. Raises `NoRecords`; errors of reading and of gzip pass through."""
    with open_text(path) as opened:
        rest = b""
        while True:
            chunk = opened.read(BLOCK)
            data = rest + chunk if rest else chunk
            if not data:
                return
            block = _split(np.frombuffer(data, np.uint8), delimiter, last=not chunk)
            if len(block.data):
                yield block
            rest = data[len(block.data) :]
            if len(rest) >= BLOCK:
                raise NoRecords
            if not chunk:
                return


def tidy_copy(path: Path, delimiter: str | None, copy: Path) -> list[tuple[int, str, str]]:
    """Write what DuckDB can read to `copy`, uncompressed, with one kind of line end.

    Returns what was left out: (number of records before it in the copy, reason, text).
    """
    left_out: list[tuple[int, str, str]] = []
    before = 0
    with copy.open("wb") as target:
        for block in blocks(path, delimiter):
            data, keep = block.data.copy(), np.ones(len(block.data), bool)
            if block.line_end != b"\n":
                _same_line_ends(data, keep, block.closers)
            for number, (index, reason) in enumerate(block.cuts):
                left_out.append((before + index - number, reason, block.text(index)))
                keep[block.starts[index] : block.ends[index]] = False
            before += len(block.starts) - len(block.cuts)
            target.write(data[keep].tobytes())
    return left_out


def _same_line_ends(data: np.ndarray, keep: np.ndarray, closers: np.ndarray) -> None:
    """Turn the line ends at `closers` into line feeds; what stands within quotes stays as it is."""
    data[closers[data[closers] == _CR]] = _LF
    feeds = closers[closers > 0]
    keep[feeds[data[feeds - 1] == _CR] - 1] = False


def _split(data: np.ndarray, delimiter: str | None, last: bool) -> Block:
    """The whole records in `data`. In the `last` block the end of data ends a record."""
    feeds = np.flatnonzero(data == _LF)
    returns = np.flatnonzero(data == _CR)
    alone = returns
    if len(returns):
        after = np.minimum(returns + 1, len(data) - 1)
        alone = returns[(data[after] != _LF) | (returns == len(data) - 1)]
        if not last and len(alone) and alone[-1] == len(data) - 1:
            alone = alone[:-1]  # its line feed may come with the next block
    closers = np.sort(np.concatenate([feeds, alone])) if len(alone) else feeds
    broken, waiting = (), None
    if delimiter is not None:
        closers, broken, waiting = quoted_spans(data, closers, ord(delimiter), last)
    if waiting is not None:
        closers = closers[closers < waiting]
    used = len(data) if last else (int(closers[-1]) + 1 if len(closers) else 0)
    ends = closers + 1
    if last and (not len(ends) or ends[-1] < len(data)):
        ends = np.append(ends, len(data))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    filled = ends - starts - _line_end_lengths(data, ends) > 0
    starts, ends = starts[filled], ends[filled]
    if len(starts) and (data[starts] <= ord(" ")).any():
        visible = data[:used] > ord(" ")
        if delimiter == "\t":
            visible |= data[:used] == ord(delimiter)
        filled = np.add.reduceat(visible, starts, dtype=np.int64) > 0
        starts, ends = starts[filled], ends[filled]
    too_long = np.flatnonzero(ends - starts > LONGEST_LINE)
    cuts = dict.fromkeys(too_long.tolist(), reasons.TOO_LONG)
    # What breaks in the line that is not whole yet is found again with the next block.
    broken = [at for at in broken if at < used]
    cuts.update((int(np.searchsorted(starts, at, side="right")) - 1, reasons.BAD_QUOTES) for at in broken)
    return Block(data[:used], starts, ends, tuple(sorted(cuts.items())), _kind(data, closers), closers)


def _line_end_lengths(data: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Bytes of the line end before each of `ends`: 2, 1, or 0 where the file ends without one."""
    final = data[ends - 1]
    feed = final == _LF
    before = data[np.maximum(ends - 2, 0)]
    return np.where(feed & (before == _CR) & (ends > 1), 2, np.where(feed | (final == _CR), 1, 0))


def _kind(data: np.ndarray, closers: np.ndarray) -> bytes:
    """The line end of all records here, `mixed` if they differ, empty if there is none."""
    if not len(closers):
        return b""
    feeds = data[closers] == _LF
    if not feeds.any():
        return b"\r"
    pairs = feeds & (data[np.maximum(closers - 1, 0)] == _CR) & (closers > 0)
    if pairs.all():
        return b"\r\n"
    return b"mixed" if pairs.any() or not feeds.all() else b"\n"
