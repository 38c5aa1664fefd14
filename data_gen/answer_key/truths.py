"""All true tables of the answer key."""

from __future__ import annotations

from data_gen.answer_key.truth_table import AsOf, Collected, Truth
from data_gen.app import events
from data_gen.devices import equipment
from data_gen.shop import revenue

TRUTHS: tuple[Truth | AsOf | Collected, ...] = (
    equipment.TRUTH,
    revenue.TRUTH,
    events.TRUTH,
)
