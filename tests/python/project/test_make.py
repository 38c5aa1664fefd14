"""The commands that a clone begins with: make, its environments, its lock files."""

from __future__ import annotations

import re
import subprocess

import pytest

from gymhouse.home import PROJECT

LOCKS = ["run", "spark", "dev", "databricks"]
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def make(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["make", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)


def lock(name: str) -> str:
    return (PROJECT / "requirements" / f"{name}.txt").read_text()


def test_help_lists_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE).group(1).split()
    told = make("help").stdout
    assert [target for target in phony if f"make {target} " not in told] == []


def test_make_alone_is_help():
    assert make().stdout == make("help").stdout


@pytest.mark.parametrize("python", ["python-that-is-not-there", "true"])
def test_environment_refuses_another_python(python, tmp_path):
    command = [str(PROJECT / ".ci" / "environment"), python, str(tmp_path / "venv"), "an environment"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: '{python}' is not a Python 3.11.")
    assert not (tmp_path / "venv").exists()


def test_docs_before_the_first_run_says_what_to_do(tmp_path):
    told = make("docs", f"GYMHOUSE_HOME={tmp_path}")
    assert told.returncode != 0
    assert "Build it first: make run" in told.stderr


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_hashes_and_no_index(name):
    pins = PIN.findall(lock(name))
    assert len(pins) > 10
    assert lock(name).count("--hash=sha256:") >= len(pins)
    assert "://" not in lock(name)


@pytest.mark.parametrize(("smaller", "larger"), [("run", "spark"), ("spark", "dev")])
def test_each_environment_only_adds_to_the_one_before(smaller, larger):
    few, more = dict(PIN.findall(lock(smaller))), dict(PIN.findall(lock(larger)))
    assert {name: (version, more.get(name)) for name, version in few.items() if more.get(name) != version} == {}
