"""The vectorised rules against the obvious way of doing the same."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_gen.access.gym_logins import NO_LOGOUT, Logins, stays
from data_gen.chain.clock import clock_changes, local_day, to_local, to_utc
from data_gen.chain.people import Members
from data_gen.devices.wearables import Devices, mac_addresses
from data_gen.devices.workouts import START, STOP, Events, pair
from data_gen.writing.defect_plan import RATES, DefectPlan
from data_gen.writing.drops import csv_lines, json_lines, text_bytes
from data_gen.writing.rows import joined, json_text
from gymhouse.console import Problem

ZONES = ["America/New_York", "America/Phoenix", "Pacific/Honolulu"]
MOMENTS = st.integers(1_700_000_000, 1_800_000_000)


@settings(deadline=None)  # A busy machine is no failure.
@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_wall_clocks(moments, zone):
    walls = to_local(np.array(moments), zone)
    for moment, wall, day in zip(moments, walls, local_day(np.array(moments), zone), strict=True):
        local = datetime.fromtimestamp(moment, ZoneInfo(zone))
        assert int(local.replace(tzinfo=UTC).timestamp()) == wall
        assert (local.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days == day


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_wall_clocks_and_back(moments, zone):
    """A wall clock comes back to the same wall clock, whichever of the two hours of an autumn night it was."""
    walls = to_local(np.array(moments), zone)
    assert (to_local(to_utc(walls, zone), zone) == walls).all()


def test_a_time_that_the_clock_skips():
    skipped = int(datetime(2025, 3, 9, 2, 30, tzinfo=UTC).timestamp())
    utc = to_utc(np.array([skipped]), "America/New_York")
    assert datetime.fromtimestamp(int(utc[0]), UTC) == datetime(2025, 3, 9, 7, 30, tzinfo=UTC)


def test_changes_of_clocks():
    begin = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    found = clock_changes("America/New_York", begin, begin + 365 * 86_400)
    assert [datetime.fromtimestamp(moment, UTC) for moment in found] == [
        datetime(2025, 3, 9, 7, tzinfo=UTC),
        datetime(2025, 11, 2, 6, tzinfo=UTC),
    ]
    assert clock_changes("America/Phoenix", begin, begin + 365 * 86_400) == []


EVENTS = st.lists(
    st.tuples(
        st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.integers(0, 20_000), st.sampled_from([START, STOP])
    ),
    max_size=30,
    unique_by=lambda event: event[:4],
)


@settings(deadline=None)
@given(EVENTS)
def test_pairing(events):
    """Walk each session's events in time: a start waits for the very next one."""
    columns = np.array(events, np.int64).reshape(-1, 5).T
    made = Events(columns[0], columns[1], columns[2], columns[4], columns[3])
    complete, no_stop, no_start, too_long = set(), set(), set(), set()
    for session in {event[:3] for event in events}:
        own = sorted((event for event in events if event[:3] == session), key=lambda event: event[3])
        at = 0
        while at < len(own):
            follows = own[at + 1] if at + 1 < len(own) else None
            if own[at][4] == STOP:
                no_start.add(own[at])
            elif follows is None or follows[4] == START:
                no_stop.add(own[at])
            else:
                (complete if follows[3] - own[at][3] < 10_800 else too_long).add(own[at])
                at += 1
            at += 1
    found = pair(made)
    assert {events[start] for start, _ in found.complete} == complete
    assert {events[at] for at in found.no_stop} == no_stop
    assert {events[at] for at in found.no_start} == no_start
    assert {events[at] for at in found.too_long} == too_long


@pytest.mark.parametrize(("seconds", "is_complete"), [(10_799, True), (10_800, False)])
def test_three_hours_are_too_long(seconds, is_complete):
    one = np.array([1, 1])
    found = pair(Events(one, one, one, np.array([START, STOP]), np.array([0, seconds])))
    assert (len(found.complete), len(found.too_long)) == ((1, 0) if is_complete else (0, 1))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(1, 2), st.integers(0, 5), st.one_of(st.just(NO_LOGOUT), st.integers(0, 10))
        ),
        max_size=30,
    )
)
def test_stays(lines):
    columns = np.array(lines, np.int64).reshape(-1, 4).T
    found = stays(Logins(*columns, exported_at=columns[2], date=columns[2]))
    expected: dict = {}
    for *key, logout in lines:
        best = expected.setdefault(tuple(key), NO_LOGOUT)
        expected[tuple(key)] = max(best, logout) if logout > key[2] else best
    got = {
        (int(mac), int(gym), int(login)): int(logout)
        for mac, gym, login, logout in zip(found.mac, found.gym, found.login, found.logout, strict=True)
    }
    assert got == expected
    assert len(found) == len(expected)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), min_size=1, max_size=8, unique=True),
    st.integers(0, 110),
)
def test_owners(registrations, moment):
    registrations = sorted(registrations)
    device, at = np.array(registrations).T
    devices = Devices(4, device, np.arange(len(device)), at, pa.array(["a"] * 4))
    for each in set(device.tolist()):
        history = [(at[i], i) for i in range(len(device)) if device[i] == each]
        before = [member for since, member in history if since <= moment]
        expected = before[-1] if before else history[0][1]
        assert devices.owner_at(np.array([each]), np.array([moment]))[0] == expected


@settings(deadline=None)
@given(st.integers(1, 31), st.integers(1, 12), st.integers(1940, 2006), st.dates(datetime(2025, 1, 1).date()))  # noqa: DTZ001
def test_ages(day, month, year, today):
    born = datetime(year, month, 1, tzinfo=UTC).date() + timedelta(days=day - 1)
    member = object.__new__(Members)
    object.__setattr__(member, "birth_day", np.array([(born - datetime(1970, 1, 1, tzinfo=UTC).date()).days]))
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert member.age_on(today)[0] == years


def test_hardware_addresses_differ():
    macs = mac_addresses(np.arange(50_000), 7)
    assert len(macs.unique()) == 50_000
    assert all(mac.startswith("02:") and len(mac) == 17 for mac in macs.slice(0, 50).to_pylist())


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), FIELDS), FIELDS), min_size=1, max_size=6), st.booleans())
def test_csv_is_read_back(rows, crlf):
    table = pa.table(
        {"a": pa.array([a for a, _ in rows], pa.string()), "b": pa.array([b for _, b in rows], pa.string())}
    )
    content = bytes(text_bytes(joined(csv_lines(table), "\r\n" if crlf else "\n"))).decode()
    back = list(csv.reader(io.StringIO(content, newline="")))
    assert back == [[a or "", b] for a, b in rows]


@settings(deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=6))
def test_json_is_read_back(values):
    lines = json_text(pa.array(values, pa.string())).to_pylist()
    assert [json.loads(line, strict=False) for line in lines] == values


@settings(deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), FIELDS), st.one_of(st.none(), st.integers())), min_size=1, max_size=6))
def test_json_lines_are_read_back(rows):
    """A missing value leaves its field out; a dot in a name makes an object."""
    table = pa.table(
        {
            "n": pa.array([str(at) for at in range(len(rows))]),
            "p.text": pc.if_else(
                pa.array([text is None for text, _ in rows]),
                pa.scalar(None, pa.string()),
                json_text(pa.array([text or "" for text, _ in rows])),
            ),
            "p.number": pa.array([None if number is None else str(number) for _, number in rows], pa.string()),
        }
    )
    back = [json.loads(line, strict=False) for line in json_lines(table).to_pylist()]
    assert back == [
        {"n": at, "p": {k: v for k, v in (("text", text), ("number", number)) if v is not None}}
        for at, (text, number) in enumerate(rows)
    ]


def test_bytes_of_a_slice():
    lines = joined(pa.array(["one", "two", "three"]), "\n").slice(1, 1)
    assert bytes(text_bytes(lines)) == b"two\n"


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("off", "late_row", 0),
        ("default", "late_row", 20),
        ("heavy", "late_row", 200),
        ("late_row=0.1", "late_row", 1000),
        ("off,late_row=0.1", "late_row", 1000),
        ("off,late_row=0.1", "exact_duplicate", 0),
        ("late_row=0", "late_row", 0),
    ],
)
def test_defect_plans(text, kind, count):
    assert DefectPlan.parse(text).count(kind, 10_000) == count


@pytest.mark.parametrize(
    "text", ["much", "late_row", "late_row=", "late_row=0.5", "late_row=-1", "lateness=0.1", "default,off"]
)
def test_defect_plans_that_cannot_be_read(text):
    with pytest.raises(Problem):
        DefectPlan.parse(text)


def test_no_more_defects_than_rows():
    assert all(DefectPlan("heavy").count(kind, 1) <= 1 for kind in RATES)
