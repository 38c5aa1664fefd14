"""The clubs' machines and what they send: within workouts, one machine after another, heavier by the month."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest
from small_worlds import ZONES, Export, counted, moment, small_world, true_sums

from data_gen.chain.parameters import GYMS
from data_gen.devices import equipment, machines
from data_gen.devices.machines import MACHINE_TYPES, UNMAPPED_MACHINE_TYPE

LONGEST = 3 * 3600
TYPES = {each.name: each for each in MACHINE_TYPES}
OWN_KINDS = ("equipment_too_long", "equipment_backward", "unknown_machine")


@pytest.fixture(scope="module", params=["off", "default", "heavy"])
def hall(request) -> dict:
    world = small_world(request.param)
    return {
        "world": world,
        "machines": Export(machines.STREAM, world),
        "used": Export(equipment.STREAM, world),
    }


def test_machines(hall):
    """25 to 40 a club, each with a type and a number of its own; all are told of on the first day."""
    exported = hall["machines"]
    first = [row for row, day in zip(exported.rows, exported.arrived, strict=True) if day == 0]
    numbers = [row["machine_id"] for row in first]
    assert len(set(numbers)) == len(numbers)
    for gym in GYMS:
        here = [row for row in first if row["gym"] == str(gym.number)]
        assert 25 <= len(here) <= 40
        lacking = {*TYPES} - {row["machine_type"] for row in here}
        assert len(lacking) <= sum(row["machine_type"] == UNMAPPED_MACHINE_TYPE for row in here)


def test_replaced_machines(hall):
    """A new machine has the old one's number, place and type, another model and a later first day."""
    exported, chain = hall["machines"], hall["world"].chain
    changes = defaultdict(list)
    for row in exported.rows:
        changes[row["machine_id"]].append(row)
    replaced = [rows for rows in changes.values() if len(rows) > 1]
    assert 0 < len(replaced) < 0.2 * len(changes)
    assert exported.repeated == len(replaced)
    for old, new in replaced:
        assert [old[name] for name in ("gym", "machine_type")] == [new[name] for name in ("gym", "machine_type")]
        assert old["model"] != new["model"]
        assert old["installed_on"] < chain.start.isoformat() < new["installed_on"]
        assert new["updated_at"][:10] == new["installed_on"]


def test_defects(hall):
    plan, used = hall["world"].chain.defects, hall["used"]
    noted = {**used.noted, **hall["machines"].noted}
    assert set(noted) == ({*OWN_KINDS, "unmapped_machine_type"} if plan.preset != "off" else set())
    odd = hall["machines"].of("unmapped_machine_type")
    assert all(row["machine_type"] == UNMAPPED_MACHINE_TYPE for row in odd)
    assert all(row["machine_type"] in TYPES for row in hall["machines"].but("unmapped_machine_type"))
    assert all(row["ended"] - row["started"] > LONGEST for row in used.of("equipment_too_long"))
    assert all(row["ended"] <= row["started"] for row in used.of("equipment_backward"))
    known = {int(row["machine_id"]) for row in hall["machines"].rows}
    assert all(row["machine_id"] not in known for row in used.of("unknown_machine"))
    assert all(row["machine_id"] in known for row in used.but("unknown_machine"))
    for row in used.but("equipment_too_long", "equipment_backward"):
        assert 0 < row["ended"] - row["started"] <= LONGEST
    told = {
        "equipment_too_long": ("quarantined", {"rule": "equipment_too_long"}),
        "equipment_backward": ("quarantined", {"rule": "equipment_backward"}),
        "unknown_machine": ("flagged", {"flag": "is_known_machine"}),
        "unmapped_machine_type": ("flagged", {"flag": "is_unmapped_machine_type"}),
    }
    assert {**used.caught, **hall["machines"].caught} == {kind: told[kind] for kind in noted}
    for kind in used.noted:
        wanted = plan.rate(kind) * len(used.rows)
        assert abs(len(used.noted[kind]) - wanted) <= 0.15 * wanted + plan.at_least(kind) + 2


def test_a_key_names_one_row(hall):
    keys = [hall["used"].key(row) for row in hall["used"].rows]
    assert len(set(keys)) == len(keys)


def test_within_workouts(hall):
    """Each use lies in a workout of the member at the machine's gym; a workout has five at most, none at once."""
    world = hall["world"]
    workouts = defaultdict(list)
    for days in world.stretches:
        visits = world.visits(days)
        for visit, part in zip(*np.nonzero(visits.start), strict=True):
            if visits.device[visit] >= 0 and visits.class_session[visit] < 0:
                begin, end = int(visits.start[visit, part]), int(visits.stop[visit, part])
                member = int(world.members.user_id[visits.member[visit]])
                workouts[member].append((begin, end, GYMS[visits.gym[visit]].number))
    uses = defaultdict(list)
    for row in hall["used"].but(*OWN_KINDS):
        began = [each for each in workouts[row["user_id"]] if each[0] <= row["started"] and row["ended"] <= each[1]]
        assert [gym for *_, gym in began] == [row["machine_id"] // 1000]
        uses[row["user_id"], began[0]].append((row["started"], row["ended"]))
    for turns in uses.values():
        turns.sort()
        assert len(turns) <= 5
        assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(turns))
    assert len(uses) > 0.8 * sum(len(each) for each in workouts.values())
    assert 1.5 < np.mean([len(turns) for turns in uses.values()]) < 4


def test_cardio_counts_no_weight(hall):
    kind = {int(row["machine_id"]): row["machine_type"] for row in hall["machines"].but("unmapped_machine_type")}
    for row in hall["used"].but("unknown_machine"):
        if row["machine_id"] not in kind:
            continue
        if TYPES[kind[row["machine_id"]]].is_cardio:
            assert (row["sets"], row["reps"], row["weight_kg"]) == (0, 0, None)
        else:
            assert 2 <= row["sets"] <= 4
            assert 8 * row["sets"] <= row["reps"] <= 12 * row["sets"]
            assert row["weight_kg"] > 0
            assert row["weight_kg"] % 2.5 == 0


def test_true_minutes(hall):
    """From the exported text alone; unmapped types have no name, unknown machines are nowhere."""
    place = {int(row["machine_id"]): (int(row["gym"]), row["machine_type"]) for row in hall["machines"].rows}
    figures = []
    for row in hall["used"].but(*OWN_KINDS):
        gym, kind = place[row["machine_id"]]
        on = datetime.fromtimestamp(row["started"], UTC).astimezone(ZONES[gym]).date()
        kind = "" if kind == UNMAPPED_MACHINE_TYPE else kind
        figures.append(((on, gym, kind), (1, int(row["ended"] - row["started"]))))
    assert counted(figures) == true_sums(hall["world"], equipment.TRUTH)


def test_records(hall):
    """The payload in the topic holds just the columns, under the member as its key."""
    world = hall["world"]
    days = world.stretches[0]
    text = equipment.STREAM.rows(world, days, world.defects(equipment.TABLE, days)).text
    for payload, row in zip(equipment.values(text).to_pylist(), text.to_pylist(), strict=True):
        record = json.loads(json.loads(f'"{payload}"'))
        assert list(record) == ["user_id", "machine_id", "started", "ended", "sets", "reps", "weight_kg"]
        assert record == {name: json.loads(row[name]) for name in record}
        assert row["_key"] == row["user_id"]


def test_sent_when_it_ends(hall):
    chain = hall["world"].chain
    for row, day in zip(hall["used"].rows, hall["used"].arrived, strict=True):
        ended = max(row["started"], row["ended"])
        assert ended < chain.end
        assert day == (ended - chain.begin) // 86_400
    for row, day in zip(hall["machines"].rows, hall["machines"].arrived, strict=True):
        assert day == max(0, (moment(row["updated_at"]).timestamp() - chain.begin) // 86_400)


def test_a_stretch_hangs_on_nothing_before_it(hall):
    world = hall["world"]
    fresh = type(world)(world.chain)
    for stream in (equipment.STREAM, machines.STREAM):
        for days in (fresh.stretches[-1], fresh.stretches[0]):
            alone = stream.rows(fresh, days, fresh.defects(stream.table, days))
            among = stream.rows(world, days, world.defects(stream.table, days))
            assert alone.text.equals(among.text)


def test_weights_grow_with_the_months():
    """The same member moves more on the same kind of machine half a year later."""
    world = small_world("off", members=1500, days=366)
    kinds = machines.draw_machines(world.chain).kind
    early, late = defaultdict(list), defaultdict(list)
    for days in world.stretches:
        used = world.made(equipment.used, days)
        months = ((used.started - world.chain.begin) // 86_400 - world.lives.joined_day[used.member]) / 30.4
        for member, kind, weight, since in zip(used.member, kinds[used.machine], used.weight_kg, months, strict=True):
            if not np.isnan(weight) and (since < 2 or since > 8):
                (early if since < 2 else late)[member, kind].append(weight)
    both = early.keys() & late.keys()
    assert len(both) > 50
    gains = [np.mean(late[each]) / np.mean(early[each]) for each in both]
    assert 1.08 < np.mean(gains) < 1.5
