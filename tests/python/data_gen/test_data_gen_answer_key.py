"""The answer key against the plain pipeline, which reads the files and knows nothing of the simulator."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

import pyarrow.parquet as pq
import pytest

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from data_gen.writing.defect_plan import RATES

TABLES = [
    "club.locations", "access.gym_logins", "devices.registered_devices", "crm.profile_changes", "devices.workouts",
    "devices.bpm", "lifelog.daily",
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_each_layer(chain, table):
    assert chain.silver.counts(table) == chain.key["expected"][table]


def test_lines_that_no_table_can_claim(chain):
    expected = chain.key["expected"]["devices.multiplex"]
    assert chain.bronze.read["devices.multiplex"] == expected["rows_read"]
    assert chain.bronze.rejected["devices.multiplex"] == expected["rejected"]


def test_files_are_as_listed(chain):
    listed = {file["path"]: file["bytes"] for file in chain.key["files"]}
    found = {
        path.relative_to(chain.root).as_posix(): path.stat().st_size
        for path in chain.root.rglob("*")
        if path.is_file() and path.name != "_answer_key.json"
    }
    assert listed == found


def test_quarantine_by_rule(chain):
    told = defaultdict(Counter)
    for defect in chain.defects(caught_as="quarantined"):
        table = f"{defect['source']}.{defect['table']}"
        if table in TABLES:
            told[table][defect["rule"]] += defect["count"]
    assert told == {table: rules for table, rules in chain.silver.quarantined.items() if rules}


def test_stays(chain):
    truth = chain.key["truth"]["access"]
    stays = chain.silver.kept["access.gym_logins"]
    assert truth["stays"] == len(stays)
    assert truth["open_stays"] == sum(logout is None for *_, logout in stays)
    assert truth["stays_of_guests"] == sum(mac not in chain.silver.device_of_mac for mac, *_ in stays)
    assert truth["gym_summary_rows"] == chain.silver.gym_summary_rows() > 0
    told = {(row["gym"], row["business_date"]): (row["stays"], row["open_stays"]) for row in truth["per_gym_and_day"]}
    assert told == chain.silver.stays_per_gym_and_day()


def test_workouts(chain):
    truth = chain.key["truth"]["workouts"]
    assert truth["complete"] == len(chain.silver.complete)
    assert truth["complete_seconds"] == sum(stop - start for *_, start, stop in chain.silver.complete)
    assert truth["incomplete"] == {reason: chain.silver.incomplete[reason] for reason in truth["incomplete"]}
    for reason, count in truth["incomplete"].items():
        assert count == sum(defect["count"] for defect in chain.defects(caught_as="incomplete", reason=reason))


def test_heart_rates_of_each_workout(chain):
    truth = chain.key["truth"]["heart_rate"]
    assert truth["readings"] == len(chain.silver.kept["devices.bpm"])
    assert truth["valid"] == chain.silver.valid
    told = pq.read_table(chain.root / chain.key["truth"]["tables"]["recorded_workouts"]).to_pylist()
    assert len(told) == truth["recorded_workouts"] == len(chain.silver.of_workout) > 0
    for row in told:
        workout = tuple(row[column] for column in ("user_id", "workout_id", "session_id", "start", "stop"))
        values = chain.silver.of_workout[workout]
        valid = [value for value in values if value is not None]
        assert row["readings"] == len(values)
        assert (row["valid_readings"], row["sum_bpm"]) == (len(valid), sum(valid))
        assert (row["min_bpm"], row["max_bpm"]) == (min(valid, default=None), max(valid, default=None))


def test_members(chain):
    told = pq.read_table(chain.root / chain.key["truth"]["tables"]["members"]).to_pylist()
    assert {row["user_id"] for row in told} == set(chain.silver.log)
    for row in told:
        log = chain.silver.log[row["user_id"]]
        last = log[-1]
        assert row["is_deleted"] == (last["update_type"] == "delete")
        assert (row["city"], row["state"]) == (last["city"], last["state"])
        assert row["versions"] == sum(change["update_type"] != "delete" for change in log)
        times = [change["timestamp"] for change in log]
        assert row["versions_of_no_time"] == sum(one == two for one, two in pairwise(times))
    assert chain.key["truth"]["members"]["deleted"] == sum(row["is_deleted"] for row in told)


def test_each_update_changes_the_profile(chain):
    for log in chain.silver.log.values():
        for one, two in pairwise(log):
            if two["update_type"] == "update":
                profile = [
                    {k: v for k, v in c.items() if k not in ("sequence", "timestamp", "update_type")}
                    for c in (one, two)
                ]
                assert profile[0] != profile[1]


def test_off_is_clean(chains):
    clean = chains("off")
    assert clean.key["defects"] == []
    assert not any(clean.bronze.rejected.values())
    assert not any(clean.silver.quarantined.values())
    truth = clean.key["truth"]
    assert not any(truth["workouts"]["incomplete"].values())
    assert truth["heart_rate"]["invalid"] == truth["access"]["stays_of_guests"] == 0
    repeated = clean.silver.counts("access.gym_logins")["duplicates"]
    assert repeated == truth["access"]["stays_exported_open_first"]
    assert all(clean.silver.counts(table)["duplicates"] == 0 for table in TABLES if table != "access.gym_logins")


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory) -> list[dict]:
    """The defects of a chain with enough of everything."""
    chain = Parameters(members=1_500, days=40, start=date(2025, 2, 24), heart_rate=100_000)
    return simulate(chain, tmp_path_factory.mktemp("every_kind")).key["defects"]


@pytest.mark.parametrize("kind", RATES)
def test_default_has_each_kind(every_kind, kind):
    found = [defect for defect in every_kind if defect["kind"] == kind]
    assert sum(defect["count"] for defect in found) >= RATES[kind][1]
    for defect in found:
        assert defect["count"] == sum(defect["arrives"].values()) > 0
        if defect["keys_are_all"]:
            assert len(defect["keys"]) == defect["count"]


def test_heavy_is_dirtier(chains):
    def total(name: str) -> int:
        return sum(defect["count"] for defect in chains(name).key["defects"])

    assert total("heavy") > 3 * total("default")


def test_defects_arrive_where_the_key_says(chains):
    """Rows of one defect that can be told by their content, in the very files that the key names."""
    chain = chains("default")
    for kind, table, marker in (
        ("unmapped_gym", "gym_logins", ",199,"),
        ("unknown_topic", "multiplex", '"diagnostics"'),
        ("unknown_action", "workouts", "pause"),
    ):
        (defect,) = chain.defects(kind=kind, table=table)
        name = {"gym_logins": "access/gym_logins_{}.csv"}.get(table, "devices/multiplex_{}.jsonl")
        for arrives, count in defect["arrives"].items():
            lines = (chain.root / name.format(arrives)).read_text(encoding="utf-8-sig").splitlines()
            assert sum(marker in line for line in lines) == count


def test_late_rows_arrive_after_their_day(chains):
    for defect in chains("heavy").defects(kind="late_row", table="daily"):
        assert min(defect["arrives"]) > min(key["date"] for key in defect["keys"])


def test_changes_arrive_out_of_order(chains):
    """The last change of some member reaches the topic before the one that precedes it."""
    chain = chains("default")
    arrived = defaultdict(list)
    for row in chain.bronze.rows["crm.profile_changes"]:
        arrived[row["user_id"]].append(row["sequence"])
    for kind in ("out_of_order_change", "same_second_change"):
        (defect,) = chain.defects(kind=kind)
        for key in defect["keys"]:
            sequences = arrived[key["user_id"]]
            assert any(s > key["sequence"] for s in sequences[: sequences.index(key["sequence"])])


def test_the_key_names_no_person(chains):
    chain = chains("default")
    content = (chain.root / "_answer_key.json").read_text()
    for change in chain.silver.kept["crm.profile_changes"]:
        assert change["street_address"] not in content
        assert f'"{change["last_name"]}"' not in content


def test_stays_across_the_clock_change(chain):
    """In New York 02:00 of 9 March does not exist: it is 07:00 UTC, and somebody trains through it."""
    gap = 1_741_503_600
    through = [stay for stay in chain.silver.kept["access.gym_logins"] if stay[3] and stay[2] < gap < stay[3]]
    assert (
        len([stay for stay in through if stay[1] == 102])
        >= chain.key["truth"]["access"]["stays_across_a_clock_change"]
        > 0
    )
    assert any(start < gap < stop for *_, start, stop in chain.silver.complete)


def test_a_device_changes_hands(chain):
    assert any(len(history) == 2 for history in chain.silver.owners.values())


@pytest.mark.full
@pytest.mark.parametrize("seed", range(8))
def test_any_chain_agrees(tmp_path, seed, make_chain):
    """Other people, other dates (an autumn night among them), other defects: the same agreement."""
    knobs = {"seed": seed, "members": 40 + 20 * seed, "days": 7 + 2 * seed, "start": date(2025, 10, 27)}
    chain = make_chain(tmp_path, "heavy", **knobs, heart_rate=None)
    for table in TABLES:
        assert chain.silver.counts(table) == chain.key["expected"][table], table
    test_quarantine_by_rule(chain)
    test_stays(chain)
    test_workouts(chain)
    test_heart_rates_of_each_workout(chain)
    test_members(chain)
