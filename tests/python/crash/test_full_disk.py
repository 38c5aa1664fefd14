"""A disk that fills up during any step: told in words, the release that was live stays, and room is all it takes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crash.homes_compared import left_over, unbalanced
from crash.killing import run_command
from houses import SAMPLES

from gymhouse.home import Home
from pipeline.history import history
from release.current import damage, open_release

SIZE = 250 * 1024**2
STEPS = {"land": 0, "build": 2 * 1024**2, "gate": 0, "publish": 0}


def mounted(folder: Path, size: int) -> list[str] | None:
    """Mount a file system of `size` bytes; the words that a command to unmount it begins with, None if none can."""
    options = f"size={size},uid={os.getuid()},gid={os.getgid()}"
    for before in ([], ["sudo", "-n"]):
        try:
            done = subprocess.run(
                [*before, "mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
            )
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return before
    return None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, and small."""
    folder = tmp_path / "disk"
    folder.mkdir()
    before = mounted(folder, SIZE)
    if before is None:
        pytest.skip(
            "this machine lets nobody mount a small file system; the limit of file sizes is tested all the same"
        )
    yield folder
    subprocess.run([*before, "umount", "--lazy", folder], check=True)


class Ballast:
    """Fills a disk but for some bytes; at once, or when the newest run begins a step."""

    def __init__(self, disk: Path, home: Home):
        self.path, self.home = disk / "ballast", home
        self.disk = disk

    def fill(self, left: int) -> None:
        """Leave only `left` bytes."""
        with self.path.open("ab") as file:
            while (free := shutil.disk_usage(self.disk).free - left) > 0:
                os.posix_fallocate(file.fileno(), file.tell(), free)
                file.seek(0, os.SEEK_END)

    def fill_during(self, step: str, left: int, run: subprocess.Popen) -> threading.Thread:
        """Leave only `left` bytes as soon as the run begins `step`."""
        former = set(self.home.runs.glob(f"*/logs/{step}.log"))

        def watch() -> None:
            while run.poll() is None:
                if set(self.home.runs.glob(f"*/logs/{step}.log")) - former:
                    return self.fill(left)
                time.sleep(0.002)

        thread = threading.Thread(target=watch)
        thread.start()
        return thread

    def drop(self) -> None:
        """Make room again."""
        self.path.unlink(missing_ok=True)


def test_each_step_on_a_full_disk(small_disk):
    home = Home(small_disk / "home")
    home.root.mkdir()
    ballast = Ballast(small_disk, home)
    done = subprocess.run(**run_command(home, SAMPLES / "sbit"), text=True, check=False)
    assert done.returncode == 0, done.stdout
    live = open_release(home).id
    drops = SAMPLES / "fitness_tracker"
    for step, left in STEPS.items():
        run = subprocess.Popen(**run_command(home, drops), text=True)
        filling = ballast.fill_during(step, left, run)
        said, _ = run.communicate(timeout=300)
        filling.join()
        assert ballast.path.exists(), f"the run did not come to {step}: {said}"
        ballast.drop()
        assert run.returncode in (1, 2), f"{step}: {said}"
        assert f"The disk of {home.root} is full" in said, f"{step}: {said}"
        assert "Make room there" in said, f"{step}: {said}"
        assert "Traceback" not in said, f"{step}: {said}"
        assert open_release(home).id == live, step
        assert damage(open_release(home)) == [], step
        assert not list(home.releases.glob(".*.tmp")), step
    done = subprocess.run(**run_command(home, drops), text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert history(home)[0]["status"] == "published"
    newest = open_release(home)
    assert newest.id != live
    assert newest.tables["gold.fact_daily"]["rows"] > 0
    assert damage(newest) == []
    assert unbalanced(home) == []
    assert left_over(home) == []


@pytest.mark.full
def test_limit_of_file_sizes(tmp_path):
    """What every machine can do: no file may grow beyond some kB, so dbt's cannot."""
    home = Home(tmp_path / "home")
    home.root.mkdir()
    command = run_command(home, SAMPLES / "sbit")
    limited = subprocess.run(
        **command,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, resource.RLIM_INFINITY)),
    )
    assert limited.returncode == 1, limited.stdout
    assert "may not grow beyond 0.2 MB" in limited.stdout
    assert "ulimit -f unlimited" in limited.stdout
    done = subprocess.run(**command, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert damage(open_release(home)) == []
    assert left_over(home) == []
