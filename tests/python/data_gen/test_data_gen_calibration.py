"""The chain behaves as chains do: the figures it is calibrated to, within the tolerance that its size allows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data_gen.chain.clock import to_local
from data_gen.chain.parameters import GYMS, Parameters
from data_gen.chain.world import World
from data_gen.devices.heart_rate import record, recorded
from data_gen.devices.workouts import sessions_of


class Plan:
    """A world whose days are one stretch."""

    def __init__(self, **knobs):
        self.world = World(Parameters(**knobs))
        self.chain, self.members, self.devices = self.world.chain, self.world.members, self.world.devices
        (self.days,) = self.world.stretches
        self.visits = self.world.visits(self.days)
        self.sessions = sessions_of(self.world, self.days)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(members=6000, days=30, start=date(2025, 4, 1))


def test_device_owners(plan):
    assert plan.members.owns_device.mean() == pytest.approx(0.95, abs=0.02)
    assert plan.devices.count > plan.members.owns_device.sum()


def test_lifelog_keepers(plan):
    assert plan.members.keeps_lifelog.mean() == pytest.approx(0.15, abs=0.02)


def test_hours_have_two_peaks(plan):
    share = np.zeros(24)
    for position, gym in enumerate(GYMS):
        local = to_local(plan.visits.login[plan.visits.gym == position], gym.zone)
        share += np.bincount(local % 86_400 // 3600, minlength=24)
    share /= share.sum()
    assert share[6:9].sum() > 0.25
    assert share[17:20].sum() > 0.30
    assert share[10:16].max() < min(share[7], share[18]) / 2
    assert 0 < share[0:5].sum() < 0.03  # Only the club that never closes.


def test_mondays_are_fuller_than_saturdays(plan):
    # 1970-01-01 was a Thursday.
    local = to_local(plan.visits.login, "America/New_York")
    weekday = (local // 86_400 + 3) % 7
    assert np.bincount(weekday)[0] / 4 > 1.15 * np.bincount(weekday)[5] / 4


def test_share_of_visits_with_a_workout(plan):
    assert (plan.visits.start[:, 0] > 0).mean() == pytest.approx(0.60, abs=0.04)
    assert 0.05 < (plan.visits.start[:, 1] > 0).sum() / (plan.visits.start[:, 0] > 0).sum() < 0.2


def test_workouts_lie_within_their_stay(plan):
    visits, sessions = plan.visits, plan.sessions
    for part in (0, 1):
        trains = visits.start[:, part] > 0
        assert (visits.start[trains, part] > visits.login[trains]).all()
        assert (visits.stop[trains, part] < visits.logout[trains]).all()
    minutes = (sessions.stop - sessions.start) / 60
    assert minutes.min() >= 19.9
    assert minutes.max() <= 90


def test_nobody_is_in_two_places(plan):
    visits = plan.visits
    same = visits.member[1:] == visits.member[:-1]
    assert (visits.login[1:] > visits.logout[:-1])[same].all()


def test_devices_are_worn_by_their_owners(plan):
    worn = plan.visits.where(plan.visits.device >= 0)
    assert len(worn) > 0.9 * len(plan.visits)
    assert (plan.devices.owner_at(worn.device, worn.login) == worn.member).all()
    assert (plan.devices.owner_at(worn.device, worn.logout) == worn.member).all()


def test_some_count_their_workouts_by_the_day(plan):
    sessions = plan.sessions
    triple = (sessions.member * 100_000 + sessions.workout_id) * 100 + sessions.session_id
    again = len(triple) - len(np.unique(triple))
    assert 0.02 < again / len(triple) < 0.3
    moment = np.unique(np.column_stack([triple, sessions.start]), axis=0)
    assert len(moment) == len(triple)


@pytest.mark.parametrize("wanted", [20_000, 1_000_000])
def test_number_of_readings(wanted):
    plan = Plan(members=1500, days=28, heart_rate=wanted)
    chosen = recorded(plan.world, plan.days)
    ages = plan.members.age_on(plan.chain.start)
    readings = record(plan.chain.dice("test"), plan.members, ages, chosen)
    assert len(readings) == pytest.approx(wanted, abs=3000)
    assert len(np.unique(np.column_stack([readings.device, readings.time]), axis=0)) == len(readings)


@pytest.mark.parametrize(("knobs", "rel"), [({}, 0.05), ({"members": 40_000, "heart_rate": 10_000_000}, 0.05)])
def test_number_of_readings_of_long_chains(knobs, rel):
    """Only some stretches are looked at beforehand; what all of them record comes near enough."""
    world = World(Parameters(**{"days": 365, **knobs}))
    seconds = sum(int((s.stop - s.start).sum()) for s in (recorded(world, days) for days in world.stretches))
    assert seconds == pytest.approx(knobs.get("heart_rate", 2_000_000), rel=rel)


def test_small_chains_record_a_sixth():
    plan = Plan(members=300, days=28)
    chosen = recorded(plan.world, plan.days)
    given, every = ((s.stop - s.start).sum() for s in (chosen, plan.sessions))
    assert given == pytest.approx(0.165 * every, rel=0.05)


def test_hearts_warm_up_and_cool_down(plan):
    sessions = plan.sessions.where(np.arange(200))
    ages = plan.members.age_on(plan.chain.start)
    readings = record(plan.chain.dice("test"), plan.members, ages, sessions)
    begins = np.flatnonzero(np.r_[True, (np.diff(readings.time) > 60) | (np.diff(readings.device) != 0)])
    ends = np.r_[begins[1:], len(readings)]
    first = np.array([readings.bpm[b : b + 30].mean() for b in begins])
    middle = np.array(
        [readings.bpm[(b + e) // 2 - 60 : (b + e) // 2 + 60].mean() for b, e in zip(begins, ends, strict=True)]
    )
    last = np.array([readings.bpm[e - 15 : e].mean() for e in ends])
    assert (middle - first).mean() > 25
    assert (middle - last).mean() > 10
    assert 100 < middle.mean() < 160
    assert ages.min() >= 18
    assert readings.bpm.max() < 215
