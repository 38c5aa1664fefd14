"""Who comes when, and the true visits against the obvious way of finding them in the exported text."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from small_worlds import ZONES, Export, moment, small_world, true_sums

from data_gen.access import gym_logins
from data_gen.answer_key import visits as truth
from data_gen.chain import days as chain_days
from data_gen.chain.parameters import GYMS, UNMAPPED_GYM, Parameters
from data_gen.chain.visits import Visits, plan_visits
from data_gen.chain.world import World
from data_gen.club import class_check_ins, class_sessions, facility_entries
from data_gen.club.facilities import FACILITIES, NO_FACILITY
from data_gen.writing.defect_plan import DefectPlan

UTC_ZONE = ZoneInfo("UTC")
HALF_AN_HOUR, SIX_HOURS, A_DAY = timedelta(minutes=30), timedelta(hours=6), timedelta(days=1)
OF = {one.name: one for one in truth.TRUTHS}


def in_short_stretches(defects: str, seed: int = 7, start: date = date(2025, 2, 24), members: int = 500) -> World:
    """A world of 18 days in stretches of three, so that there are many seams."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain_days, "_LONGEST", 3)
        return World(Parameters(members, 18, start, seed, defects=DefectPlan.parse(defects)))


@pytest.fixture(scope="module", params=["off", "default", "heavy"])
def world(request) -> World:
    return in_short_stretches(request.param)


@pytest.fixture(scope="module")
def crowd() -> World:
    """Enough people for shares."""
    return small_world(members=6_000)


def all_visits(world: World) -> Visits:
    parts = [world.visits(days) for days in world.stretches]
    return Visits(*(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)))


def local(seconds: int | np.integer, gym: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), ZONES.get(gym, UTC_ZONE))


def test_most_come_before_and_after_work(crowd):
    visits = all_visits(crowd)
    numbers = [GYMS[gym].number for gym in visits.gym]
    hours = Counter(local(at, gym).hour for at, gym in zip(visits.login, numbers, strict=True))
    share = {hour: count / len(visits) for hour, count in hours.items()}
    assert 0.20 < sum(share.get(hour, 0) for hour in (6, 7, 8)) < 0.42
    assert 0.25 < sum(share.get(hour, 0) for hour in (17, 18, 19)) < 0.45
    assert sum(share.get(hour, 0) for hour in range(1, 5)) < 0.01
    late = {gym for at, gym in zip(visits.login, numbers, strict=True) if local(at, gym).hour in (22, 23)}
    assert late == {102}


def test_what_visits_are_for(crowd):
    visits = all_visits(crowd)
    assert 0.23 < np.mean(visits.class_session >= 0) < 0.31
    assert 0.13 < np.mean(visits.facility != NO_FACILITY) < 0.17
    assert 0.02 < np.mean(visits.device < 0) < 0.12


def test_nobody_is_twice_at_once(world):
    by_member = defaultdict(list)
    visits = all_visits(world)
    for member, login, logout in zip(visits.member, visits.login, visits.logout, strict=True):
        by_member[member].append((login, logout))
    assert max(len(stays) for stays in by_member.values()) > 5
    for stays in by_member.values():
        for (_, left), (came, _) in pairwise(sorted(stays)):
            assert came >= left + 45 * 60


def test_all_happens_within_the_stay(world):
    for days in world.stretches:
        visits, schedule = world.visits(days), world.schedule(days)
        assert set(visits.date) <= set(days)
        for visit in range(len(visits)):
            came, left = visits.login[visit], visits.logout[visit]
            assert local(came, GYMS[visits.gym[visit]].number).date() == world.chain.date_of(visits.date[visit])
            assert left < world.chain.end
            moments = [at for at in (*visits.start[visit], *visits.stop[visit]) if at]
            if visits.class_session[visit] >= 0:
                session = visits.class_session[visit]
                assert schedule.gym[session] == visits.gym[visit]
                assert not schedule.is_cancelled[session]
                assert 180 <= schedule.starts_at[session] - came <= 1200
                moments.append(schedule.ends_at[session])
            if visits.facility[visit] != NO_FACILITY:
                moments += [visits.facility_in[visit], visits.facility_out[visit]]
                assert visits.facility_in[visit] < visits.facility_out[visit]
            assert all(came < at < left for at in moments)


def test_only_who_may_train_comes(world):
    for days in world.stretches:
        visits = world.visits(days)
        for day in days:
            assert world.lives.may_train(day)[visits.member[visits.date == day]].all()


def test_visits_hang_on_their_date_alone(world):
    """The same parameters in stretches of other lengths give the same visits."""
    one_go = World(world.chain)
    assert len(one_go.stretches) == 1 < len(world.stretches)
    ours, theirs = all_visits(world), plan_visits(one_go, one_go.stretches[0])
    by_time = [visits.where(np.lexsort((visits.login, visits.member))) for visits in (ours, theirs)]
    for name in ("member", "device", "gym", "login", "logout", "start", "date", "facility", "is_left_open"):
        assert np.array_equal(*(getattr(visits, name) for visits in by_time))


def test_the_night_of_the_clock_change(world):
    """New York's clocks go forward on 9 March, 07:00 UTC: some train through it, some come from the night's class."""
    visits = all_visits(world)
    gap = 1_741_503_600
    through = visits.where((visits.login < gap) & (visits.logout > gap))
    assert (through.is_clock_change).sum() >= 3
    assert {GYMS[gym].number for gym in through.gym} == {102}
    at_night = []
    for days in world.stretches:
        schedule = world.schedule(days)
        for session in world.visits(days).class_session:
            starts = local(schedule.starts_at[session], GYMS[schedule.gym[session]].number)
            at_night += [starts.date()] if session >= 0 and (starts.hour, starts.minute) == (23, 30) else []
    assert {date(2025, 3, 8), date(2025, 3, 9)} <= set(at_night)


class Plain:
    """Visits as one would find them by hand, member by member, in the text of the exports."""

    def __init__(self, world: World):
        self.world = world
        self.entries = Export(facility_entries.STREAM, world).but("ends_before_start")
        self.accesses = [*self._logins(), *self._check_ins(), *self._entries()]
        self.visits = self._visits()

    def _logins(self):
        logouts = defaultdict(set)
        for days in self.world.stretches:
            rows = gym_logins.rows(self.world, days, self.world.defects("access.gym_logins", days))
            for row in rows.text.to_pylist():
                key = row["mac_address"], int(row["gym"]), int(row["login"])
                logouts[key] |= {int(row["logout"])} if row["logout"] and int(row["logout"]) > key[2] else set()
        devices = self.world.devices
        device_of = {mac: number for number, mac in enumerate(devices.mac.to_pylist())}
        times = defaultdict(list)
        for mac, _, login in sorted(logouts):
            times[mac].append(login)
        owners = defaultdict(list)
        for device, member, since in zip(devices.device, devices.member, devices.registered_at, strict=True):
            owners[device].append((since, member))
        for (mac, gym, login), known in logouts.items():
            if mac not in device_of:
                continue
            history = sorted(owners[device_of[mac]])
            member = [one for since, one in history if since <= login][-1:] or [history[0][1]]
            begin = local(login, 0)
            later = [local(other, 0) for other in times[mac] if other > login]
            end = local(max(known), 0) if known else min([begin + SIX_HOURS, *later])
            yield "login", int(member[0]), gym, begin, min(end, begin + A_DAY), not known

    def _check_ins(self):
        sessions = {row["class_session_id"]: row for row in Export(class_sessions.STREAM, self.world).rows}
        for row in Export(class_check_ins.STREAM, self.world).but("unknown_member"):
            session = sessions[int(row["class_session_id"])]
            begin = moment(row["checked_in_at"])
            yield "check_in", int(row["member_id"]) - 100_001, session["gym"], begin, moment(session["ends_at"]), False

    def _entries(self):
        for row in self.entries:
            begin = moment(row["entered_at"])
            end = moment(row["left_at"]) if row["left_at"] else begin
            yield "entry", int(row["member_id"]) - 100_001, int(row["gym"]), begin, end, False

    def _visits(self):
        at_place = defaultdict(list)
        for kind, member, gym, *rest in self.accesses:
            at_place[member, gym].append((rest[0], kind, *rest[1:]))
        found = []
        for (member, gym), accesses in at_place.items():
            accesses.sort()
            logins = [(begin, end) for begin, kind, end, _ in accesses if kind == "login"]
            last, by_date = {}, defaultdict(list)
            for begin, kind, end, is_open in accesses:
                is_second = kind in last and begin - last[kind] < timedelta(minutes=1)
                last[kind] = begin
                covering = [login for login, until in logins if login <= begin <= until]
                on = max(covering, default=begin) if kind != "login" else begin
                on = on.astimezone(ZONES.get(gym, UTC_ZONE)).date()
                by_date[on].append((begin, end, is_open, is_second))
            for on, those in by_date.items():
                groups = []
                for access in those:
                    if groups and access[0] - max(end for _, end, *_ in groups[-1]) <= HALF_AN_HOUR:
                        groups[-1].append(access)
                    else:
                        groups.append([access])
                for group in groups:
                    leaves = max((end for _, end, is_open, _ in group if not is_open), default=None)
                    found.append((member, gym, on, group[0][0], leaves, sum(not second for *_, second in group)))
        return found


@pytest.fixture(scope="module")
def plain(world) -> Plain:
    return Plain(world)


def last_date(world: World) -> date:
    return world.chain.date_of(world.chain.last_day)


def until_the_end(world: World, figures: dict[tuple, tuple]) -> dict[tuple, tuple]:
    return {key: found for key, found in figures.items() if key[0] <= last_date(world) and any(found)}


def test_true_visits(world, plain):
    expected = defaultdict(lambda: (0, 0))
    for _, gym, on, _, _, accesses in plain.visits:
        visits, before = expected[on, gym]
        expected[on, gym] = visits + 1, before + accesses
    assert true_sums(world, OF["visits"]) == expected
    assert len(plain.accesses) > len(plain.visits) > 300


def test_true_occupancy(world, plain):
    expected = defaultdict(lambda: [0, 0])
    for _, gym, _, arrives, leaves, _ in plain.visits:
        hour = arrives.replace(minute=0, second=0)
        at = hour.astimezone(ZONES.get(gym, UTC_ZONE))
        expected[at.date(), gym, at.hour][1] += 1
        while hour <= arrives or (leaves is not None and leaves > hour):
            if leaves is None or leaves > hour:
                at = hour.astimezone(ZONES.get(gym, UTC_ZONE))
                expected[at.date(), gym, at.hour][0] += 1
            hour += timedelta(hours=1)
    found = true_sums(world, OF["occupancy"])
    assert until_the_end(world, found) == until_the_end(world, {key: tuple(both) for key, both in expected.items()})


def test_true_facility_entries(world, plain):
    expected = Counter()
    for row in plain.entries:
        at = moment(row["entered_at"]).astimezone(ZONES.get(int(row["gym"]), UTC_ZONE))
        expected[at.date(), int(row["gym"]), row["facility"], at.hour] += 1
    assert true_sums(world, OF["facility"]) == {key: (count,) for key, count in expected.items()}
    assert {key[2] for key in expected} == set(FACILITIES)


def test_true_active_members(world, plain):
    collected = {"who_visited": pa.concat_tables([truth.WHO_VISITED.pieces(world, days) for days in world.stretches])}
    for as_of in (last_date(world), last_date(world) - timedelta(days=6)):
        expected = {}
        for back in range(world.chain.days):
            on = as_of - timedelta(days=back)
            if on < world.chain.start:
                continue
            for place in (0, UNMAPPED_GYM, *ZONES):
                visits = [(member, day) for member, gym, day, *_ in plain.visits if place in (0, gym) and day <= on]
                active = [
                    len({member for member, day in visits if day > on - timedelta(days=span)}) for span in (1, 7, 30)
                ]
                if active[-1]:
                    expected[on, place] = active
        rows = OF["active_members"].table(world, collected, as_of).to_pylist()
        assert {(row["date"], row["gym"]): [row["dau"], row["wau"], row["mau"]] for row in rows} == expected


@pytest.mark.full
@pytest.mark.parametrize("seed", range(4))
def test_any_chain_agrees(seed):
    """Other people, and an autumn night among the dates."""
    world = in_short_stretches("heavy", seed, date(2025, 10, 22), 200 + 100 * seed)
    plain = Plain(world)
    test_nobody_is_twice_at_once(world)
    test_true_visits(world, plain)
    test_true_occupancy(world, plain)
    test_true_active_members(world, plain)
