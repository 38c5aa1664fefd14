"""Landing as a stream: Spark watches a drop folder, and every batch of new files lands as the batch command lands it.

Spark promises to show a batch at least once: after a kill it shows the last one again. Content names make that
exactly once, for what has landed is left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from gymhouse.console import Problem
from ingest.contract import Table
from ingest.drops import is_data, recognise
from ingest.lake import Lake
from ingest.land import connect
from ingest.on_spark import OnSpark, explained
from ingest.parking import Parking
from ingest.places import Folder, LocalFolder, folder_of, local_path, why
from ingest.run import Outcome, ThisProcess, carry_out, look, require_known
from ingest.scratch import scratch_of_machine

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery

# Files of one batch of the stream at most: so often at least what has landed is written down.
FILES_PER_BATCH = 1000
_FILES = "path string, modificationTime timestamp, length bigint, content binary"
# Spark forgets, and then passes over, files that are so much older than the newest. Here a late file counts.
_NEVER = "36500d"


@dataclass
class Stream:
    """One stream of one drop folder into one lake. `tell` hears of every batch; the outcome's problems are parked."""

    tables: list[Table]
    drops: Folder
    lake: Lake
    parking: Parking
    sources: tuple[str, ...] = ()
    tell: Callable[[Outcome], None] = lambda outcome: None
    secret_file: Path | None = None
    failure: BaseException | None = None

    def take(self, batch: DataFrame, number: int) -> None:
        """Land the files that Spark shows, and those parked ones that have changed."""
        try:
            shown = [(self._relative(row.path), row.length) for row in batch.collect()]
            self.land(batch.sparkSession, shown, again=False)
        except BaseException as failure:
            # Spark would tell it as a text of Java's; and for what is no Exception it would wait forever.
            self.failure = failure
            raise RuntimeError(str(failure)) from failure

    def land(self, spark: SparkSession, shown: Iterable[tuple[str, int]], again: bool) -> Outcome:
        """Land the files `shown` (path, bytes), with `again` all parked ones, too."""
        parked = self.parking.due(self.drops, everything=again)
        there = {file: size for file, size in parked.items() if size is not None}
        listed = {file: size for file, size in shown if is_data(file)} | there
        with scratch_of_machine() as scratch, connect(scratch) as connection:
            here, workers = ThisProcess(connection, scratch, self.secret_file), OnSpark(spark)
            discovery = recognise(self.drops, listed.items(), self.tables, self.sources)
            plan = look(workers, self.lake, discovery, self.sources)
            outcome = carry_out(workers, here, self.lake, self.tables, plan, wait=True)
            outcome.files, outcome.other_sources = len(discovery.files), discovery.other_sources
            for file, faults in plan.faults.items():
                outcome.problems[file] = (f"{file}: {'; '.join(faults)}", "")
            faults = {file: what for file, (what, _) in outcome.problems.items()}
            self.parking.settle([*listed, *parked], faults, self.drops, scratch)
        self.tell(outcome)
        return outcome

    def _relative(self, path: str) -> str:
        """The path below the drop folder of a file as Spark names it, which may be by another scheme."""
        return local_path(path).removeprefix(local_path(f"{self.drops}/"))

    def parked(self) -> Problem | None:
        """What is parked, as one problem."""
        if files := self.parking.files():
            return Problem(
                "These files could not land:\n" + "\n".join(f"  {one.why}" for one in files.values()),
                "Correct, rename or move them, or declare their names in a source (docs/landing.md), then start the"
                f" stream again: it tries what is listed in {self.parking.folder}. All other files have landed.",
            )
        return None


def start_stream(
    spark: SparkSession,
    contract_tables: list[Table],
    drops: str | Path,
    lake: str | Path,
    every: float | None = None,
    checkpoint: str | Path | None = None,
    sources: tuple[str, ...] = (),
    tell: Callable[[Outcome], None] = lambda outcome: None,
    secret_file: Path | None = None,
) -> tuple[Stream, StreamingQuery]:
    """Start landing what lies in the folder `drops`, and what comes, into `lake`.

    All three places are paths or URIs that Spark, the driver and the executors can reach; `checkpoint` is by default
    in the lake. With `every` (seconds) the query runs until it is stopped, else until it has landed what is there.
    What was parked before is tried first. The secret of the keyed hash is found as `land_with_spark` finds it.
    Raises `Problem` for what the user must put right.
    """
    require_known(sources, contract_tables)
    folder = folder_of(drops)
    if folder.kind() != "folder":
        raise Problem(f"There is no drop folder {folder}.", "Make it, or name another one with --drops.")
    # Another choice of sources is another stream: Spark would not show again what this one leaves alone.
    own = hashlib.sha256("\n".join([str(folder), *sorted(sources)]).encode()).hexdigest()[:12]
    below = "" if checkpoint else f"_checkpoints/{own}"
    parking = Parking(folder_of(checkpoint or lake).below(below))
    stream = Stream(contract_tables, folder, Lake(lake), parking, sources, tell, secret_file)
    if stream.parking.files():
        stream.land(spark, [], again=True)
    # Spark reads a path as a pattern.
    pattern = re.sub(r"([\\\[\]{}*?])", r"\\\1", _for_spark(drops))
    shown = (
        spark.readStream.format("binaryFile")
        .schema(_FILES)
        .option("recursiveFileLookup", True)
        .option("maxFilesPerTrigger", FILES_PER_BATCH)
        .option("maxFileAge", _NEVER)
        .load(pattern)
        .select("path", "length")  # Spark reads no content that nobody asks for
    )
    writer = shown.writeStream.foreachBatch(stream.take).option(
        "checkpointLocation", "/".join(filter(None, [_for_spark(checkpoint or lake), below, "spark"]))
    )
    trigger = {"availableNow": True} if every is None else {"processingTime": f"{every} seconds"}
    try:
        return stream, writer.trigger(**trigger).start()
    except Exception as error:
        raise explained(error) from error


def attend(stream: Stream, query: StreamingQuery, stop: Event) -> None:
    """Wait until the query ends, or `stop` is set and the batch under way is done. Raises `Problem` if it failed."""
    from pyspark.errors import StreamingQueryException

    try:
        while not query.awaitTermination(1):
            if stop.is_set() and not query.status["isTriggerActive"]:
                query.stop()
    except StreamingQueryException as error:
        raise stream.failure or Problem(
            f"The stream stopped: {why(error)}",
            "What had landed stays; start it again to go on. If its checkpoint is damaged, delete"
            f" {stream.parking.folder}: what has landed is recognised without it.",
        ) from None


def _for_spark(place: str | Path) -> str:
    """A place as Spark takes it: without settings that are meant for us."""
    folder = folder_of(place)
    return str(folder) if isinstance(folder, LocalFolder) else str(place).partition("?")[0].rstrip("/")
