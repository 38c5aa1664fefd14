"""The exports of memberships tell what is true of them: each truth again, from the rows alone and in plain Python."""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from data_gen.chain.days import Days
from data_gen.chain.parameters import Parameters
from data_gen.chain.world import World
from data_gen.club import (
    cancellations,
    invoices,
    membership_events,
    memberships,
    payments,
    plans,
    recurring_truth,
    revenue_truth,
    status_truth,
)
from data_gen.club.lifetime_truth import MONTHS, TRUTHS
from data_gen.people import members
from data_gen.writing.defect_plan import DefectPlan

SEEDS = Path(__file__).parents[3] / "seeds"
MODULES = (plans, members, memberships, membership_events, cancellations, invoices, payments)
A_MONTH = {
    "weekly": Fraction(52, 12), "four_weekly": Fraction(13, 12), "monthly": Fraction(1), "annual": Fraction(1, 12),
}  # fmt: skip


class Club:
    """All rows of a chain's membership exports, without the common defects, by table."""

    def __init__(self, defects: str, **knobs):
        self.world = World(Parameters(**{"members": 400, "days": 120, **knobs}, defects=DefectPlan.parse(defects)))
        self.last = self.world.chain.date_of(self.world.chain.last_day)
        self.notes, self.repeats = Counter(), Counter()
        self.tables: dict[str, list[dict]] = {}
        for module in MODULES:
            found = []
            for days in self.world.stretches:
                noted = self.world.defects(module.STREAM.table, days)
                rows = module.rows(self.world, days, noted)
                found += rows.text.to_pylist()
                self.repeats[module.STREAM.table] += len(noted.repeats)
                assert len(rows) == 0 or rows.day.max() < self.world.chain.days
                for note in noted.notes:
                    self.notes[module.STREAM.table, note.kind] += len(note.days)
            self.tables[module.STREAM.table.partition(".")[2]] = found

    def truth(self, truths, name: str, as_of: date | None = None) -> list[dict]:
        """The rows of a true table."""
        table = next(one.table for one in truths if one.name == name)
        return table(self.world, {}, as_of or self.last).to_pylist()


@pytest.fixture(scope="module", params=["off", "default"])
def club(request) -> Club:
    return Club(request.param)


def months(first: date, last: date) -> list[date]:
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


class Plain:
    """The events of every member in their order, and how members stand on a day."""

    def __init__(self, club: Club):
        self.plans = {row["plan_code"]: row for row in sorted(club.tables["plans"], key=lambda row: row["updated_at"])}
        self.events = defaultdict(list)
        for row in club.tables["membership_events"]:
            if row["event_type"] != "transfer":
                row = row | {"on": date.fromisoformat(row["effective_on"])}
                self.events[int(row["member_id"])].append(row)
        for events in self.events.values():
            events.sort(key=lambda row: (row["on"], int(row["event_id"])))
        self.first = min(events[0]["on"] for events in self.events.values())

    def is_complimentary(self, code: str) -> bool:
        return code in self.plans and self.plans[code]["is_complimentary"] == "true"

    def on(self, member: int, day: date) -> tuple[str, int, dict | None]:
        """(status, monthly cents, newest event) of a member."""
        known = [row for row in self.events[member] if row["on"] <= day]
        if not known:
            return "never", 0, None
        newest = known[-1]
        if newest["event_type"] == "cancel":
            return "left", 0, newest
        if newest["event_type"] == "pause":
            return "paused", 0, newest
        if self.is_complimentary(newest["plan_code"]):
            return "complimentary", 0, newest
        period = self.plans.get(newest["plan_code"], {"billing_period": "monthly"})["billing_period"]
        net = (Decimal(newest["price"]) - Decimal(newest["discount"])) * 100
        share = Fraction(net) * A_MONTH[period]
        cents = (Decimal(share.numerator) / Decimal(share.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
        return "active", int(cents), newest


@pytest.fixture(scope="module")
def plain(club) -> Plain:
    return Plain(club)


@pytest.mark.parametrize("days_before", [0, 33])
def test_statuses_and_revenue_by_month(club, plain, days_before):
    as_of = club.last - timedelta(days=days_before)
    statuses, sums, moves = Counter(), {}, defaultdict(lambda: [0, 0])
    names = {
        ("never", "active"): "new", ("left", "active"): "reactivation", ("paused", "active"): "resume",
        ("active", "paused"): "pause", ("active", "left"): "churn",
    }  # fmt: skip
    opening = dict.fromkeys(plain.events, ("never", 0))
    churn = defaultdict(lambda: [0, 0, 0])
    before = dict.fromkeys(plain.events, ("never", 0, None))
    for month in months(plain.first, as_of):
        end = min(month.replace(day=monthrange(month.year, month.month)[1]), as_of)
        after = {member: plain.on(member, end) for member in plain.events}
        for member, (status, cents, _) in after.items():
            was, were, newest = before[member]
            statuses[month, status] += status != "never"
            if cents != were:
                move = names.get((was, status), "expansion" if cents > were else "contraction")
                moves[month, move][0] += 1
                moves[month, move][1] += cents - were
            starts = was in ("active", "paused")
            if starts:
                churn[month, newest["plan_code"], int(newest["gym"])][0] += 1
                churn[month, newest["plan_code"], int(newest["gym"])][2] += status not in ("active", "paused")
            for row in plain.events[member]:
                leaves = row["event_type"] == "cancel" and month <= row["on"] <= end
                if leaves and not plain.is_complimentary(row["plan_code"]):
                    of = newest if starts else row
                    churn[month, of["plan_code"], int(of["gym"])][1] += 1
        sums[month] = (sum(one[1] for one in before.values()), sum(one[1] for one in after.values()))
        before = after
    assert opening
    found = club.truth(status_truth.TRUTHS, "member_status", as_of)
    assert {(row["month"], row["status"]): row["members"] for row in found} == {k: n for k, n in statuses.items() if n}
    found = club.truth(status_truth.TRUTHS, "member_status_by_member", as_of)
    now = {(row["member_id"], row["status"], row["mrr_cents"]) for row in found}
    assert now == {(member, *one[:2]) for member, one in before.items() if one[0] != "never"}
    found = club.truth(recurring_truth.TRUTHS, "mrr", as_of)
    assert {row["month"]: (row["opening_cents"], row["closing_cents"]) for row in found} == sums
    found = club.truth(recurring_truth.TRUTHS, "mrr_movement", as_of)
    assert {(row["month"], row["movement"]): [row["members"], row["amount_cents"]] for row in found} == moves
    for month, (start, close) in sums.items():
        assert start + sum(row["amount_cents"] for row in found if row["month"] == month) == close
    found = club.truth(recurring_truth.TRUTHS, "churn", as_of)
    counts = ("members_at_start", "members_left", "at_start_and_not_at_end")
    assert {(row["month"], row["plan_code"], row["gym"]): [row[name] for name in counts] for row in found} == churn


def test_joins(club, plain):
    joins = Counter()
    for events in plain.events.values():
        days = [row["on"] for row in events if row["event_type"] == "join" and row["on"] <= club.last]
        for place, day in enumerate(days):
            joins[day.replace(day=1), place > 0] += 1
    found = club.truth(status_truth.TRUTHS, "joins")
    told = {(row["month"], False): row["joins"] for row in found} | {
        (row["month"], True): row["rejoins"] for row in found
    }
    assert {key: count for key, count in told.items() if count} == joins


def test_reasons_can_be_read_from_what_is_typed(club):
    with (SEEDS / "cancellation_reasons.csv").open() as file:
        patterns = sorted(csv.DictReader(file), key=lambda row: int(row["priority"]))

    def reason(text: str) -> str:
        text = text.lower().strip()
        return next((row["reason"] for row in patterns if re.search(row["pattern"], text)), "unmapped")

    leaves = Counter()
    for row in club.tables["cancellations"]:
        day = date.fromisoformat(row["effective_on"])
        if day <= club.last:
            leaves[day.replace(day=1), reason(row["reason"])] += 1
    found = club.truth(status_truth.TRUTHS, "leaves")
    assert {(row["month"], row["reason"]): row["leaves"] for row in found} == leaves
    assert len({one for _, one in leaves}) >= 9


def test_every_leaving_was_asked_for(club, plain):
    asked = {row["membership_id"]: row for row in club.tables["cancellations"]}
    for events in plain.events.values():
        for row in events:
            if row["event_type"] == "cancel":
                request = asked[row["membership_id"]]
                assert request["effective_on"] == row["effective_on"]
                assert request["requested_at"] <= row["event_at"]
                assert request["requested_at"][:10] <= row["effective_on"]


def test_newest_row_of_a_membership_tells_how_it_is(club, plain):
    rows, newest = [row for row in club.tables["memberships"] if (row["ended_on"] or "9") > row["started_on"]], {}
    for row in sorted(rows, key=lambda row: row["updated_at"]):
        newest[row["membership_id"]] = row
    by_membership = defaultdict(list)
    for events in plain.events.values():
        for row in events:
            by_membership[row["membership_id"]].append(row)
    assert newest.keys() == by_membership.keys()
    for number, row in newest.items():
        events = by_membership[number]
        assert row["started_on"] == events[0]["effective_on"]
        ends = [one["effective_on"] for one in events if one["event_type"] == "cancel"]
        assert row["ended_on"] == (ends[0] if ends else None)
        # A change of plan stands in the row from its day on.
        counts = [one for one in events if one["on"] <= club.last]
        last = (counts or events[:1])[-1]
        assert [row[name] for name in ("plan_code", "price", "discount", "gym")] == [
            last[name] for name in ("plan_code", "price", "discount", "gym")
        ]


def test_no_row_of_a_membership_names_a_plan_before_its_day(club, plain):
    events = defaultdict(list)
    for found in plain.events.values():
        for row in found:
            events[row["membership_id"]].append(row)
    changed = 0
    for row in club.tables["memberships"]:
        begins = [one["on"] for one in events[row["membership_id"]] if one["plan_code"] == row["plan_code"]]
        if min(begins) > date.fromisoformat(row["started_on"]):
            assert min(begins) <= date.fromisoformat(row["updated_at"][:10])
            changed += 1
    assert changed


def test_invoices_are_written_while_members_are_active(club, plain):
    by_membership, good = defaultdict(list), [row for row in club.tables["invoices"] if Decimal(row["net"]) > 0]
    for row in good:
        if row["kind"] == "membership":
            by_membership[row["membership_id"]].append(row)
    for row in good:
        day = date.fromisoformat(row["period_from"])
        status, _, newest = plain.on(int(row["member_id"]), day)
        assert status == "active"
        assert (newest["membership_id"], newest["plan_code"], newest["gym"]) == (
            row["membership_id"], row["plan_code"], row["gym"],
        )  # fmt: skip
        if row["kind"] == "membership":
            assert Decimal(row["net"]) == Decimal(newest["price"]) - Decimal(newest["discount"])
            rate = {"101": "8.875", "102": "8.875", "103": "8.6", "104": "8.6", "105": "4.712"}[row["gym"]]
            tax = Decimal(row["net"]) * Decimal(rate) / 100
            assert Decimal(row["tax"]) == tax.quantize(Decimal("0.01"), ROUND_HALF_UP)
    # Every active day until the last is paid for once.
    for member in list(plain.events)[:120]:
        day = plain.events[member][0]["on"]
        while day <= club.last:
            status, _, newest = plain.on(member, day)
            if newest is not None:
                paid = [
                    r for r in by_membership[newest["membership_id"]] if r["period_from"] <= str(day) < r["period_to"]
                ]
                assert len(paid) == (status == "active"), (member, day, status)
            day += timedelta(days=1)


def test_revenue_is_recognised_by_day(club):
    earned = Counter()
    for row in club.tables["invoices"]:
        first, behind = date.fromisoformat(row["period_from"]), date.fromisoformat(row["period_to"])
        cents, days, so_far = int(Decimal(row["net"]) * 100), (behind - first).days, 0
        if cents < 0:
            continue
        for k in range(1, days + 1):
            until = int(Fraction(cents * k, days) + Fraction(1, 2))
            if first + timedelta(days=k - 1) <= club.last:
                earned[first + timedelta(days=k - 1), int(row["gym"])] += until - so_far
            so_far = until
    found = Counter()
    for days in club.world.stretches:
        for row in revenue_truth.TRUTH.pieces(club.world, days).to_pylist():
            found[row["date"], row["gym"]] += row["net_cents"]
    assert found == earned
    assert revenue_truth.revenue_by_member(club.world, club.world.chain.last_day).sum() == sum(earned.values())


def test_survival(club, plain):
    at_risk, left = Counter(), Counter()
    for events in plain.events.values():
        joined, ended = events[0]["on"], next((row["on"] for row in events if row["event_type"] == "cancel"), None)
        if plain.is_complimentary(events[0]["plan_code"]) or joined > club.last:
            continue
        is_left = ended is not None and ended <= club.last
        month = ((ended if is_left else club.last) - joined).days * 16 // 487
        for number in range(month + 1):
            at_risk[events[0]["plan_code"], number] += 1
        left[events[0]["plan_code"], month] += is_left
    found = club.truth(TRUTHS, "survival")
    assert {row["month_number"] for row in found} == set(range(MONTHS + 1))
    for row in found:
        key = row["plan_code"], row["month_number"]
        assert (row["at_risk"], row["left"]) == (at_risk[key], left[key])
    assert sum(row["left"] for row in found) == sum(left.values())


def test_ltv_inputs(club, plain):
    table = next(one.table for one in TRUTHS if one.name == "ltv_inputs")
    spent = pa.table({"date": [club.last, club.last + timedelta(days=1)], "member": [0, 1], "net_cents_sum": [700, 11]})
    found = table(club.world, {"spent": spent}, club.last).to_pylist()
    earned = revenue_truth.revenue_by_member(club.world, club.world.chain.last_day)
    first_id = int(club.world.members.user_id[0])
    members, active, revenue = Counter(), Counter(), Counter()
    for member, events in plain.events.items():
        code = events[0]["plan_code"]
        if not plain.is_complimentary(code) and events[0]["on"] <= club.last:
            members[code] += 1
            revenue[code] += int(earned[member - first_id]) + (700 if member == first_id else 0)
            for month in months(plain.first, club.last):
                end = min(month.replace(day=monthrange(month.year, month.month)[1]), club.last)
                active[code] += plain.on(member, end)[0] == "active"
    for row in found:
        code = row["plan_code"]
        assert (row["members"], row["member_months"], row["revenue_cents"]) == (
            members[code], active[code], revenue[code],
        )  # fmt: skip
    assert {row["plan_code"] for row in found} == set(members)


def test_payments(club):
    by_invoice = defaultdict(list)
    for row in club.tables["payments"]:
        by_invoice[row["invoice_id"]].append(row)
    known = {row["invoice_id"]: row for row in club.tables["invoices"]}
    statuses = Counter(row["status"] for row in club.tables["payments"])
    assert 0.02 < statuses["failed"] / statuses["settled"] < 0.1
    assert statuses["refunded"] > 0
    for number, attempts in by_invoice.items():
        if number in known:
            invoice, first = known[number], min(attempts, key=lambda row: row["paid_at"])
            assert {row["amount"] for row in attempts} == {str(Decimal(invoice["net"]) + Decimal(invoice["tax"]))}
            assert first["paid_at"][:10] >= invoice["invoiced_on"]
            assert sum(row["status"] == "settled" for row in attempts) <= 1


def test_register_names_everybody_once_and_keeps_their_address(club, plain):
    addresses = defaultdict(set)
    for row in club.tables["members"]:
        addresses[int(row["member_id"])].add(row["email"].strip().lower())
    assert addresses.keys() == plain.events.keys()
    assert all(len(found) == 1 for found in addresses.values())
    assert len(set.union(*addresses.values())) == len(addresses)
    for row in club.tables["members"]:
        events = plain.events[int(row["member_id"])]
        assert (row["joined_on"], row["home_gym"]) == (events[0]["effective_on"], events[0]["gym"])


def test_keys_are_given_once(club):
    for module in MODULES:
        rows = club.tables[module.STREAM.table.partition(".")[2]]
        keys = Counter(tuple(row[name] for name in module.SHAPE.keys) for row in rows)
        assert max(keys.values()) == 1


def test_rows_that_name_a_thing_again_are_told(club):
    for table, key in (
        ("club.plans", "plan_code"),
        ("people.members", "member_id"),
        ("club.memberships", "membership_id"),
    ):
        rows = club.tables[table.partition(".")[2]]
        quarantined = club.notes[table, "ended_before_started"]
        assert len(rows) - quarantined - len({row[key] for row in rows}) == club.repeats[table] > 0


def test_defects_are_noted():
    club = Club("heavy", days=60)
    tables = club.tables
    unmapped = [row for row in tables["membership_events"] if row["plan_code"] == "LEGACY-GOLD"]
    assert len(unmapped) == club.notes["club.membership_events", "unmapped_plan"] > 0
    assert (
        sum(r["plan_code"] == "LEGACY-GOLD" for r in tables["invoices"]) == club.notes["club.invoices", "unmapped_plan"]
    )
    strange = sum(row["event_type"] == "transfer" for row in tables["membership_events"])
    assert strange == club.notes["club.membership_events", "unknown_event_type"] > 0
    backward = sum((row["ended_on"] or "9") < row["started_on"] for row in tables["memberships"])
    assert backward == club.notes["club.memberships", "ended_before_started"] > 0
    negative = sum(row["net"].startswith("-") for row in tables["invoices"])
    assert negative == club.notes["club.invoices", "negative_price"] > 0
    known = {row["invoice_id"] for row in tables["invoices"]}
    orphans = sum(row["invoice_id"] not in known for row in tables["payments"])
    assert orphans == club.notes["club.payments", "orphan_payment"] > 0
    assert club.notes["club.cancellations", "unmapped_reason"] > 0


def test_clean_chains_have_no_defects():
    assert not Club("off", days=60).notes


@pytest.mark.parametrize("module", [memberships, membership_events, cancellations, invoices])
def test_rows_do_not_hang_on_where_time_is_cut(module):
    world = World(Parameters(members=150, days=100, defects=DefectPlan.parse("off")))

    def rows(cuts: list[int]) -> list:
        found = []
        for number, (first, behind) in enumerate(pairwise(cuts)):
            days = Days(1000 * len(cuts) + number, first, behind)
            rows = module.rows(world, days, world.defects(module.STREAM.table, days))
            found += [(*row.values(), day) for row, day in zip(rows.text.to_pylist(), rows.day.tolist(), strict=True)]
        return sorted(found, key=str)

    assert rows([0, 100]) == rows([0, 1, 2, 9, 40, 41, 72, 99, 100])
