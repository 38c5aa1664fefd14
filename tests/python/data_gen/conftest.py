"""Small simulated chains, each written once a test process."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from plain_pipeline import Bronze, Silver

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from data_gen.writing.defect_plan import DefectPlan

# The night of 9 March, in which New York's clocks are put forward, lies within.
SMALL = {"members": 150, "days": 14, "start": date(2025, 3, 3), "heart_rate": 40_000}


class Chain:
    """A written chain: its folder, its answer key, and what the plain pipeline makes of its files."""

    def __init__(self, root: Path, defects: str, **knobs):
        self.parameters = Parameters(**{**SMALL, **knobs}, defects=DefectPlan.parse(defects))
        self.root = root
        self.result = simulate(self.parameters, root)
        self.key = json.loads((root / "_answer_key.json").read_text())
        self.bronze = Bronze(root)
        self.silver = Silver(self.bronze)

    def defects(self, **where) -> list[dict]:
        """The key's entries that say all of `where`."""
        return [d for d in self.key["defects"] if all(d.get(name) == value for name, value in where.items())]


@pytest.fixture(scope="session")
def chains(tmp_path_factory):
    """Chains by their `--defects`, made when first asked for."""
    made: dict[str, Chain] = {}

    def chain(defects: str) -> Chain:
        if defects not in made:
            made[defects] = Chain(tmp_path_factory.mktemp("drops"), defects)
        return made[defects]

    return chain


@pytest.fixture(params=["off", "default", "heavy"])
def chain(request, chains) -> Chain:
    return chains(request.param)


@pytest.fixture(scope="session")
def make_chain():
    """The way to write one more chain: `make_chain(root, defects, **knobs)`."""
    return Chain
