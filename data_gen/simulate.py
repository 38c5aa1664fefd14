"""Puts a chain together and writes its exports, and the answer key last."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data_gen.answer_key import key as answer_key
from data_gen.answer_key.truth_table import Collected
from data_gen.answer_key.truths import TRUTHS
from data_gen.chain.parameters import Parameters
from data_gen.chain.world import World
from data_gen.export import Exported
from data_gen.streams import STREAMS
from data_gen.workers import export_together
from data_gen.writing.drops import Written, paths_of
from data_gen.writing.files import require_whole_files, spans
from data_gen.writing.folder import DropFolder
from data_gen.writing.topic_files import PATH
from gymhouse.console import Problem


@dataclass(frozen=True)
class Range:
    """The days [first, behind) to write; `behind` None is the chain's end. `as_of` are further dates of the truth."""

    first: int = 0
    behind: int | None = None
    as_of: tuple[date, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a run left: its tables, empty when the folder was up to date, and the answer key."""

    root: Path
    key: dict
    tables: dict[str, Written]
    seconds: float
    is_up_to_date: bool


def simulate(
    chain: Parameters,
    root: Path,
    replace: bool = False,
    on_day: Callable[[int], None] = lambda day: None,
    *,
    part: Range | None = None,
    workers: int = 1,
) -> Result:
    """Write the chain, or the days `part` of it, into the folder `root`; `on_day` is called as days are written.

    Does nothing when the folder holds these days of this chain already; days that it lacks are added. Raises `Problem`
    when it holds anything else, and on days that are not the chain's.
    """
    started = time.perf_counter()
    part = part or Range()
    first, behind = part.first, chain.days if part.behind is None else part.behind
    if not 0 <= first < behind <= chain.days:
        raise Problem(
            f"--from and --to are not days of the chain, which lasts from {chain.date_of(0)} to "
            f"{chain.date_of(chain.last_day)}.", "Give two of its days, the earlier one first.",
        )  # fmt: skip
    require_whole_files(chain, first, behind)
    as_of = sorted({*part.as_of, chain.date_of(behind - 1)}) if first == 0 else []
    if as_of and not chain.start <= as_of[0] <= as_of[-1] <= chain.date_of(behind - 1):
        raise Problem("--as-of lies outside the days that are written.", "Give dates among them.")

    folder = DropFolder(root, chain.as_json())
    with folder.held():
        key = folder.finished_key()
        held = _days_of(chain, key)
        missing = _without([(first, behind)], held)
        lacks_truth = bool(as_of) and held == [(0, behind)] and not {str(on) for on in as_of} <= {*key["as_of"]}
        if not missing and not lacks_truth:
            return Result(root, key, {}, time.perf_counter() - started, True)
        if lacks_truth:
            missing, held = [(first, behind)], []
        tells_truth = missing == [(0, behind)] and not held
        as_of = as_of if tells_truth else []

        world = World(chain)
        # Asks for too much before anything is touched.
        _ = world.recorded_share
        former = folder.begin(replace, _planned(chain, missing, as_of), is_anew=lacks_truth)
        held = _days_of(chain, former)
        exported = Exported()
        for begin, end in missing:
            exported.include(export_together(world, folder, begin, end, tells_truth, workers, on_day))
        key = answer_key.write(folder, world, exported, _joined([*held, *missing]), as_of, former)
        return Result(root, key, exported.tables, time.perf_counter() - started, False)


def _planned(chain: Parameters, ranges: list[tuple[int, int]], as_of: list[date]) -> list[str]:
    """Every file that a run may write."""
    planned = []
    for first, behind in ranges:
        for span in spans(chain):
            if first <= span.first < behind:
                planned += [path for stream in STREAMS if not stream.topic for path in paths_of(stream, chain, span)]
        planned += [f"{PATH}_{s.label}.jsonl" for s in spans(chain, is_topic=True) if first <= s.first < behind]
    names = [truth.name for truth in TRUTHS if not isinstance(truth, Collected)]
    return [*planned, *answer_key.paths(names, as_of)]


def _days_of(chain: Parameters, key: dict | None) -> list[tuple[int, int]]:
    """The ranges of days that a key tells of."""
    ranges = key["days"] if key else []
    return [
        (chain.day_index(date.fromisoformat(first)), chain.day_index(date.fromisoformat(last)) + 1)
        for first, last in ranges
    ]


def _without(ranges: list[tuple[int, int]], held: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of `ranges` that `held` lacks."""
    for begin, end in held:
        ranges = [
            (a, b)
            for first, behind in ranges
            for a, b in ((first, min(behind, begin)), (max(first, end), behind))
            if a < b
        ]
    return ranges


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in order, neighbours made one."""
    found: list[tuple[int, int]] = []
    for first, behind in sorted(ranges):
        if found and found[-1][1] >= first:
            found[-1] = (found[-1][0], behind)
        else:
            found.append((first, behind))
    return found
