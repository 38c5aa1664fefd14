"""Classes: the schedule, who books, comes, stays away and answers, and the true figures by hand from exported text."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from small_worlds import ZONES, Export, cents, counted, moment, small_world, true_sums

from data_gen.chain import days as chain_days
from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID, Parameters
from data_gen.chain.world import World
from data_gen.club import attendance, bookings, class_check_ins, class_sessions, class_types, instructors
from data_gen.club.class_types import CLASS_TYPES, UNMAPPED_CLASS_TYPE
from data_gen.club.instructors import draw_instructors, stage_name
from data_gen.club.schedule import DAYS_AHEAD
from data_gen.club.tastes import favourite_type, likes_instructor
from data_gen.feedback import class_feedback
from data_gen.people.members import emails
from data_gen.writing.defect_plan import DefectPlan

OF = {one.name: one for one in attendance.TRUTHS}
HALF_A_DAY = timedelta(hours=12)


class Classes:
    """The exported text of all tables about classes, and how each booking ended, found row by row."""

    def __init__(self, world: World):
        self.world = world
        self.types = Export(class_types.STREAM, world)
        self.instructors = Export(instructors.STREAM, world)
        self.all_sessions = Export(class_sessions.STREAM, world)
        self.all_bookings = Export(bookings.STREAM, world)
        self.check_ins = Export(class_check_ins.STREAM, world)
        self.feedback = Export(class_feedback.STREAM, world)
        self.sessions = newest(self.all_sessions.but("ends_before_start"), "class_session_id")
        self.bookings = newest(self.all_bookings.rows, "booking_id")
        self.outcomes = list(self._outcomes())

    def date_of(self, session: dict) -> date:
        """The class's local date."""
        return moment(session["starts_at"]).astimezone(ZONES[session["gym"]]).date()

    def class_key(self, session: dict) -> tuple:
        """(class_date, gym, class_type_code)."""
        return self.date_of(session), session["gym"], session["class_type_code"]

    @property
    def last_date(self) -> date:
        return self.world.chain.date_of(self.world.chain.last_day)

    def _outcomes(self):
        """(session, member_id, outcome, is_walk_in, paid) of the classes until the last date."""
        signed_in = {row["class_session_id"] for row in self.check_ins.rows}
        answered = {row["booking_id"] for row in self.check_ins.rows}
        for booking in self.bookings.values():
            session = self.sessions.get(int(booking["class_session_id"]))
            if session is None or self.date_of(session) > self.last_date:
                continue
            yield (
                session,
                booking["member_id"],
                self._end(booking, session, signed_in, answered),
                False,
                booking["paid"],
            )
        for row in self.check_ins.rows:
            if not row["booking_id"]:
                yield self.sessions[int(row["class_session_id"])], row["member_id"], "attended", True, "0.00"

    @staticmethod
    def _end(booking: dict, session: dict, signed_in: set, answered: set) -> str:
        if session["status"] == "cancelled":
            return "class_cancelled"
        if booking["booking_id"] in answered:
            return "attended"
        if booking["cancelled_at"]:
            in_time = moment(booking["cancelled_at"]) <= moment(session["starts_at"]) - HALF_A_DAY
            return "early_cancel" if in_time else "late_cancel"
        return "no_show" if booking["class_session_id"] in signed_in else "unknown"


def newest(rows: list[dict], key: str) -> dict[int, dict]:
    """The newest row of each number."""
    return {int(row[key]): row for row in sorted(rows, key=lambda row: row["updated_at"])}


@pytest.fixture(scope="module", params=["off", "default", "heavy"])
def classes(request) -> Classes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain_days, "_LONGEST", 5)
        world = World(Parameters(800, 18, date(2025, 2, 24), 7, defects=DefectPlan.parse(request.param)))
    assert len(world.stretches) > 3
    return Classes(world)


@pytest.fixture(scope="module")
def crowd() -> Classes:
    """Enough people for shares."""
    return Classes(small_world(members=6_000))


def test_the_schedule(classes):
    own = [row for row in classes.sessions.values() if row["class_type_code"] != UNMAPPED_CLASS_TYPE]
    a_day = Counter((classes.date_of(row), row["gym"]) for row in classes.sessions.values())
    assert set(ZONES) == {gym for _, gym in a_day}
    assert all(4 <= count <= 9 + (gym == 102) for (_, gym), count in a_day.items())
    assert {on for on, _ in a_day} == {
        classes.world.chain.start + timedelta(days=day) for day in range(classes.world.chain.days + DAYS_AHEAD)
    }
    minutes = {each.code: each.minutes for each in CLASS_TYPES}
    for row in own:
        assert moment(row["ends_at"]) - moment(row["starts_at"]) == timedelta(minutes=minutes[row["class_type_code"]])
        assert 8 <= row["capacity"] <= 30


def test_a_class_at_half_past_eleven_each_night(classes):
    nights = set()
    for row in classes.sessions.values():
        starts = moment(row["starts_at"]).astimezone(ZONES[row["gym"]])
        if (starts.hour, starts.minute) == (23, 30):
            assert row["gym"] == 102
            nights.add(starts.date())
    assert len(nights) == classes.world.chain.days + DAYS_AHEAD
    assert date(2025, 3, 8) in nights  # New York's clocks change two and a half hours later.


def test_nobody_teaches_two_classes_at_once(classes):
    taught = defaultdict(list)
    for row in classes.sessions.values():
        taught[row["instructor_id"]].append((row["starts_at"], row["ends_at"]))
    known = newest(classes.instructors.rows, "instructor_id")
    assert set(taught) <= set(known)
    for times in taught.values():
        times.sort()
        assert all(one[1] <= two[0] for one, two in pairwise(times))


def test_instructors_come_and_go():
    world = World(Parameters(50, 731))
    everyone = draw_instructors(world.chain)
    assert len(everyone) > 60
    for day in (0, 300, 730):
        there = (everyone.hired_day <= day) & (day < everyone.left_day)
        assert np.bincount(everyone.gym[there]).tolist() == [8] * 5
    names = [stage_name(position) for position in range(600)]
    assert len(set(names)) == len(names)


def test_classes_that_are_called_off(classes):
    versions = defaultdict(list)
    for row in classes.all_sessions.but("ends_before_start"):
        versions[row["class_session_id"]].append(row)
    off = {number: rows for number, rows in versions.items() if len(rows) > 1}
    assert 0.005 < len(off) / len(versions) < 0.05
    for rows in off.values():
        first, last = sorted(rows, key=lambda row: row["updated_at"])
        assert (first["status"], last["status"]) == ("scheduled", "cancelled")
        before = moment(last["starts_at"]) - moment(last["updated_at"])
        assert timedelta(hours=1) <= before <= timedelta(hours=48)


def test_places_are_enough(crowd):
    taken = Counter()
    for booking in crowd.bookings.values():
        taken[int(booking["class_session_id"])] += not booking["cancelled_at"]
    taken.update(int(row["class_session_id"]) for row in crowd.check_ins.but("unknown_member") if not row["booking_id"])
    full = [number for number, session in crowd.sessions.items() if taken[number] == session["capacity"]]
    assert full
    assert all(taken[number] <= session["capacity"] for number, session in crowd.sessions.items())


def test_shares_of_outcomes(crowd):
    ends = Counter(outcome for _, _, outcome, is_walk_in, _ in crowd.outcomes if not is_walk_in)
    share = {outcome: count / sum(ends.values()) for outcome, count in ends.items()}
    assert set(share) == set(attendance.OUTCOMES)
    assert 0.68 < share["attended"] < 0.85
    assert 0.06 < share["no_show"] < 0.11
    assert 0.05 < share["early_cancel"] < 0.13
    assert 0.02 < share["late_cancel"] < 0.07
    walk_ins = sum(is_walk_in for *_, is_walk_in, _ in crowd.outcomes)
    assert 0.06 < walk_ins / (walk_ins + ends["attended"]) < 0.10
    twice = Counter((row["member_id"], row["class_session_id"]) for row in crowd.bookings.values())
    assert max(twice.values()) == 2


def test_times_of_bookings(classes):
    for row in classes.all_bookings.but("orphan_booking"):
        session = classes.sessions[int(row["class_session_id"])]
        booked, starts = moment(row["booked_at"]), moment(session["starts_at"])
        assert timedelta(0) < starts - booked < timedelta(days=8)
        cancelled = moment(row["cancelled_at"]) if row["cancelled_at"] else None
        assert cancelled is None or booked < cancelled < starts
        assert moment(row["updated_at"]) == (cancelled or booked)
        assert booked.timestamp() < classes.world.chain.end
        if session["status"] == "cancelled":
            assert max(cancelled or booked, booked) < moment(session["updated_at"])


def test_times_of_check_ins(classes):
    for row in classes.check_ins.rows:
        session = classes.sessions[int(row["class_session_id"])]
        after = moment(row["checked_in_at"]) - moment(session["starts_at"])
        assert timedelta(minutes=-10) <= after <= timedelta(minutes=5)
        assert session["status"] == "scheduled"
        if row["booking_id"]:
            booking = classes.bookings[int(row["booking_id"])]
            assert (booking["member_id"], booking["class_session_id"]) == (row["member_id"], row["class_session_id"])
            assert not booking["cancelled_at"]


def test_who_has_classes_in_the_plan_pays_nothing(classes):
    lives, first = classes.world.lives, int(classes.world.members.user_id[0])
    paid = Counter()
    for row in classes.all_bookings.but("orphan_booking"):
        session = classes.sessions[int(row["class_session_id"])]
        day = min((classes.date_of(session) - classes.world.chain.start).days, classes.world.chain.last_day)
        is_free = lives.includes_classes(day)[int(row["member_id"]) - first]
        assert cents(row["paid"]) == (0 if is_free else cents(f"{session['drop_in_price']:.2f}"))
        paid[bool(is_free)] += 1
    assert paid[True] > 50
    assert paid[False] > 50


def test_members_have_favourites(crowd):
    """What recommendation has to find: the favourite kind and liked instructors are picked far more than by chance."""
    world = crowd.world
    visits = [(days, world.visits(days)) for days in world.stretches]
    kind, liked = [], []
    for days, stays in visits:
        at_class = stays.where(stays.class_session >= 0)
        schedule = world.schedule(days)
        kind.append(favourite_type(world.chain, at_class.member) == schedule.class_type[at_class.class_session])
        liked.append(likes_instructor(at_class.member, schedule.instructor_id[at_class.class_session]))
    assert np.mean(np.concatenate(kind)) > 2.5 / len(CLASS_TYPES)
    assert np.mean(np.concatenate(liked)) > 0.27


def test_true_attendance(classes):
    rows = [
        ((*classes.class_key(session), session["instructor_id"], outcome), (1, int(is_walk_in)))
        for session, _, outcome, is_walk_in, _ in classes.outcomes
    ]
    assert true_sums(classes.world, OF["attendance"]) == counted(rows)
    assert {key[-1] for key, _ in rows} == set(attendance.OUTCOMES)


def test_true_fill(classes):
    attended = Counter(
        session["class_session_id"] for session, _, outcome, *_ in classes.outcomes if outcome == "attended"
    )
    rows = [
        (classes.class_key(row), (1, row["capacity"], attended[number], int(not attended[number])))
        for number, row in classes.sessions.items()
        if row["status"] == "scheduled" and classes.date_of(row) <= classes.last_date
    ]
    assert true_sums(classes.world, OF["class_fill"]) == counted(rows)


def test_true_revenue(classes):
    rows = [
        (classes.class_key(session), (cents(paid),))
        for session, _, outcome, _, paid in classes.outcomes
        if outcome not in ("early_cancel", "class_cancelled") and cents(paid)
    ]
    assert true_sums(classes.world, OF["class_revenue"]) == counted(rows)


def test_true_first_classes(classes):
    world = classes.world
    collected = {
        "attended_classes": pa.concat_tables(
            [attendance.ATTENDED_CLASSES.pieces(world, days) for days in world.stretches]
        )
    }
    for as_of in (classes.last_date, classes.last_date - timedelta(days=9)):
        attended = defaultdict(list)
        for session, member, outcome, *_ in classes.outcomes:
            if outcome == "attended" and int(member) < FIRST_UNKNOWN_USER_ID and classes.date_of(session) <= as_of:
                attended[int(member)].append(classes.date_of(session))
        rows = OF["first_classes"].table(world, collected, as_of).to_pylist()
        found = {row["member_id"]: (row["first_class_date"], row["second_class_date"]) for row in rows}
        assert found == {member: tuple([*sorted(dates), None][:2]) for member, dates in attended.items()}
        assert len(found) > 20


def test_true_feedback(classes):
    rows = []
    for row in classes.feedback.but("rating_out_of_range"):
        session, score = classes.sessions[int(row["class_session_id"])], int(row["would_recommend"])
        figures = (1, int(row["rating"]), int(score >= 9), int(score <= 6))
        rows.append(((classes.date_of(session), session["gym"]), figures))
        assert 1 <= int(row["rating"]) <= 5
    assert true_sums(classes.world, class_feedback.TRUTH) == counted(rows)


def test_answers_reach_members_by_mail(crowd):
    world = crowd.world
    addresses = dict(zip(emails(world, np.arange(len(world.members))).to_pylist(), world.members.user_id, strict=True))
    attended = {(row["member_id"], row["class_session_id"]) for row in crowd.check_ins.rows}
    rows = crowd.feedback.but("orphan_feedback")
    assert 0.04 < len(rows) / len(crowd.check_ins.rows) < 0.08
    for row in rows:
        assert (str(addresses[row["email"].strip().lower()]), row["class_session_id"]) in attended
        session = crowd.sessions[int(row["class_session_id"])]
        after = moment(row["submitted_at"]) - moment(session["ends_at"])
        assert timedelta(hours=1) <= after <= timedelta(hours=48)
    assert any(row["email"] != row["email"].strip().lower() for row in rows)
    assert not {row["email"].strip().lower() for row in crowd.feedback.of("orphan_feedback")} & set(addresses)


def test_better_instructors_get_more_stars(crowd):
    skill = dict(
        zip(*(getattr(draw_instructors(crowd.world.chain), one) for one in ("instructor_id", "skill")), strict=True)
    )
    stars = defaultdict(list)
    for row in crowd.feedback.but("rating_out_of_range"):
        stars[crowd.sessions[int(row["class_session_id"])]["instructor_id"]].append(int(row["rating"]))
    often = [number for number, given in stars.items() if len(given) >= 5]
    assert np.corrcoef([skill[number] for number in often], [np.mean(stars[number]) for number in often])[0, 1] > 0.4


def test_defects_are_what_they_are_called(classes):
    if classes.world.chain.defects.preset == "off":
        exports = (classes.all_sessions, classes.all_bookings, classes.check_ins, classes.feedback)
        assert not any(export.noted for export in exports)
        return
    assert {row["class_type_code"] for row in classes.all_sessions.of("unmapped_class_type")} == {UNMAPPED_CLASS_TYPE}
    for row in classes.all_sessions.of("ends_before_start"):
        assert row["ends_at"] < row["starts_at"]
        assert row["class_session_id"] not in classes.sessions
    for row in classes.all_bookings.of("orphan_booking"):
        assert int(row["class_session_id"]) not in classes.sessions
    for row in classes.check_ins.of("unknown_member"):
        assert int(row["member_id"]) >= FIRST_UNKNOWN_USER_ID
        assert not row["booking_id"]
    for row in classes.feedback.of("rating_out_of_range"):
        assert not 1 <= int(row["rating"]) <= 5


def test_numbers_are_nobody_elses(classes):
    for export, number in (
        (classes.check_ins, "check_in_id"),
        (classes.feedback, "response_id"),
    ):
        numbers = [row[number] for row in export.rows]
        assert len(set(numbers)) == len(numbers)
    made = [row["booking_id"] for row in classes.all_bookings.rows if not row["cancelled_at"]]
    assert len(set(made)) == len(made)


def test_a_kind_of_class_gets_another_name():
    rows = Export(class_types.STREAM, World(Parameters(20, 200))).rows
    names = defaultdict(set)
    for row in rows:
        names[row["class_type_code"]].add(row["class_name"])
    assert len(names) == len(CLASS_TYPES)
    assert sorted(len(found) for found in names.values())[-2:] == [1, 2]


def test_who_leaves_is_told_before_the_last_day():
    rows = Export(instructors.STREAM, World(Parameters(20, 400))).rows
    leaving = [row for row in rows if row["left_on"]]
    assert leaving
    for row in leaving:
        known = datetime.fromisoformat(row["updated_at"]).date()
        assert known < date.fromisoformat(row["left_on"])
