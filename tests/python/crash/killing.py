"""Start a run, and kill it with no chance to clean up at a chosen moment of a chosen step."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from one_parse import lend_parse

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE, PROJECT, Home
from ingest.keyed_hash import VARIABLE as SECRET_VARIABLE
from pipeline.history import history
from release.current import damage, live_id, open_release

# Before the first step and after the last one the run itself is at work.
BEFORE, AFTER = "before the steps", "after the steps"
EVERYTHING, STEP, RUN = "everything", "the step alone", "the run alone"
PATIENCE = 300


@dataclass(frozen=True)
class Moment:
    """When and what to kill: `seconds` after `step` began, or after the run began or the last step ended."""

    step: str
    seconds: float
    whom: str

    def __str__(self) -> str:
        return f"{self.whom} {self.seconds:.2f} s into {self.step}"


def run_command(home: Home, drops: Path) -> dict:
    """What starts a run in a session of its own. Twins share the secret, or their keyed hashes would differ."""
    lend_parse(home)
    return {
        "args": [sys.executable, "-m", "pipeline", "run", "--drops", str(drops)],
        "cwd": PROJECT,
        "env": {**os.environ, HOME_VARIABLE: str(home.root), SECRET_VARIABLE: "one secret for all homes"},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "start_new_session": True,
    }


def profile_of(home: Home) -> dict[str, float]:
    """Seconds of each part of the newest run, in order."""
    report = history(home)[0]
    steps = {step["name"]: step["seconds"] for step in report["detail"]["steps"]}
    first = report["detail"]["steps"][0]["began_after_seconds"]
    return {BEFORE: 0.5 + first, **steps, AFTER: 0.3}


def draw_moment(draw: random.Random, profile: dict[str, float], number: int) -> Moment:
    """The moment with this number: each part of a run has its turn, and the build every second time."""
    parts = [part for part in ("land", "publish", "gate", "history", AFTER, BEFORE) if part in profile]
    step = "build" if number % 2 == 0 else parts[(number // 2) % len(parts)]
    whom = draw.choice([EVERYTHING, EVERYTHING, STEP, RUN]) if step not in (BEFORE, AFTER) else EVERYTHING
    # A run that is over before its kill has to be repeated, and the last step is short.
    return Moment(step, draw.uniform(0, profile[step] * (0.6 if step == "publish" else 0.95)), whom)


def kill_run_at(home: Home, drops: Path, moment: Moment) -> bool:
    """Start a run and kill it at `moment`; returns whether that kept it from a good end."""
    former = set(home.runs.glob("*"))
    process = subprocess.Popen(**run_command(home, drops))
    try:
        came = _wait_for(moment.step, home, former, process)
        until = time.monotonic() + moment.seconds
        while came and time.monotonic() < until and process.poll() is None:
            time.sleep(0.005)
        _kill(process.pid, moment.whom)
        process.communicate(timeout=PATIENCE)
        _wait(lambda: not _session(process.pid))
        return process.returncode != 0
    finally:
        _kill(process.pid, EVERYTHING)


def _wait_for(step: str, home: Home, former: set[Path], process: subprocess.Popen) -> bool:
    """Wait until the step has begun; whether it did before the run ended."""
    if step == BEFORE:
        return True
    begun = "publish.json" if step == AFTER else f"logs/{step}.log"

    def came() -> bool:
        return any((run / begun).exists() for run in set(home.runs.glob("*")) - former)

    _wait(lambda: process.poll() is not None or came())
    return process.poll() is None


def _kill(session: int, whom: str) -> None:
    found = _session(session)
    if whom == RUN:
        chosen = [pid for pid in found if pid == session]
    elif whom == STEP:
        chosen = [pid for pid in found if found[pid] == session]
    else:
        chosen = list(found)
    for pid in chosen:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _session(session: int) -> dict[int, int]:
    """The living processes of a session, each with its parent."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            state, parent, _, its = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if folder.name.isdigit() and int(its) == session and state != "Z":
            found[int(folder.name)] = int(parent)
    return found


def _wait(true: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"waited {PATIENCE} s"
        time.sleep(0.01)


class Reader(threading.Thread):
    """Reads the live release again and again, as an API would: it must always be there, and whole."""

    def __init__(self, home: Home):
        super().__init__(daemon=True)
        self.home, self.seen, self.wrong, self.looks, self._stop_now = home, [], [], 0, threading.Event()

    def run(self) -> None:
        while not self._stop_now.wait(0.2):
            self.look()

    def look(self) -> None:
        """Read once."""
        if live_id(self.home) is None:
            self.wrong += ["nothing is live any more"] if self.seen else []
            return
        self.looks += 1
        try:
            live = open_release(self.home)
            self.wrong += damage(live)
        except Problem as problem:
            self.wrong.append(problem.what)
            return
        if not self.seen or self.seen[-1] != live.id:
            self.seen.append(live.id)

    def __enter__(self) -> Reader:
        self.look()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_now.set()
        self.join()
        self.look()
