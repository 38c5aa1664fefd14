"""The app's events: who sends them, what they are about, and how interest fades before a member leaves."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from uuid import UUID

import numpy as np
import pytest
from small_worlds import ZONES, Export, counted, moment, small_world, true_sums

from data_gen.app import events
from data_gen.app.event_ids import uuids
from data_gen.app.sessions import EVENT_TYPES, GOAL_TYPES, PAGES, in_app
from data_gen.app.users import APP_SHARE, has_app
from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID, GYMS
from data_gen.club.bookings import APP
from data_gen.writing.drops import json_lines

OWN_KINDS = ("unknown_event_type", "unknown_member")


@pytest.fixture(scope="module", params=["off", "default", "heavy"])
def app(request):
    world = small_world(request.param)
    return world, Export(events.STREAM, world)


def test_ids():
    """Every id is a UUID of version 4, and another one for another number or seed."""
    numbers = np.r_[np.arange(20_000), 2**36 + np.arange(20_000), 2**62 + np.arange(20_000)]
    ids = [uuids(small_world("off", seed=seed).chain, numbers).to_pylist() for seed in (7, 8)]
    assert len({*ids[0], *ids[1]}) == 2 * len(numbers)
    assert all(UUID(text).version == 4 and str(UUID(text)) == text for text in ids[0][::97])
    assert uuids(small_world("off").chain, numbers[5:6]).to_pylist() == ids[0][5:6]


def test_an_event_has_its_own_id(app):
    _, exported = app
    assert len({row["event_id"] for row in exported.rows}) == len(exported.rows)


def test_defects(app):
    world, exported = app
    plan = world.chain.defects
    assert set(exported.noted) == (set(OWN_KINDS) if plan.preset != "off" else set())
    assert all(row["event_type"] not in EVENT_TYPES for row in exported.of("unknown_event_type"))
    assert all(row["event_type"] in EVENT_TYPES for row in exported.but("unknown_event_type"))
    assert all(row["member_id"] >= FIRST_UNKNOWN_USER_ID for row in exported.of("unknown_member"))
    known = set(world.members.user_id.tolist())
    assert all(row["member_id"] in known for row in exported.but("unknown_member"))
    for kind in exported.noted:
        wanted = plan.rate(kind) * len(exported.rows)
        assert abs(len(exported.noted[kind]) - wanted) <= 0.15 * wanted + plan.at_least(kind) + 2
    told = {
        "unknown_event_type": ("quarantined", {"rule": "unknown_event_type"}),
        "unknown_member": ("flagged", {"flag": "is_known_member"}),
    }
    assert exported.caught == {kind: told[kind] for kind in exported.noted}


def test_only_users_of_the_app_are_seen_in_it(app):
    world, exported = app
    users = set(world.members.user_id[has_app(world.chain, np.arange(len(world.members)))].tolist())
    assert 0.6 < len(users) / len(world.members) < 0.8
    assert {row["member_id"] for row in exported.but("unknown_member")} <= users


def test_events_of_bookings(app):
    """A booking in the app and a place given back there are an event each, at the same second."""
    world, exported = app
    wanted = Counter()
    for days in world.stretches:
        bookings = world.bookings(days)
        for at in np.flatnonzero(bookings.channel == APP):
            about = (int(world.members.user_id[bookings.member[at]]), int(bookings.class_session_id[at]))
            wanted["class_booked", int(bookings.booked_at[at]), *about] += 1
            if bookings.stands[at]:
                continue
            wanted["class_cancelled", int(bookings.cancelled_at[at]), *about] += 1
    found = Counter(
        (row["event_type"], int(moment(row["occurred_at"]).timestamp()), row["member_id"], session)
        for row in exported.rows
        if (session := row["properties.class_session_id"]) is not None
    )
    assert found == wanted
    assert {"class_booked", "class_cancelled"} == {kind for kind, *_ in found}


def test_what_events_are_about(app):
    _, exported = app
    for row in exported.rows:
        kind = row["event_type"]
        assert (row["properties.page"] in PAGES) == (kind == "browse")
        assert (row["properties.goal_type"] in GOAL_TYPES) == (kind in ("goal_set", "goal_progress"))
        assert (row["properties.goal_target"] is not None) == (row["properties.goal_type"] is not None)
        assert (row["properties.goal_progress"] is not None) == (kind == "goal_progress")
        assert row["platform"] in events.PLATFORMS
        assert re.fullmatch(r"4\.\d+\.0", row["app_version"])


def test_a_member_has_one_goal_and_one_platform(app):
    _, exported = app
    goals, platforms = defaultdict(set), defaultdict(set)
    for row in exported.rows:
        platforms[row["member_id"]].add(row["platform"])
        if row["properties.goal_type"]:
            goals[row["member_id"]].add((row["properties.goal_type"], row["properties.goal_target"]))
    assert {len(each) for each in platforms.values()} == {1}
    assert {len(each) for each in goals.values()} == {1}


def test_an_opening_begins_with_a_login(app):
    """Nothing but news of bookings happens without a login within ten minutes before."""
    _, exported = app
    logins = defaultdict(list)
    for row in exported.rows:
        if row["event_type"] == "login":
            logins[row["member_id"]].append(moment(row["occurred_at"]).timestamp())
    for row in exported.but(*OWN_KINDS):
        if row["event_type"] not in ("login", "class_booked", "class_cancelled"):
            at = moment(row["occurred_at"]).timestamp()
            assert any(0 < at - login <= 600 for login in logins[row["member_id"]])


def test_nothing_happens_after_the_end(app):
    world, exported = app
    for row, day in zip(exported.rows, exported.arrived, strict=True):
        at = moment(row["occurred_at"]).timestamp()
        assert at < world.chain.end
        assert day == max(0, (at - world.chain.begin) // 86_400)


def test_true_counts(app):
    """From the exported text alone; dates are the home gym's, UTC for who is nobody's member."""
    world, exported = app
    home = dict(zip(world.members.user_id.tolist(), world.members.gym.tolist(), strict=True))
    figures = []
    for row in exported.but("unknown_event_type"):
        at, gym = moment(row["occurred_at"]), home.get(row["member_id"])
        on = (at if gym is None else at.astimezone(ZONES[GYMS[gym].number])).date()
        figures.append(((on, row["event_type"]), (1,)))
    assert counted(figures) == true_sums(world, events.TRUTH)


def test_lines():
    """A line holds what the event is about in an object of its own, and nothing that it is not about."""
    world = small_world("off")
    days = world.stretches[0]
    text = events.STREAM.rows(world, days, world.defects(events.TABLE, days)).text
    line = json_lines(text.slice(0, 1)).to_pylist()[0]
    assert re.fullmatch(
        r'\{"event_id":"[0-9a-f-]{36}","member_id":\d+,"event_type":"login","occurred_at":"[0-9TZ:-]{20}",'
        r'"platform":"[a-z]+","app_version":"4\.\d+\.0","properties":\{\}\}',
        line,
    )


def test_a_stretch_hangs_on_nothing_before_it(app):
    world, _ = app
    fresh = type(world)(world.chain)
    for days in (fresh.stretches[-1], fresh.stretches[0]):
        alone = events.STREAM.rows(fresh, days, fresh.defects(events.TABLE, days))
        among = events.STREAM.rows(world, days, world.defects(events.TABLE, days))
        assert alone.text.equals(among.text)


@pytest.fixture(scope="module")
def year():
    world = small_world("off", members=2000, days=366)
    return world, [world.made(in_app, days) for days in world.stretches]


def test_volume(year):
    """Eight to ten events for each member and month, those without the app counted."""
    world, openings = year
    booked = sum(int((world.bookings(days).channel == APP).sum()) for days in world.stretches)
    months = sum(int(world.lives.is_member(day).sum()) for day in range(world.chain.days)) / 30.4
    assert 7 < (sum(len(part) for part in openings) + booked) / months < 11
    assert 0.66 < has_app(world.chain, np.arange(len(world.members))).mean() < APP_SHARE + 0.04


def test_interest_fades_before_leaving(year):
    """In the last four weeks leavers open the app less than half as often as three months earlier."""
    world, openings = year
    member = np.concatenate([part.member for part in openings])
    day = (np.concatenate([part.at for part in openings]) - world.chain.begin) // 86_400
    before = world.lives.left_day[member] - day
    # Of those who have been members all the time that is looked at, and leave within the period.
    stayed = (world.lives.left_day - world.lives.joined_day > 130) & (world.lives.left_day < world.chain.days)
    stayed &= world.lives.left_day > 130
    assert stayed.sum() > 30
    last = int((stayed[member] & (before > 0) & (before <= 28)).sum())
    earlier = int((stayed[member] & (before > 90) & (before <= 118)).sum())
    assert last < 0.5 * earlier
