"""Memberships behave as memberships do: calibrated, one at a time, changing only where a billing period begins."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_gen.chain.billing import ANNUAL, FOUR_WEEKLY, MONTHLY, WEEKLY, first_period_from, period_start
from data_gen.chain.lives import CANCEL, EVENT_TYPES, HISTORY, JOIN, PAUSE, RESUME, Lives, draw_lives, season
from data_gen.chain.parameters import Parameters
from data_gen.chain.people import draw_members
from data_gen.club import plans
from data_gen.club.revenue_truth import recognised

MONTH = 365.25 / 12
EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def chain() -> Parameters:
    return Parameters(members=20_000)


@pytest.fixture(scope="module")
def lives(chain) -> Lives:
    return draw_lives(chain, draw_members(chain))


@pytest.fixture(scope="module")
def first(lives) -> np.ndarray:
    """Positions of the members' first memberships."""
    member = lives.memberships.member
    return np.flatnonzero(np.r_[True, member[1:] != member[:-1]])


def test_two_thirds_are_members_after_a_year(chain, lives, first):
    started, ended = lives.memberships.started[first], lives.memberships.ended[first]
    watched = started < chain.days - 366
    assert (ended - started > 366)[watched].mean() == pytest.approx(0.67, abs=0.02)


def test_who_comes_little_leaves_sooner(chain, lives, first):
    stays = lives.memberships.ended[first] - lives.memberships.started[first] > 366
    keen, idle = lives.engagement > 6, lives.engagement < 0.5
    assert stays[keen].mean() > stays[idle].mean() + 0.15


def test_visits_of_the_first_year(chain, lives):
    dice = np.random.default_rng(3)
    visits, days = np.zeros((len(lives.joined_day), 12)), np.zeros((len(lives.joined_day), 12))
    for day in range(-HISTORY + 31, chain.days):
        month = ((day - lives.joined_day) / MONTH).astype(int)
        comes = np.flatnonzero(lives.may_train(day) & (day >= lives.joined_day) & (month < 12))
        chance = np.minimum(lives.visits_a_month(day)[comes] / MONTH, 1)
        np.add.at(visits, (comes, month[comes]), dice.random(len(comes)) < chance)
        np.add.at(days, (comes, month[comes]), 1)
    assert visits.sum() / days.sum() * MONTH == pytest.approx(4.1, abs=0.15)
    for month in range(3):
        whole = days[:, month] >= 29
        assert (visits[whole, month] == 0).mean() == pytest.approx(0.30, abs=0.02)


def test_year_has_its_seasons(chain):
    year = [season(chain, day) for day in range(366)]
    assert np.mean(year) == pytest.approx(1, abs=0.01)
    assert max(year[:31]) == max(year) > 1.2
    assert min(year[180:240]) < 0.9
    assert min(year[340:]) < 0.92


def test_januaries_bring_the_most_joins_and_the_chain_grows(chain, lives):
    month = (lives.joined_day + (chain.start - EPOCH).days).astype("datetime64[D]").astype("datetime64[M]")
    joins = Counter(month.astype(str).tolist())
    for year in (2024, 2025):
        assert max((f"{year}-{m:02}" for m in range(1, 13)), key=joins.get) == f"{year}-01"
    running = [lives.is_member(day).sum() for day in (0, 180, 365, 545, 730)]
    assert running == sorted(running)


def test_pauses_of_monthly_and_four_weekly_plans(chain, lives):
    shares = []
    for day in range(0, chain.days, 30):
        newest = lives.newest_event(day)
        newest = newest[newest >= 0]
        can = np.isin(plans.PERIOD[lives.events.plan[newest]], [MONTHLY, FOUR_WEEKLY])
        shares.append(lives.events.is_paused[newest[can]].mean())
        assert not lives.events.is_paused[newest[~can]].any()
    assert 0.02 < np.mean(shares) < 0.03


def test_some_come_back_within_a_year(chain, lives, first):
    ended = lives.memberships.ended[first]
    watched = ended < chain.days - 365
    back = np.r_[lives.memberships.member[1:] == lives.memberships.member[:-1], False][first]
    assert back[watched].mean() == pytest.approx(0.08, abs=0.015)


def test_complimentary_members(lives):
    newest = lives.newest_event(300)
    assert (lives.events.plan[newest[newest >= 0]] == plans.STAFF).mean() == pytest.approx(0.02, abs=0.006)


def test_one_membership_at_a_time(lives):
    memberships = lives.memberships
    same = memberships.member[1:] == memberships.member[:-1]
    assert (memberships.started[1:] - memberships.ended[:-1])[same].min() >= 30
    assert (memberships.ended > memberships.started).all()


def test_everything_takes_effect_where_a_billing_period_begins(chain, lives):
    events, memberships = lives.events, lives.memberships
    epoch = (chain.start - EPOCH).days
    started = memberships.started[events.membership].astype(np.int64) + epoch
    period = plans.PERIOD[memberships.plan[events.membership]]
    effective = events.effective.astype(np.int64) + epoch
    k = first_period_from(started, period, effective)
    assert (period_start(started, period, k) == effective).all()
    # A change of plan never changes the billing period.
    assert (plans.PERIOD[events.plan] == period).all()


def test_events_follow_each_other_as_they_can(chain, lives):
    events = lives.events
    same = events.membership[1:] == events.membership[:-1]
    assert (events.effective[1:] > events.effective[:-1])[same].all()
    assert (events.at[1:] > events.at[:-1])[same].all()
    assert (events.type[np.r_[True, ~same]] == JOIN).all()
    assert (events.type[1:][same] != JOIN).all()
    assert (events.type[:-1][same] != CANCEL).all()
    assert (events.type[1:][same & (events.type[:-1] == PAUSE)] != PAUSE).all()
    assert (events.type[:-1][same & (events.type[1:] == RESUME)] == PAUSE).all()
    assert len(np.unique(events.number)) == len(events)
    assert set(np.unique(events.type)) == set(range(len(EVENT_TYPES)))


def test_events_are_entered_about_when_they_count(chain, lives):
    events = lives.events
    midnight = chain.begin + events.effective.astype(np.int64) * 86_400
    late = (events.at - midnight) / 86_400
    assert late.max() < 12
    assert late.min() > -32
    assert 0.005 < (late > 1.5).mean() < 0.03
    # Whatever counts on the last day or before is exported by then.
    assert (events.at[events.effective < chain.days] < chain.end).all()


def test_members_and_trainers(chain, lives):
    for day in (-100, 0, 500):
        member, trains = lives.is_member(day), lives.may_train(day)
        assert not (trains & ~member).any()
        assert (lives.joined_day[member] <= day).all()
        assert (lives.left_day[member] > day).all()
        assert (lives.includes_classes(day) & ~member).sum() == 0
        assert 0.3 < lives.includes_classes(day)[member].mean() < 0.7


def test_prices_change_for_who_joins_later(chain, lives):
    events, change = lives.events, plans.price_change(chain)
    joins = events.where(events.type == JOIN)
    for position, plan in enumerate(plans.PLANS):
        own = joins.where(joins.plan == position)
        assert set(own.cents[own.effective < change]) == {plan.cents}
        assert set(own.cents[own.effective >= change]) == {plan.cents_later}


@pytest.mark.parametrize(("members", "days"), [(1, 1), (25, 6), (300, 28)])
def test_short_chains_are_drawn(members, days):
    short = Parameters(members=members, days=days)
    drawn = draw_lives(short, draw_members(short))
    assert len(drawn.joined_day) == members
    assert drawn.joined_day.max() < days
    assert drawn.joined_day.min() >= -HISTORY


def plain_boundary(started: date, period: int, k: int) -> date:
    """The k-th period's first day by the calendar."""
    if period in (WEEKLY, FOUR_WEEKLY):
        return started + timedelta(days=(7 if period == WEEKLY else 28) * k)
    month = started.month - 1 + k * (1 if period == MONTHLY else 12)
    year, month = started.year + month // 12, month % 12 + 1
    for day in range(started.day, 0, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise AssertionError


PERIODS = st.sampled_from([WEEKLY, FOUR_WEEKLY, MONTHLY, ANNUAL])
DATES = st.dates(date(2019, 1, 1), date(2031, 12, 31))


@given(started=DATES, period=PERIODS, k=st.integers(0, 300))
def test_billing_periods_follow_the_calendar(started, period, k):
    k = min(k, 60)
    found = period_start(np.array([(started - EPOCH).days]), np.array([period]), np.array([k]))[0]
    assert EPOCH + timedelta(days=int(found)) == plain_boundary(started, period, k)


@given(started=DATES, period=PERIODS, day=DATES)
def test_first_period_from_a_day(started, period, day):
    arrays = np.array([(started - EPOCH).days]), np.array([period])
    k = int(first_period_from(*arrays, (day - EPOCH).days)[0])
    assert plain_boundary(started, period, k) >= day
    assert k == 0 or plain_boundary(started, period, k - 1) < day


@given(net=st.integers(1, 200_000), of_days=st.integers(1, 366))
def test_revenue_is_earned_day_by_day_to_the_cent(net, of_days):
    k = np.arange(of_days + 1)
    earned = recognised(np.full(of_days + 1, net), k, np.full(of_days + 1, of_days))
    assert earned[0] == 0
    assert earned[-1] == net
    by_day = np.diff(earned)
    assert by_day.min() >= 0
    assert by_day.max() - by_day.min() <= 1
    half = of_days // 2
    assert earned[half] == int(Fraction(net * half, of_days) + Fraction(1, 2))
