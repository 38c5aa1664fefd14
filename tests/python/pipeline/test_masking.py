"""No value that a database quotes in an error gets into a report."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gymhouse.masking import mask

WORDS = st.text(string.ascii_letters + " -.,", min_size=3, max_size=30).filter(lambda text: text.strip())


@given(WORDS, st.sampled_from(["'", '"']))
def test_quoted_values_go(value, quote):
    assert mask(f"Conversion Error: could not read {quote}{value}{quote} as INT") == (
        f"Conversion Error: could not read {quote}…{quote} as INT"
    )


@given(st.integers(min_value=100_000))
def test_long_numbers_go(number):
    assert str(number) not in mask(f"value {number} is out of range")


def test_our_own_names_stay():
    told = mask('column "member_key" of table "gym_summary" has value "Smith"', {"member_key", "gym_summary"})
    assert told == 'column "member_key" of table "gym_summary" has value "…"'


@pytest.mark.parametrize("text", ["Binder Error at line 12", "model int_x in models/a.sql", "run 20261121T100512Z", ""])
def test_plain_words_stay(text):
    assert mask(text) == text


def test_mail_addresses_go():
    assert "smith" not in mask("key smith.j@example.com exists twice")
