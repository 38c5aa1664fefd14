"""What was known when, and what was true when, run after run: the snapshot and the folded history, tied by tests."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from built_home import BuiltHome
from schedules import Build

# All that both are made of, with the tests of what is made here.
BOTH = ("--select", "+member_profile_snapshot", "+dim_member_history", "--indirect-selection", "cautious")
RUN = Build(("build", *BOTH, "--exclude-resource-type", "unit_test"))
TIED = Build(("test", "--select", "member_profile_snapshot"))
ANN, BEN = 1, 2
NOON = 1_740_830_400  # 2025-03-01 12:00 UTC


def change(member: int, sequence: int, city: str, kind: str = "update") -> dict:
    """A change of a profile, made `sequence` hours after noon."""
    at = NOON + sequence * 3600
    address = {"city": city, "state": "NV", "zip": "89001", "street_address": f"{sequence} Main Street"}
    return {"user_id": member, "sequence": sequence, "timestamp": at, "update_type": kind, "address": address}


RUNS = [
    [change(ANN, 1, "Albany", "new"), change(BEN, 1, "Boise", "new"), change(BEN, 2, "Butte")],
    # Late, and between what is known: no news to who only looks at the last state.
    [change(ANN, 5, "Chico"), change(BEN, 2, "Butte"), change(BEN, 0, "Barstow", "new")],
    [change(ANN, 3, "Ames"), change(BEN, 4, "Butte", "delete")],
    # Before the deletion, known after it; and an update that two runs wait for.
    [change(BEN, 3, "Bend"), change(ANN, 4, "Austin")],
    [change(BEN, 6, "Berlin", "new")],
]
# As each run leaves them: (member, city, is_deleted, is_open) in the order in which they were seen.
SEEN = [
    [(ANN, "Albany", False, True), (BEN, "Butte", False, True)],
    [(ANN, "Albany", False, False), (ANN, "Chico", False, True), (BEN, "Butte", False, True)],
    [
        (ANN, "Albany", False, False), (ANN, "Chico", False, True),
        (BEN, "Butte", False, False), (BEN, "Butte", True, True),
    ],
    [
        (ANN, "Albany", False, False), (ANN, "Chico", False, True),
        (BEN, "Butte", False, False), (BEN, "Butte", True, False), (BEN, "Bend", True, True),
    ],
    [
        (ANN, "Albany", False, False), (ANN, "Chico", False, True),
        (BEN, "Butte", False, False), (BEN, "Butte", True, False), (BEN, "Bend", True, False),
        (BEN, "Berlin", False, True),
    ],
]  # fmt: skip
TRUE = [
    (ANN, ["Albany", "Ames", "Austin", "Chico"]),
    (BEN, ["Barstow", "Boise", "Butte", "Bend", "Berlin"]),
]
SNAPSHOT = "restricted.member_profile_snapshot"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> BuiltHome:
    """A home in which nothing has landed."""
    return BuiltHome(tmp_path_factory.mktemp("snapshot"))


def test_each_run_adds_what_it_learnt_and_history_is_whole(house: BuiltHome):
    """Every run builds and tests; an older change that comes late is news to the history alone."""
    for number, (changes, seen) in enumerate(zip(RUNS, SEEN, strict=True)):
        lines = [{"topic": "user_info", "value": json.dumps(one)} for one in changes]
        house.land({f"user_info_{number}.json": "".join(json.dumps(line) + "\n" for line in lines).encode()})
        house.must(RUN)
        assert house.query(
            f"select member_id, city, is_deleted, dbt_valid_to is null from {SNAPSHOT}"
            " order by member_id, dbt_valid_from"
        ) == seen, f"after run {number}"  # fmt: skip
    assert house.query(
        "select member_id, list(city order by version_number) from gold.dim_member_history group by 1 order by 1"
    ) == TRUE  # fmt: skip


HARMS = {
    "a member lost": f"delete from {SNAPSHOT} where member_id = {ANN} and dbt_valid_to is null",
    "another city": f"update {SNAPSHOT} set city = 'Elsewhere' where member_id = {ANN} and dbt_valid_to is null",
    "deleted": f"update {SNAPSHOT} set is_deleted = true where member_id = {BEN} and dbt_valid_to is null",
    "open twice": f"insert into {SNAPSHOT} from {SNAPSHOT} where member_id = {BEN} and dbt_valid_to is null",
    "backwards": f"update {SNAPSHOT} set dbt_valid_to = dbt_valid_from - interval 1 day where dbt_valid_to is not null",
    "no profile": f"delete from restricted.int_member_profiles_current where member_id = {BEN}",
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_snapshot_that_went_astray_fails_the_build(house: BuiltHome, harm: str, tmp_path: Path):
    sound = house.keep(tmp_path / "sound.duckdb")
    with duckdb.connect(str(house.home.warehouse)) as connection:
        connection.execute(harm)
    assert house.dbt(TIED) == 1
    sound.replace(house.home.warehouse)
