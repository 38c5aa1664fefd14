"""The same knobs give the same bytes, in any process; other ones do not."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from data_gen.writing.defect_plan import DefectPlan
from gymhouse.home import PROJECT

CHAIN = Parameters(members=60, days=5)


def digest(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("base")
    simulate(CHAIN, root)
    return root


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_same_seed_same_bytes(base, tmp_path, hash_seed):
    command = [sys.executable, "-m", "data_gen", "--out", str(tmp_path / "drops"), "--members", "60", "--days", "5"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True)
    assert digest(tmp_path / "drops") == digest(base)


@pytest.mark.parametrize("knob", [{"seed": 8}, {"defects": DefectPlan("off")}, {"heart_rate": 5000}])
def test_other_knobs_other_bytes(base, tmp_path, knob):
    simulate(replace(CHAIN, **knob), tmp_path)
    assert digest(base / "devices") != digest(tmp_path / "devices")
    # One part's chance never moves another's.
    same_visits = "heart_rate" in knob
    assert same_visits == (digest(base / "access") == digest(tmp_path / "access"))
