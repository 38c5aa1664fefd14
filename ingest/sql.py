"""Names and texts as SQL spells them."""

from __future__ import annotations


def quoted(text: str) -> str:
    """`text` as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """`text` as a quoted SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
