"""What a command costs: its seconds, and the largest memory and temporary space of all its processes together."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gymhouse.home import PROJECT
from gymhouse.processes import tree_memory

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Measured:
    """What a command cost.

    `seconds` by the clock, `work` in seconds of processors, `memory`: peak resident bytes of its processes together,
    `spilled`: peak bytes of the folders it spilled to.
    """

    seconds: float
    work: float
    memory: int
    spilled: int = 0


def measure(
    command: list[str], environment: dict[str, str], log: Path, spills: tuple[Path, ...] = (), taskset: str = ""
) -> Measured:
    """Run `command` in the project, all that it says going to `log`; `spills` are folders whose size is watched.

    With `taskset`, a list of processors, it runs on these alone. Ends the benchmark when the command fails.
    """
    held = ["taskset", "-c", taskset] if taskset else []
    begun, worked, peak, spilled = time.perf_counter(), _work_of_children(), 0, 0
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*held, *command],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            peak = max(peak, tree_memory(process.pid))
            spilled = max(spilled, sum(map(size_of, spills)))
            time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({process.returncode}):\n{log.read_text()[-4000:]}")
    return Measured(seconds, _work_of_children() - worked, peak, spilled)


def module(name: str, *arguments: object) -> list[str]:
    """The command `python -m name arguments…`."""
    return [sys.executable, "-m", name, *map(str, arguments)]


def _work_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def size_of(folder: Path) -> int:
    """Bytes of all files below `folder`, now; 0 when there is none."""
    total = 0
    for below, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(below, name)).st_size
            except OSError:
                continue  # it went while we looked
    return total
