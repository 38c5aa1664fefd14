"""All true tables of the answer key."""

from __future__ import annotations

from data_gen.answer_key.truth_table import AsOf, Collected, Truth

TRUTHS: tuple[Truth | AsOf | Collected, ...] = ()
