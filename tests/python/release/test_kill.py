"""A publish that is stopped at any moment leaves a whole release live, and the next one finishes the job."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from gymhouse.home import DUCKDB, HOME_VARIABLE, PROJECT
from release.current import damage, live_id, open_release, releases
from release.publish import publish

ONE_MORE = "insert into gold.fct_visit values ({0}, 1, 10, date '2026-01-01')"


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def whole_and_live(tiny) -> str:
    """The live id, after making sure that it and every listed release is whole."""
    live = open_release(tiny.home)
    for release in releases(tiny.home):
        assert damage(release) == []
    return live.id


def tidy(tiny) -> None:
    names = {path.name for path in tiny.home.releases.iterdir()}
    assert names == {".lock", "CURRENT"} | {release.id for release in releases(tiny.home)}


def die_before(monkeypatch, nth: int) -> None:
    """Let the process end before the nth operation that changes the disk."""
    done = []

    def dying(module, name):
        real = getattr(module, name)

        def operation(*arguments, **options):
            if len(done) == nth:
                raise Killed
            done.append(name)
            return real(*arguments, **options)

        monkeypatch.setattr(module, name, operation)

    for module, name in (
        (os, "rename"),
        (os, "replace"),
        (os, "link"),
        (os, "fsync"),
        (os, "unlink"),
        (shutil, "rmtree"),
    ):
        dying(module, name)


def test_ending_before_any_step(tiny, released, monkeypatch):
    released()
    tiny.change(ONE_MORE.format(1000))
    tiny.gate()
    seen = []
    for nth in range(200):
        with monkeypatch.context() as patch:
            die_before(patch, nth)
            try:
                published = publish(tiny.home, tiny.home.verdict_of(DUCKDB), keep=1)
                break
            except Killed:
                whole_and_live(tiny)
                seen.append(open_release(tiny.home).tables["gold.fct_visit"]["rows"])
    assert len(seen) > 10
    assert sorted(seen) == seen  # Once the new data is live, it stays so.
    assert set(seen) == {100, 101}
    assert open_release(tiny.home).tables["gold.fct_visit"]["rows"] == 101
    assert [release.id for release in releases(tiny.home)] == [published["release_id"]]
    tidy(tiny)


@pytest.mark.parametrize("seed", range(2))
def test_kill_9_at_a_random_moment(tiny, released, seed):
    draw = random.Random(seed)
    tiny.change("insert into gold.fct_visit select range, 1, range / 7, date '2026-01-01' from range(1000, 400000)")
    released()
    environment = os.environ | {HOME_VARIABLE: str(tiny.home.root)}
    command = [sys.executable, "-m", "release", "publish"]
    killed = 0
    for attempt in range(4):
        tiny.change(ONE_MORE.format(10**6 + attempt))
        tiny.gate()
        before = live_id(tiny.home)
        child = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True)
        assert "copying" in child.stderr.readline()
        time.sleep(draw.uniform(0, 0.3))
        child.send_signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
        child.stderr.close()
        live = whole_and_live(tiny)
        if live != before:
            assert json.loads((tiny.home.releases / live / "manifest.json").read_text())["id"] == live
    assert killed
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert whole_and_live(tiny) == releases(tiny.home)[-1].id
    assert open_release(tiny.home).tables["gold.fct_visit"]["rows"] == 100 + 399000 + 4
    tidy(tiny)
