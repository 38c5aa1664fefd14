"""The chain behaves as chains do: the figures it is calibrated to, within the tolerance that its size allows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data_gen.chain import GYMS, Parameters
from data_gen.clock import to_local
from data_gen.devices import hand_out
from data_gen.heart_rate import choose_recorded, record
from data_gen.people import NEVER, draw_members
from data_gen.visits import plan_visits
from data_gen.workouts import number_sessions


class Plan:
    def __init__(self, **knobs):
        self.chain = Parameters(**knobs)
        self.members = draw_members(self.chain)
        self.devices, self.carried = hand_out(self.chain, self.members)
        self.visits = plan_visits(self.chain, self.members, self.carried)
        self.sessions = number_sessions(self.visits, self.members)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan(members=6000, days=30, start=date(2025, 4, 1))


@pytest.fixture(scope="module")
def visits_of_owners(plan) -> np.ndarray:
    """Visits in the month of each member who wore a device all through it."""
    settled = (plan.members.joined_at < plan.chain.begin) & (plan.members.left_at == NEVER)
    worn = settled & plan.members.owns_device & (plan.carried.until[:, 0] == NEVER)
    return np.bincount(plan.visits.member, minlength=len(plan.members))[worn]


def test_visits_a_month(visits_of_owners):
    assert visits_of_owners.mean() == pytest.approx(4.1, abs=0.3)


def test_members_without_a_visit(visits_of_owners):
    assert (visits_of_owners == 0).mean() == pytest.approx(0.30, abs=0.03)


def test_device_owners(plan):
    assert plan.members.owns_device.mean() == pytest.approx(0.80, abs=0.02)
    assert plan.devices.count > plan.members.owns_device.sum()


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
    assert (plan.visits.start[:, 0] > 0).mean() == pytest.approx(0.60, abs=0.02)
    assert 0.05 < (plan.visits.start[:, 1] > 0).sum() / (plan.visits.start[:, 0] > 0).sum() < 0.2


def test_workouts_lie_within_their_stay(plan):
    visits, sessions = plan.visits, plan.sessions
    assert (sessions.start > visits.login[sessions.visit]).all()
    assert (sessions.stop < visits.logout[sessions.visit]).all()
    minutes = (sessions.stop - sessions.start) / 60
    assert minutes.min() >= 19.9
    assert minutes.max() <= 90


def test_nobody_is_in_two_places(plan):
    visits = plan.visits
    same = visits.member[1:] == visits.member[:-1]
    assert (visits.login[1:] > visits.logout[:-1])[same].all()


def test_devices_are_worn_by_their_owners(plan):
    assert (plan.devices.owner_at(plan.visits.device, plan.visits.login) == plan.visits.member).all()
    assert (plan.devices.owner_at(plan.visits.device, plan.visits.logout) == plan.visits.member).all()


def test_some_count_their_workouts_by_the_day(plan):
    sessions = plan.sessions
    triple = (sessions.member * 1000 + sessions.workout_id) * 100 + sessions.session_id
    again = len(triple) - len(np.unique(triple))
    assert 0.02 < again / len(triple) < 0.3
    moment = np.unique(np.column_stack([triple, sessions.start]), axis=0)
    assert len(moment) == len(triple)


@pytest.mark.parametrize("wanted", [20_000, 1_000_000])
def test_number_of_readings(wanted):
    plan = Plan(members=1500, days=28, heart_rate=wanted)
    chosen = plan.sessions.where(choose_recorded(plan.chain, plan.sessions))
    ages = plan.members.age_on(plan.chain.start)
    readings = record(plan.chain.dice("test"), plan.members, ages, chosen)
    assert len(readings) == pytest.approx(wanted, abs=3000)
    assert len(np.unique(np.column_stack([readings.device, readings.time]), axis=0)) == len(readings)


def test_default_chain_has_300_000_readings():
    plan = Plan()
    recorded = plan.sessions.where(choose_recorded(plan.chain, plan.sessions))
    assert (recorded.stop - recorded.start).sum() == pytest.approx(300_000, rel=0.1)


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
