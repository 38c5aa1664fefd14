"""Run one step as a process of its own: log, seconds, peak memory."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from gymhouse.console import Problem
from gymhouse.home import PROJECT
from gymhouse.processes import tree_memory

POLL_SECONDS = 0.05
LOOK_SECONDS = 1
REFUSED = 2
GRACE_SECONDS = 20
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
QUIET = {
    "SODA_CORE_TELEMETRY_ENABLED": "false",
    "PYTHONUNBUFFERED": "1",
    "DBT_USE_COLORS": "false",
    "NO_COLOR": "1",
    "COLUMNS": "150",
}


@dataclass(frozen=True)
class Step:
    """A step of a run: its short `name`, what it does in words, and the command behind it.

    `around` holds while the step runs; a `Problem` that it raises is how the step failed.
    """

    name: str
    title: str
    command: list[str]
    around: Callable[[], AbstractContextManager] = nullcontext


@dataclass(frozen=True)
class Ended:
    """How a step ended. `exit_code` is negative for a signal.

    `peak_memory_bytes` is that of its largest process as the kernel counted it, or of all its processes together as
    seen once a second, whichever is more.
    """

    step: Step
    exit_code: int
    seconds: float
    peak_memory_bytes: int
    log: Path
    interrupted: bool = False


def run_step(step: Step, at: dict[str, str], log: Path, lock: int, watch: Callable[[float], None]) -> Ended:
    """Run `step` to its end, with everything it says in the file `log`.

    Args:
        at: variables that tell the step where to work, beside those of this process.
        lock: descriptor of the run lock. The step inherits it, so that no second run starts beside an orphaned step.
        watch: called about twenty times a second with the seconds so far.

    A KeyboardInterrupt ends the step; the result then says `interrupted`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    process = None
    exit_code, memory, interrupted = REFUSED, 0, False
    try:
        with step.around():
            process = start(step.command, at, log, lock)
            exit_code, memory = _watched(process, lambda: watch(time.monotonic() - begun))
    except Problem as problem:
        log.write_text(f"error: {problem.what}\ndo: {problem.fix}\n")
    except KeyboardInterrupt:
        interrupted = True
        if process:
            exit_code, memory = _stop(process)
    return Ended(step, exit_code, time.monotonic() - begun, memory, log, interrupted)


def tail(log: Path, lines: int) -> list[str]:
    """The last `lines` lines with something in them of the file `log`, read from its end."""
    if not log.exists() or not lines:
        return []
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 64_000))
        text = file.read().decode(errors="replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]


def start(command: list[str], at: dict[str, str], log: Path, lock: int) -> subprocess.Popen:
    """Start a process of a run as `run_step` describes it; it does not outlive a killed run."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, **QUIET, **at},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[lock],
            process_group=0,  # Ctrl-C reaches the run, which ends its step in order
            preexec_fn=_prepare,
        )


def _watched(process: subprocess.Popen, watch: Callable[[], None]) -> tuple[int, int]:
    """Exit code and peak memory in bytes of the process, which may start others, as dbt does with Spark's JVM."""
    together, look = 0, time.monotonic() + LOOK_SECONDS
    while (ended := _ended(process)) is None:
        watch()
        if time.monotonic() > look:
            together, look = max(together, tree_memory(process.pid)), time.monotonic() + LOOK_SECONDS
        time.sleep(POLL_SECONDS)
    exit_code, largest = ended
    return exit_code, max(largest, together)


def _ended(process: subprocess.Popen) -> tuple[int, int] | None:
    """Exit code and peak memory in bytes once the process has ended; asks the kernel, which alone knows the peak."""
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return process.returncode, usage.ru_maxrss * unit


def _stop(process: subprocess.Popen) -> tuple[int, int]:
    """End the process as `_ended` tells it. Asks first, since dbt and DuckDB close their files when asked."""
    process.send_signal(signal.SIGINT)
    patience = time.monotonic() + GRACE_SECONDS
    while (ended := _ended(process)) is None:
        if time.monotonic() > patience:
            process.kill()
        time.sleep(POLL_SECONDS)
    return ended


def _prepare() -> None:
    """In the child, before its program starts: let it be interrupted, and let it not outlive a killed run.

    A shell that starts a run in the background has it ignore SIGINT, and a step would inherit that.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
