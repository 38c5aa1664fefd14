"""Landing on Spark: every file is examined and landed by the one engine, in a task on one of the executors.

Spark brings the hands, not the rules: how a record is split, what a value may be and why a row is rejected is the
business of the DuckDB engine, which runs inside the Python worker with one thread. The driver lists, plans and keeps
the ledger. Only data frames are used, so that a session of Spark Connect serves as well.
"""

from __future__ import annotations

import pickle
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from gymhouse.console import Problem
from ingest.contract import Table
from ingest.drops import Found
from ingest.examine import Examined
from ingest.lake import Lake
from ingest.land import TRY_AGAIN, Done, Order, Work, connect
from ingest.plan import Wanted
from ingest.run import Outcome, ThisProcess, land_folder
from ingest.scratch import scratch_of_machine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A task has one core and shares its machine's memory with as many others as there are cores; beyond this it spills.
TASK_MEMORY = 2**30
# Small files go together into one task, up to so many bytes or files: a task costs about as much as a small file.
SHARE_BYTES = 2**24
SHARE_FILES = 32


def land_with_spark(
    spark: SparkSession,
    contract_tables: list[Table],
    drops: str | Path,
    lake: str | Path,
    sources: tuple[str, ...] = (),
    dry_run: bool = False,
    secret_file: Path | None = None,
) -> Outcome:
    """Land what lies in `drops` into `lake` (paths or URIs that driver and executors alike can reach).

    The secret of the keyed hash, if a table needs it, is that of the driver's environment, else out of `secret_file`.
    The result is that of a landing without Spark: same files, same rows, same rejects. Raises `Problem`, before the
    lake is touched, for everything the user must put right, and after the landing for files that failed on the way.
    """
    with scratch_of_machine() as scratch, connect(scratch) as connection:
        here = ThisProcess(connection, scratch, secret_file)
        return land_folder(OnSpark(spark), here, Lake(lake), contract_tables, drops, sources, dry_run)


@dataclass
class OnSpark:
    """Examines and lands files in tasks of a Spark session.

    How an examined file is to be read may take a megabyte; between the two steps it is kept packed in `opened`.
    """

    spark: SparkSession
    opened: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def examine(self, files: list[Found], wanted: Wanted) -> Iterator[Examined]:
        """Look at each file."""
        for seen, opened in self._each(partial(_examine, wanted), files, files):
            self.opened[_key(seen)] = opened
            yield seen

    def land(self, order: Order, work: list[Work]) -> Iterator[Done]:
        """Land each file."""
        packed = [(one, self.opened[_key(one.seen)]) for one in work]
        yield from self._each(partial(_land, order), packed, [one.seen.found for one in work])

    def _each(self, do: Callable[[ThisProcess, object], object], items: list, files: list[Found]) -> list:
        """What `do` gives for each of `items`, in their order; `files` are those that they deal with."""
        if not items:
            return []
        shares = share_out([found.size for found in files])
        rows = [(at, pickle.dumps([(which, items[which]) for which in share])) for at, share in enumerate(shares)]
        # Few rows are ranged exactly: each share becomes the partition of its number, and tasks start in that order.
        frame = self.spark.createDataFrame(rows, "share int, items binary").repartitionByRange(len(shares), "share")
        try:
            told = frame.mapInArrow(partial(_run, do), "which int, result binary").collect()
        except Exception as error:
            raise explained(error, [[files[which].relative for which in share] for share in shares]) from error
        return [pickle.loads(row.result) for row in sorted(told, key=lambda row: row.which)]


def share_out(sizes: list[int]) -> list[list[int]]:
    """Split files of these sizes (bytes) into shares of one task each, the largest first; gives their places."""
    shares: list[list[int]] = []
    filled = 0
    for which in sorted(range(len(sizes)), key=lambda which: (-sizes[which], which)):
        if not shares or filled + sizes[which] > SHARE_BYTES or len(shares[-1]) == SHARE_FILES:
            shares.append([])
            filled = 0
        shares[-1].append(which)
        filled += sizes[which]
    return shares


def _run(do: Callable[[ThisProcess, object], object], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A task, in the executor's Python: `do` for every item of its share."""
    with scratch_of_machine() as scratch, connect(scratch, TASK_MEMORY, threads=1) as connection:
        here = ThisProcess(connection, scratch)
        for batch in batches:
            for share in batch.column("items").to_pylist():
                for which, item in pickle.loads(share):
                    result = pickle.dumps(do(here, item))
                    yield pa.RecordBatch.from_arrays(
                        [pa.array([which], pa.int32()), pa.array([result], pa.binary())], ["which", "result"]
                    )


def _examine(wanted: Wanted, here: ThisProcess, found: Found) -> tuple[Examined, bytes]:
    try:
        [seen] = here.examine([found], wanted)
    except Exception as error:
        seen = Examined(found, faults=[f"cannot be examined ({_name(error)})"])
    packed = zlib.compress(pickle.dumps((seen.opened, seen.scan)), 1)
    return replace(seen, opened=None, scan=None), packed


def _land(order: Order, here: ThisProcess, packed: tuple[Work, bytes]) -> Done:
    work, opened = packed
    try:
        work.seen.opened, work.seen.scan = pickle.loads(zlib.decompress(opened))
        [done] = here.land(order, [work])
    except Exception as error:
        file = work.seen.found.relative
        done = Done(file, problem=(f"{file} could not be landed ({_name(error)}).", TRY_AGAIN))
    return done


def _key(seen: Examined) -> tuple[str, str]:
    return seen.found.relative, seen.batch


def _name(error: Exception) -> str:
    """The error without its text, which may quote the file. What users can put right was told before it came here."""
    return f"{type(error).__name__}; land it without Spark to see more"


def explained(error: Exception, shares: Sequence[Sequence[str]] = ()) -> Problem:
    """A job of Spark that failed as a whole, as one problem; `shares` are the files of each of its tasks."""
    said = str(error)
    if module := re.search(r"No module named '([\w.]+)'", said):
        return Problem(
            f"The executors' Python has no module {module[1]}.",
            "Ship the code and its packages to the cluster (docs/landing.md, In Databricks or Glue).",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    cause = next((line for line in lines if re.search(r"crashed|exited|Lost task|OutOfMemory|Killed", line)), lines[0])
    task = re.search(r"[Tt]ask (\d+)(?:\.\d+)? in stage", said)
    files = f" (it was at {', '.join(shares[int(task[1])])})" if task and int(task[1]) < len(shares) else ""
    return Problem(
        f"A Spark task failed{files}: {cause[:300]}",
        "What had landed stays. If the executor ran out of memory, give it more, or land that file without Spark; then"
        " run the same command again.",
    )
