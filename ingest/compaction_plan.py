"""Which small files are worth merging: enough of a like size, landed in the same month.

Merging by size class means that a row is written anew a handful of times in its life, however often the command runs:
so many files of one class become one of a higher class, and a file of half the target is never touched again. A month
that is over is merged once more, as far as it goes. No file spans two months, so that retention can let old files go.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

from ingest.contents import RawFile

TARGET_SIZE = 128 * 2**20
MIN_FILES = 8
# Each batch has its facts in the footer, which every reader of the file reads.
MAX_BATCHES = 10_000
# The part of a file below which size makes no difference: writing so little anew costs nothing.
_TINY = 1 / 1024


@dataclass(frozen=True)
class Heap:
    """Files that become one. `fill` is the part of what one file may hold that they take, of bytes or of batches."""

    files: tuple[RawFile, ...]
    fill: float

    @property
    def is_full(self) -> bool:
        """Whether it is left alone."""
        return self.fill >= 0.5

    def size_class(self, min_files: int) -> int:
        """Higher for smaller ones: `min_files` of a class, merged, are at least of the next lower one."""
        return sum(1 for at in range(64) if max(self.fill, _TINY) < 0.5 / min_files**at)


def groups_to_merge(files: list[RawFile], target_size: int, min_files: int) -> list[tuple[RawFile, ...]]:
    """The groups of `files` of one table, each to become one file of about `target_size` bytes at most.

    Called again for what it gave, it gives nothing, as far as merged files are as large as their parts.
    """
    if not files:
        return []
    newest = max(_month(file) for file in files)
    groups = []
    for month, some in groupby(sorted(files, key=_order), key=_month):
        heaps = [Heap((file,), max(file.size / target_size, len(file.batches) / MAX_BATCHES)) for file in some]
        if month == newest:
            heaps = _merged_by_class(heaps, min_files)
        else:
            heaps = _chunks([heap for heap in heaps if not heap.is_full])
        groups += [heap.files for heap in heaps if len(heap.files) > 1]
    return groups


def _merged_by_class(heaps: list[Heap], min_files: int) -> list[Heap]:
    while True:
        classes = defaultdict(list)
        for heap in heaps:
            classes[heap.size_class(min_files)].append(heap)
        enough = [cls for cls, some in classes.items() if len(some) >= min_files and not some[0].is_full]
        if not enough:
            return heaps
        smallest = max(enough)
        heaps = [heap for cls, some in classes.items() for heap in (_chunks(some) if cls == smallest else some)]
        heaps.sort(key=lambda heap: _order(heap.files[0]))


def _chunks(heaps: list[Heap]) -> list[Heap]:
    """Neighbours put together as long as they fit into one file; none of them is half a file, so two always fit."""
    chunks: list[Heap] = []
    for heap in heaps:
        if chunks and chunks[-1].fill + heap.fill <= 1:
            chunks[-1] = Heap(chunks[-1].files + heap.files, chunks[-1].fill + heap.fill)
        else:
            chunks.append(heap)
    return chunks


def _order(file: RawFile) -> tuple[str, str]:
    return file.day, file.path


def _month(file: RawFile) -> str:
    return file.day[:7]
