"""Shares a long range of days between processes, each of which writes files of its own."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from multiprocessing.connection import Connection, wait

import numpy as np

from data_gen.chain.world import World
from data_gen.export import Exported, export
from data_gen.streams import STREAMS
from data_gen.writing.files import spans
from data_gen.writing.folder import DropFolder
from gymhouse.console import Problem

# Below both, a second process costs more than it brings: it makes the stretches before its days anew.
_DAYS_WORTH_SHARING, _READINGS_WORTH_SHARING = 90, 5_000_000
_SECONDS_BETWEEN_LOOKS = 0.2


def export_together(
    world: World,
    folder: DropFolder,
    first: int,
    behind: int,
    tells_truth: bool,
    workers: int,
    on_day: Callable[[int], None],
) -> Exported:
    """Write the files of the days [first, behind) with up to `workers` processes: the same bytes as with one."""
    ranges = _shares(world, first, behind, workers)
    # Until the end of the days, what later stretches tell of them is the last one's to gather.
    after = max(stream.back for stream in STREAMS)
    truths = [(a, b if b < behind else b + after) if tells_truth else None for a, b in ranges]
    if len(ranges) == 1:
        return export(world, folder, first, behind, truths[0], on_day)
    context = multiprocessing.get_context("fork")
    waiting: dict[Connection, int] = {}
    processes, done = [], {}
    for number, (share, truth) in enumerate(zip(ranges, truths, strict=True)):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(theirs, os.getpid(), world, folder, *share, truth))
        process.start()
        theirs.close()
        processes.append(process)
        waiting[ours] = number
    try:
        while waiting:
            for connection in wait(list(waiting)):
                try:
                    kind, content = connection.recv()
                except EOFError:
                    raise RuntimeError("A process that writes days ended before it was done.") from None
                if kind == "day":
                    on_day(content)
                elif kind == "problem":
                    raise Problem(*content)
                elif kind == "error":
                    raise content
                else:
                    done[waiting.pop(connection)] = content
    finally:
        for process in processes:
            if process.is_alive() and waiting:
                process.terminate()
            process.join()
    together = Exported()
    for number in sorted(done):
        together.include(done[number])
    return together


def _shares(world: World, first: int, behind: int, workers: int) -> list[tuple[int, int]]:
    """Ranges of about equal work that no file crosses: days weigh as much as there are members on them."""
    readings = (world.chain.heart_rate or 0) * (behind - first) / world.chain.days
    parts = max((behind - first) // _DAYS_WORTH_SHARING, int(readings) // _READINGS_WORTH_SHARING)
    begins = [span.first for span in spans(world.chain) if first <= span.first < behind]
    count = max(1, min(workers, parts, len(begins)))
    done = np.r_[0, np.cumsum(_members_by_day(world, first, behind))]
    cuts = {min(begins, key=lambda day: abs(done[day - first] - done[-1] * n / count)) for n in range(1, count)}
    bounds = [*sorted({first, *cuts}), behind]
    return list(pairwise(bounds))


def _members_by_day(world: World, first: int, behind: int) -> np.ndarray:
    """How many memberships run on each of the days [first, behind)."""
    memberships, n = world.lives.memberships, behind - first
    begun, ended = (
        np.bincount(np.clip(day - first, 0, n), minlength=n + 1) for day in (memberships.started, memberships.ended)
    )
    return np.cumsum(begun - ended)[:n]


def _work(
    connection: Connection,
    parent: int,
    world: World,
    folder: DropFolder,
    first: int,
    behind: int,
    truth: tuple[int, int] | None,
) -> None:
    """Write one share and send what is known of it."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        exported = export(world, folder, first, behind, truth, lambda day: connection.send(("day", day)))
        connection.send(("done", exported))
    except Problem as problem:
        connection.send(("problem", (problem.what, problem.fix)))
    except OSError as error:
        connection.send(("error", error))


def _end_with(parent: int) -> None:
    """Leave nobody behind who writes into the folder of a run that was killed."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)
