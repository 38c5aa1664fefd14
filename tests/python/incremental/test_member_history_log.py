"""A long, untidy log of profile changes, delivered day by day: every version of it is recovered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from houses import House

from benchmarks.member_history.plain_fold import Event, Version, fold, seen_daily

JOINED = Event(1, 1, 100, "new", "First Street", "Erie")
MOVED = Event(1, 2, 200, "update", "Second Street", "Erie")
SLOW = Event(1, 3, 150, "update", "Third Street", "Erie")
LEFT = Event(1, 4, 300, "delete", "Third Street", "Erie")
BACK = Event(1, 5, 400, "new", "Fourth Street", "Boise")


def test_the_fold_by_hand():
    """The judge of all below: late, twice, stamped by a slow clock, deleted and back."""
    assert fold([BACK, SLOW, JOINED, LEFT, SLOW, MOVED]) == [
        Version(1, 1, "new", "First Street", "Erie", 100, 200),
        Version(1, 2, "update", "Second Street", "Erie", 200, 200),
        Version(1, 3, "update", "Third Street", "Erie", 200, 300),
        Version(1, 4, "new", "Fourth Street", "Boise", 400, None),
    ]


def test_what_a_daily_snapshot_sees_by_hand():
    """The last of each day; not what came late for a day that is over, nor a deletion."""
    assert seen_daily([[JOINED, SLOW], [MOVED, LEFT], [BACK]]) == {(1, 3), (1, 5)}


def test_every_version_of_a_log_is_recovered(house: House, tmp_path: Path):
    told = recovered(house, tmp_path, events=50_000, members=3_000, days=5)
    # A snapshot a day holds what it must, and that is far from all.
    assert 0.2 < told["snapshot_held"] / told["versions"] < 0.6


@pytest.mark.full
def test_every_version_of_a_long_log_is_recovered(house: House, tmp_path: Path):
    recovered(house, tmp_path, events=1_000_000, members=60_000, days=30)


def recovered(house: House, folder: Path, **size: int) -> dict:
    """What the command tells of a log of this `size`, after all that must hold of it."""
    result = folder / "result.json"
    options = [part for name, value in size.items() for part in (f"--{name}", str(value))]
    house.run("benchmarks.member_history", *options, "--folder", str(folder), "--json", str(result))
    told = json.loads(result.read_text())
    assert told["events"] == size["events"]
    for share, count in ((0.03, told["late"]), (0.02, told["repeated"]), (0.01, told["deletes"])):
        assert count == pytest.approx(share * size["events"], rel=0.1)
    assert told["recovered"] == told["versions"] > 0.97 * size["events"]
    assert (told["wrong"], told["not_apart"], told["failed_tests"]) == (0, 0, 0)
    assert told["snapshot_held"] == told["snapshot_expected"]
    return told
