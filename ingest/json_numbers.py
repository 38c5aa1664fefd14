"""SQL that takes a number out of a JSON document as it is written there.

DuckDB reads a number with a point or a power of ten as a double, even where it is asked for the text. Of short
numbers a double keeps all digits; documents that may hold others are read a second time with each number as a string.
"""

from __future__ import annotations

from ingest.sql import quoted

# What a double may not keep: more than 15 digits, the point among them; and powers, which may be too small for it.
_DOUBTFUL = quoted("[0-9.]{17}|[0-9.][eE][+-]?[0-9]")
# Strings and other signs up to a number, or to the end: so that none is found within a string.
_UP_TO_NUMBER = quoted(r'(?s)((?:"(?:[^"\\]|\\.)*"|[^"0-9-])*)(-?[0-9][0-9.eE+-]*|$)')
_IN_QUOTES = quoted(r'\1"\2"')


def may_lose_digits(document: str) -> str:
    """SQL condition: a number of the `document` (SQL of a text) might not be what a double makes of it."""
    return f"regexp_matches({document}, {_DOUBTFUL})"


def numbers_as_strings(document: str) -> str:
    """SQL of the same JSON object with each number as a string."""
    # The end of the text is matched as a number without digits.
    return f"left(regexp_replace({document}, {_UP_TO_NUMBER}, {_IN_QUOTES}, 'g'), -2)"
