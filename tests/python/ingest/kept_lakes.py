"""Lakes of several days to keep house in, and commands that are killed at a given step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
from landing_lakes import LakeOfTest

from gymhouse.home import PROJECT, Home
from ingest import run
from ingest.compact import Compacted, Measure, compact
from ingest.keeper import keeping
from ingest.lake import Lake
from ingest.retire import Retired, retire

DAYS = 7
# Every raw file of a test is tiny.
MEASURE = Measure(target_size=2**20, min_files=4)


def land_days(lake: LakeOfTest, monkeypatch, days: int = DAYS, month: int = 4) -> None:
    """Land one file of notes, with a rejected row, and one of events on each of the first `days` of the month."""
    for day in range(1, days + 1):
        lines = "".join(f"k{at},note {day},{at}\n" for at in range(day))
        lake.drop(f"notes_{month}_{day}.csv", f"id,text,number\n{lines}bad{month}{day},x,2.7\n")
        lake.drop(f"events_{month}_{day}.json", f'{{"id": {day}, "value": {month}}}\n' * (day % 3))
        monkeypatch.setattr(run, "now", lambda day=day: datetime(2023, month, day, 12))  # noqa: DTZ001
        lake.land()


def copy_of(lake: LakeOfTest, folder: Path) -> LakeOfTest:
    """A copy of the lake and its drops in the new folder `folder`."""
    shutil.copytree(lake.home.root, folder / "home")
    shutil.copytree(lake.drops, folder / "drops")
    return LakeOfTest(Home(folder / "home"), folder / "drops", lake.tables)


def compacted(lake: LakeOfTest, dry_run: bool = False) -> dict[str, Compacted]:
    """Compact all tables; what was done, by table."""
    with keeping(Lake(lake.home.lake), lake.tables, lake.home.scratch, "compact", dry_run) as keeper:
        done = compact(keeper, [table for table in lake.tables if table.drops], MEASURE)
    return {one.table.label: one for one in done}


def retired(lake: LakeOfTest, as_of: date, dry_run: bool = False) -> list[Retired]:
    """Let go of what is older than the policies of the lake's tables."""
    with keeping(Lake(lake.home.lake), lake.tables, lake.home.scratch, "retire", dry_run) as keeper:
        return retire(keeper, [table for table in lake.tables if table.drops], as_of)


def everything(lake: LakeOfTest) -> dict[str, list[tuple]]:
    """All rows of every table of the lake, with all their columns, as a build reads them."""
    found = {}
    for folder in (lake.home.raw, lake.home.rejected):
        for place in sorted(folder.glob("*/*")):
            if list(place.rglob("*.parquet")):
                read = f"read_parquet('{place}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
                found[place.relative_to(folder.parent).as_posix()] = duckdb.sql(f"FROM {read} ORDER BY ALL").fetchall()
    return found


def raw_files(lake: LakeOfTest, label: str) -> list[Path]:
    """The raw files of a table."""
    return sorted((lake.home.raw / label.replace(".", "/")).rglob("*.parquet"))


_KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, "tests/python/ingest")
from ingest.places import LocalFolder
steps = int(sys.argv[2])

def counted(do):
    def step(*arguments):
        global steps
        if steps == 0:
            os.kill(os.getpid(), 9)
        steps -= 1
        return do(*arguments)
    return step

LocalFolder.commit, LocalFolder.delete = counted(LocalFolder.commit), counted(LocalFolder.delete)
import landing_lakes, kept_lakes
from gymhouse.home import Home
home = Path(sys.argv[1])
lake = landing_lakes.LakeOfTest(Home(home), home.parent / "drops", landing_lakes.TABLES)
"""


def killed_after(steps: int, lake: LakeOfTest, command: str) -> bool:
    """Run the Python `command`, in which `lake` is this lake, and kill it before one more file is committed or deleted.

    Returns whether it came to its end before.
    """
    done = subprocess.run(
        [sys.executable, "-c", _KILLED + command, str(lake.home.root), str(steps)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == 0


def at_every_step(new: Callable[[], LakeOfTest], command: str, check: Callable[[LakeOfTest], None]) -> int:
    """Kill `command` at each of its steps in turn, in a `new` lake each, and `check` what it leaves.

    Returns how many steps there are.
    """
    steps, ended = 0, False
    while not ended:
        lake = new()
        ended = killed_after(steps, lake, command)
        check(lake)
        steps += 1
    return steps - 1
