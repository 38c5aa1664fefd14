"""Killed at random moments of land, history, build, gate and publish, the same command finishes the job.

What it leaves then is what a twin has that was never killed: nothing is lost, nothing is there twice, no release is
half, and nothing lies about. The seed and the moments of a failure are in its message.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from crash.homes_compared import lake_of, left_over, published_by, unbalanced, warehouse_of
from crash.killing import Moment, Reader, draw_moment, kill_run_at
from crash.ways import ARRIVALS, Station, run_whole, take_way

from gymhouse.home import Home
from gymhouse.lock import holder
from release.current import releases

KILLS_IN_A_ROW = 4
GROUPS = len(ARRIVALS)
ALL_GROUPS = 27
ATTEMPTS = 6


@pytest.fixture(scope="module")
def stations(tmp_path_factory: pytest.TempPathFactory) -> list[Station]:
    return take_way(tmp_path_factory.mktemp("way"))


@pytest.mark.parametrize("group", range(GROUPS))
def test_killed_runs_lose_nothing(stations, tmp_path, group):
    kill_and_finish(stations, tmp_path, group)


@pytest.mark.full
@pytest.mark.parametrize("group", range(GROUPS, ALL_GROUPS))
def test_killed_runs_lose_nothing_at_many_more_moments(stations, tmp_path, group):
    kill_and_finish(stations, tmp_path, group)


def kill_and_finish(stations: list[Station], tmp_path: Path, group: int) -> None:
    """Go on from a station: some killed runs, one whole run, one that finds nothing new."""
    draw = random.Random(group)
    before, after = stations[group % GROUPS], stations[group % GROUPS + 1]
    for attempt in range(ATTEMPTS):
        home = before.continued(tmp_path / f"home_{attempt}")
        with Reader(home) as reader:
            if (moments := killed_runs(home, after, draw, group)) is None:
                continue  # a run was quicker than its kill: nothing was left to kill then
            told = f"group {group}, killed {'; '.join(map(str, moments))}"
            print(told)
            finish_and_compare(home, after, told)
        assert reader.wrong == [], told
        assert reader.looks > 0, told
        assert len(reader.seen) <= 2, f"{told}: readers saw {reader.seen}"
        return
    raise AssertionError("the runs end before they can be killed")


def killed_runs(home: Home, after: Station, draw: random.Random, group: int) -> list[Moment] | None:
    """Kill one run after the other; the moments, or None when a run came to its end."""
    moments = []
    for number in range(group * KILLS_IN_A_ROW, (group + 1) * KILLS_IN_A_ROW):
        moments.append(draw_moment(draw, after.profile, number))
        if not kill_run_at(home, after.drops, moments[-1]):
            return None
    return moments


def finish_and_compare(home: Home, after: Station, told: str) -> None:
    """The same command ends well, leaves what the twin has, and finds nothing new when repeated."""
    run_whole(home, after.drops)
    assert unbalanced(home) == [], told
    assert lake_of(home) == after.lake, told
    assert differing(warehouse_of(home), after.warehouse) == {}, told
    assert differing(published_by(home), after.published) == {}, told
    assert len(releases(home)) == after.releases, told
    assert left_over(home) == [], told
    assert holder(home.lock) is None, told
    assert "skipped" in run_whole(home, after.drops), told


def differing(found: dict, wanted: dict) -> dict:
    """What is not equal, as (found, wanted)."""
    return {
        name: (found.get(name), wanted.get(name))
        for name in sorted(found.keys() | wanted.keys())
        if found.get(name) != wanted.get(name)
    }
