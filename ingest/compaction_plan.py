"""Which small files are worth merging: enough of a like size, landed in the same month.

Merging by size class means that a row is written anew a handful of times in its life, however often the command runs:
files of one class become one of a higher class, and a file of half the target is never touched again. A month that is
over is merged once more, as far as it goes. No file spans two months, so that retention can let old files go whole.
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
# Files whose sizes differ less than so many times are of a class; those of the lowest class may differ more.
_STEP = 8
_CLASSES = 4


@dataclass(frozen=True)
class Heap:
    """Files that become one. `fill` is the part of what one file may hold that they take, of bytes or of batches."""

    files: tuple[RawFile, ...]
    fill: float

    @property
    def size_class(self) -> int:
        """0 for half a file and more, then 1 for up to half, and higher for smaller."""
        classes = (cls for cls in range(_CLASSES) if self.fill >= 0.5 / _STEP**cls)
        return next(classes, _CLASSES)


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
            heaps = _chunks([heap for heap in heaps if heap.size_class])
        groups += [heap.files for heap in heaps if len(heap.files) > 1]
    return groups


def _merged_by_class(heaps: list[Heap], min_files: int) -> list[Heap]:
    while True:
        classes = defaultdict(list)
        for heap in heaps:
            classes[heap.size_class].append(heap)
        full = next((cls for cls, some in sorted(classes.items()) if cls and len(some) >= min_files), None)
        if full is None:
            return heaps
        heaps = [heap for cls, some in classes.items() for heap in (_chunks(some) if cls == full else some)]
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
