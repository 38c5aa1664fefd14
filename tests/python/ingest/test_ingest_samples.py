"""The real exports land as they are, held against Python's own readers."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from landing_lakes import make_lake

from gymhouse.home import PROJECT
from ingest.contract import read_contract

SAMPLES = PROJECT / "samples"
COUNTS = {
    "sbit": {
        "access.gym_logins": 8,
        "crm.profile_changes": 7,
        "devices.registered_devices": 5,
        "devices.workouts": 16,
    },
    "fitness_tracker": {"lifelog.daily": 9795},
}


def records(path: Path) -> int:
    """Records of a sample, counted without landing."""
    if path.suffix == ".csv":
        with path.open(newline="") as opened:
            return sum(any(row) for row in csv.reader(opened)) - 1
    return sum(bool(json.loads(line)) for line in path.read_text().splitlines() if line.strip())


@pytest.mark.parametrize("name", COUNTS)
def test_samples_land_whole(tmp_path, name):
    lake = make_lake(tmp_path, read_contract(PROJECT / "models"))
    outcome = lake.land(drops=SAMPLES / name)
    landed: dict[str, int] = {}
    for one in outcome.landed:
        assert (one.rows_read, one.rows_rejected) == (records(SAMPLES / name / one.file), 0)
        landed[one.table.label] = landed.get(one.table.label, 0) + one.rows_landed
    assert landed == COUNTS[name]
    assert outcome.ignored > 0


def test_values_of_the_sbit_sample(tmp_path):
    lake = make_lake(tmp_path, read_contract(PROJECT / "models"))
    lake.land(drops=SAMPLES / "sbit")
    first = "user_id, update_type, timestamp, dob::VARCHAR, last_name, city, zip, topic_offset"
    assert lake.rows("crm.profile_changes", first)[0] == (
        12474, "new", 1678451168, "1939-07-25", "Phillips", "San Fernando", "91340", 12791,
    )  # fmt: skip
    assert lake.rows("devices.workouts", "timestamp")[0] == (1678521900,)
    assert lake.rows("access.gym_logins")[-1] == ("57:24:ac:8c:75:ea", 5, 1678562880, 1678567200)
