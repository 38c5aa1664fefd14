"""A wearable vendor's bulk drops for a simulated chain: `python -m benchmarks.wearable_vendor --out DIR`.

Writes into DIR the exports of a chain whose topic carries no heart rates (`chain/`), and beside them one Parquet file
a day (`vendor/bpm_<day>.parquet`: device_id, time, heartrate) with one reading a second of those workouts, until there
are as many as asked for. What is wrong with them is drawn by `SHARES`; the same seed gives the same rows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_gen.chain.parameters import Parameters
from data_gen.chain.people import Members
from data_gen.chain.world import World
from data_gen.devices.heart_rate import NO_VALUE, Readings, record, recorded
from data_gen.devices.workouts import Sessions
from data_gen.simulate import simulate
from gymhouse.console import Problem, explains_problems, out, progress

# Of all readings: sent again (half of them in the next file), sent again with another value, days late, no valid value.
# The exports that tables of readings are made of; the ways that are compared know no others.
OF_READINGS = ("locations_", "gym_logins_", "registered_", "multiplex_", "lifelog_")
SHARES = {"duplicate": 0.005, "corrected": 0.0005, "late": 0.01, "invalid": 0.005}
_INVALID = np.array([0, 255, -1, NO_VALUE, 24, 241], np.int16)
_LATEST = 3  # days
# What a member's device records in a day of the simulated chain, on average; some more members than that are drawn.
SECONDS_A_MEMBER_DAY = 125
_SPARE = 1.15


@dataclass
class Delivery:
    """What a vendor delivered. `readings` are distinct (device, second) pairs; `rows` counts those sent again, too."""

    members: int
    days: int
    workouts: int
    readings: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0


def chain_of(readings: int, days: int, seed: int, members: int | None = None) -> Parameters:
    """A chain whose members train enough for so many readings."""
    enough = max(50, round(_SPARE * readings / days / SECONDS_A_MEMBER_DAY))
    return Parameters(members or enough, days, seed=seed, heart_rate=readings, files="day")


def deliver(chain: Parameters, folder: Path, on_day: Callable[[int], None] = lambda day: None) -> Delivery:
    """Write one Parquet file a day of the chain's readings (`chain.heart_rate` of them) into `folder`."""
    begun = time.perf_counter()
    folder.mkdir(parents=True)
    world = World(chain)
    members, devices = world.members, world.devices
    sessions = Sessions.together([recorded(world, days) for days in world.stretches])
    delivery = Delivery(chain.members, chain.days, len(sessions))
    late: list[pa.Table] = []
    days = range(chain.days)
    with ThreadPoolExecutor(2) as pool:
        drawn = _ahead(pool, lambda day: _day(chain, members, devices, sessions, day), days)
        for day, (count, now, later) in zip(days, drawn, strict=True):
            due = [table.filter(pc.less_equal(table["day"], day)) for table in late]
            late = [table.filter(pc.greater(table["day"], day)) for table in late]
            late = [table for table in [*late, later] if table.num_rows]
            path = folder / f"bpm_{chain.date_of(day).isoformat()}.parquet"
            tables = pa.concat_tables([now, *(table.drop_columns("day") for table in due)])
            if tables.num_rows:
                pq.write_table(tables, path, compression="zstd", row_group_size=2**20)
                delivery.bytes += path.stat().st_size
            delivery.readings += count
            delivery.rows += tables.num_rows
            on_day(day)
    delivery.seconds = time.perf_counter() - begun
    return delivery


def _ahead(pool: ThreadPoolExecutor, work: Callable, items: range) -> Iterator:
    """The results of `work` in order, one of them always under way while another is used."""
    waiting = []
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) == 2:
            yield waiting.pop(0).result()
    yield from (one.result() for one in waiting)


def _day(chain: Parameters, members: Members, devices, every: Sessions, day: int) -> tuple[int, pa.Table, pa.Table]:
    """Of the workouts begun on `day`: how many readings there are, rows sent that day, rows sent later (with `day`)."""
    sessions = every.where(np.flatnonzero(chain.day_of(every.start) == day))
    dice = chain.dice("vendor", day)
    readings = record(dice, members, members.age_on(chain.date_of(day)), sessions)
    n = len(readings)

    def some(kind: str) -> np.ndarray:
        return dice.integers(0, n, round(SHARES[kind] * n)) if n else np.zeros(0, np.int64)

    readings.bpm[some("invalid")] = dice.choice(_INVALID, round(SHARES["invalid"] * n))
    arrives = np.full(n, day)
    is_late = some("late")
    arrives[is_late] = np.minimum(day + dice.integers(1, _LATEST + 1, len(is_late)), chain.last_day)
    again = readings.where(some("duplicate"))
    other = readings.where(some("corrected"))
    other = Readings(other.device, other.time, (other.bpm - 3).astype(np.int16))
    copies = Readings.together([again, other])
    copies_arrive = np.minimum(day + np.arange(len(copies)) % 2, chain.last_day)
    now = _table(devices, Readings.together([readings.where(arrives == day), copies.where(copies_arrive == day)]))
    rest = Readings.together([readings.where(arrives > day), copies.where(copies_arrive > day)])
    due = np.concatenate([arrives[arrives > day], copies_arrive[copies_arrive > day]])
    return n, now, _table(devices, rest).append_column("day", pa.array(due))


def _table(devices, readings: Readings) -> pa.Table:
    return pa.table(
        {
            "device_id": devices.device_id(readings.device),
            "time": readings.time,
            "heartrate": pa.array(readings.bpm.astype(np.float64), mask=readings.bpm == NO_VALUE),
        }
    )


def make(folder: Path, chain: Parameters, on_day: Callable[[int], None] = lambda day: None) -> Delivery:
    """Write what the chain itself exports of readings, and the vendor's drops, below `folder`, a new folder."""
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder} is not empty.", "Name a new folder.")
    silent = replace(chain, heart_rate=0)
    simulate(silent, folder / "chain")
    for drop in [*(folder / "chain").glob("[!_]*/*")]:
        if not drop.name.startswith(OF_READINGS):
            drop.unlink()
    return deliver(chain, folder / "vendor", on_day)


@click.command()
@click.option("--out", "folder", type=click.Path(path_type=Path), required=True, help="A new folder to write to.")
@click.option("--readings", default=10_000_000, show_default=True, help="How many readings to aim at.")
@click.option("--days", default=60, show_default=True, help="Days of the chain; one file each.")
@click.option("--members", type=int, help="Members of the chain.  [default: as many as train enough]")
@click.option("--seed", default=7, show_default=True, help="Another seed draws another chain.")
@click.option("--json", "result_file", type=click.Path(path_type=Path), help="Write the numbers here, too.")
@explains_problems
def main(folder: Path, readings: int, days: int, members: int | None, seed: int, result_file: Path | None) -> None:
    """Write a simulated chain's exports and a wearable vendor's bulk Parquet drops of its heart rates."""
    with progress("days") as bar:
        task = bar.add_task("readings", total=days)
        made = make(folder, chain_of(readings, days, seed, members), lambda day: bar.advance(task))
    out.print(
        f"{made.readings:,} readings of {made.workouts:,} workouts of {made.members:,} members in {made.rows:,} rows,"
        f" {made.bytes / 1e6:,.0f} MB, {made.seconds:.1f} s, {made.rows / made.seconds:,.0f} rows/s"
    )
    if result_file:
        result_file.write_text(json.dumps(asdict(made), indent=2) + "\n")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.wearable_vendor")
