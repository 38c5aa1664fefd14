"""The price list: what memberships are on offer, and what they cost before and after prices change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.billing import A_MONTH, ANNUAL, FOUR_WEEKLY, MONTHLY, PERIODS, WEEKLY
from data_gen.chain.parameters import DAY, Parameters
from data_gen.writing.rows import Rows, cents_text, pick, utc_text
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects


@dataclass(frozen=True)
class Plan:
    """One plan. Prices in cents of a billing period, until prices change and from then on; `share` of who joins."""

    code: str
    name: str
    period: int
    cents: int
    cents_later: int
    includes_classes: bool
    share: float
    fee_cents: int = 0
    is_complimentary: bool = False


PLANS = (
    Plan("BASIC-M", "Basic monthly", MONTHLY, 3900, 4200, False, 0.29, fee_cents=4900),
    Plan("PLUS-M", "Plus monthly", MONTHLY, 6900, 7400, True, 0.23, fee_cents=2900),
    Plan("BASIC-4W", "Basic every four weeks", FOUR_WEEKLY, 3499, 3699, False, 0.12, fee_cents=4900),
    Plan("PLUS-4W", "Plus every four weeks", FOUR_WEEKLY, 6299, 6699, True, 0.08, fee_cents=2900),
    Plan("FLEX-W", "Flex weekly", WEEKLY, 1450, 1550, False, 0.08),
    Plan("ANNUAL", "Year paid ahead", ANNUAL, 69000, 73000, True, 0.18),
    Plan("STAFF", "Staff and partners", MONTHLY, 0, 0, True, 0.02, is_complimentary=True),
)
BASIC_M, PLUS_M, BASIC_4W, PLUS_4W, FLEX_W, ANNUAL_PLAN, STAFF = range(len(PLANS))
# The plan to which a member goes up or down; the billing period stays.
OTHER_PLAN = np.array([PLUS_M, BASIC_M, PLUS_4W, BASIC_4W, FLEX_W, ANNUAL_PLAN, PLUS_M])
PERIOD = np.array([plan.period for plan in PLANS])
# As (numerator, denominator).
PERIODS_A_MONTH = A_MONTH[PERIOD]
LIST_CENTS = np.array([plan.cents for plan in PLANS])
INCLUDES_CLASSES = np.array([plan.includes_classes for plan in PLANS])
IS_COMPLIMENTARY = np.array([plan.is_complimentary for plan in PLANS])
FEE_CENTS = np.array([plan.fee_cents for plan in PLANS])
# Codes as exported; the last one is of an older system, and no price list knows it.
UNMAPPED_PLAN = len(PLANS)
CODES = [*(plan.code for plan in PLANS), "LEGACY-GOLD"]

SHAPE = Shape(
    table="club.plans",
    keys=("plan_code", "updated_at"),
    must=("plan_code", "updated_at"),
    broken=(("price", "on request"),),
)


def price_change(chain: Parameters) -> int:
    """The day from which who joins or changes plan pays the later prices."""
    return chain.days // 2


def list_price(chain: Parameters, plan: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Cents of one billing period of each plan (position) for who takes it on `day`."""
    before, after = (np.array([getattr(each, name) for each in PLANS]) for name in ("cents", "cents_later"))
    return np.where(day < price_change(chain), before[plan], after[plan])


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The list as a whole with the first export, and those whose price changes on the day before it does."""
    chain, changes = world.chain, price_change(world.chain)
    parts = []
    if days.is_first:
        parts.append(_rows(chain, np.arange(len(PLANS)), chain.begin - 400 * DAY, 0, "cents"))
    if changes in days:
        dear = np.flatnonzero([plan.cents != plan.cents_later for plan in PLANS])
        parts.append(_rows(chain, dear, chain.begin + changes * DAY + 300, changes, "cents_later"))
        defects.repeat(parts[-1].day)
    return parts[0].plus(*parts[1:]) if parts else _rows(chain, np.zeros(0, np.int64), chain.begin, 0, "cents")


def _rows(chain: Parameters, plan: np.ndarray, updated_at: int, day: int, price: str) -> Rows:
    n = len(plan)
    text = pa.table(
        {
            "plan_code": pick(CODES, plan),
            "plan_name": pick([each.name for each in PLANS], plan),
            "billing_period": pick(list(PERIODS), PERIOD[plan]),
            "price": cents_text(np.array([getattr(each, price) for each in PLANS])[plan]),
            "currency": pa.repeat(pa.scalar("USD"), n),
            "is_complimentary": pick(["false", "true"], IS_COMPLIMENTARY[plan].astype(int)),
            "includes_classes": pick(["false", "true"], INCLUDES_CLASSES[plan].astype(int)),
            "updated_at": utc_text(np.full(n, updated_at)),
        }
    )
    # A list so short is sent as it is.
    return Rows(text, np.full(n, day), np.arange(n), is_free=np.zeros(n, bool))


STREAM = Stream(table="club.plans", shape=SHAPE, rows=rows)
