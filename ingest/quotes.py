"""Which line ends of a CSV lie within quotes, and which quotes are broken.

A quote opens a field only at the field's beginning, elsewhere in an unquoted field it is a character like any other.
Within quotes, two in a row are one; a single one closes, and must stand at the field's end. A quote that opens and
is not so closed, or not within `LONGEST_FIELD`, is broken.
"""

from __future__ import annotations

import numpy as np

LONGEST_FIELD = 2**20
# Quotes that are looked at together; where one of them is broken, this many are walked one by one.
WINDOW = 4096
_QUOTE, _SPACE, _LF, _CR = 34, 32, 10, 13
_BOM = b"\xef\xbb\xbf"


def quoted_spans(
    data: np.ndarray, closers: np.ndarray, delimiter: int, last: bool
) -> tuple[np.ndarray, list[int], int | None]:
    """Sort out the line ends at `closers`.

    Returns those outside quotes; the positions of broken quotes; and, unless `last`, the position of a quote that is
    still open where `data` ends, if there is one.
    """
    quotes = np.flatnonzero(data == _QUOTE)
    if not last:
        # What quotes at the very end mean, the next block tells.
        tail = data[-LONGEST_FIELD:].tobytes()
        known = len(data) - len(tail) + len(tail.rstrip(b'" '))
        quotes = quotes[quotes < known]
    if not len(quotes):
        return closers, [], None
    walk = _Walk(data, quotes, closers, delimiter, last)
    waiting = walk.run()
    opens = np.concatenate(walk.opens) if walk.opens else np.empty(0, np.int64)
    closes = np.concatenate(walk.closes) if walk.closes else np.empty(0, np.int64)
    inside = np.searchsorted(opens, closers) > np.searchsorted(closes, closers)
    return closers[~inside], walk.broken, waiting


class _Walk:
    """One pass over the quotes of a block: whole windows at once while all is well, one by one where it is not."""

    def __init__(self, data: np.ndarray, quotes: np.ndarray, closers: np.ndarray, delimiter: int, last: bool):
        self.data, self.quotes, self.closers, self.last = data, quotes, closers, last
        edge = np.zeros(256, bool)
        edge[[delimiter, _LF, _CR]] = True
        final = len(data) - 1
        # DuckDB passes over one space between a quote and the field's edge; so must we.
        back = quotes - 1 - ((quotes > 0) & (data[np.maximum(quotes - 1, 0)] == _SPACE))
        ahead = quotes + 1 + ((quotes < final) & (data[np.minimum(quotes + 1, final)] == _SPACE))
        begins = (back < 0) | ((back == 2) & (data[:3].tobytes() == _BOM))
        self.opening = begins | edge[data[np.maximum(back, 0)]]
        self.closing = np.where(ahead > final, last, edge[data[np.minimum(ahead, final)]])
        self.doubled = np.append(np.diff(quotes) == 1, False)  # the next quote follows at once
        self.opens: list[np.ndarray] = []
        self.closes: list[np.ndarray] = []
        self.broken: list[int] = []

    def run(self) -> int | None:
        """Walk all quotes; returns the position of one that is still open at the end."""
        at = 0
        while at < len(self.quotes):
            size = self._regular(at)
            if size:
                at += size
                continue
            at, waiting = self._one_by_one(at)
            if waiting is not None:
                return waiting
        return None

    def _regular(self, at: int) -> int:
        """Take a window of quotes that open and close in turn; 0 if they do not."""
        size = min(WINDOW, len(self.quotes) - at) // 2 * 2
        while size and self.doubled[at + size - 1]:
            size -= 2
        if not size:
            return 0
        even, odd = slice(at, at + size, 2), slice(at + 1, at + size, 2)
        joined = self.doubled[odd]  # a closing quote and the next opening one are a pair within the field
        follows = np.concatenate([[False], joined[:-1]])
        if not ((self.opening[even] | follows).all() and (self.closing[odd] | joined).all()):
            return 0
        opens, closes = self.quotes[even][~follows], self.quotes[odd][~joined]
        if (closes - opens > LONGEST_FIELD).any():
            return 0
        self.opens.append(opens)
        self.closes.append(closes)
        return size

    def _one_by_one(self, at: int) -> tuple[int, int | None]:
        """Walk about a window of quotes from outside quotes to outside quotes; returns where to go on."""
        opens, closes, opened = [], [], None
        stop = at + WINDOW
        while at < len(self.quotes) and (at < stop or opened is not None):
            here = int(self.quotes[at])
            if opened is None:
                opened = here if self.opening[at] else None
            elif here - opened <= LONGEST_FIELD and self.doubled[at]:
                at += 1
            elif here - opened <= LONGEST_FIELD and self.closing[at]:
                opens.append(opened)
                closes.append(here)
                opened = None
            else:
                at = self._break(opened)
                opened = None
                continue
            at += 1
        waiting = opened
        if opened is not None and (self.last or len(self.data) - opened > LONGEST_FIELD):
            at, waiting = self._break(opened), None
        self.opens.append(np.array(opens, np.int64))
        self.closes.append(np.array(closes, np.int64))
        return at, waiting

    def _break(self, opened: int) -> int:
        """Give up the line of the quote at `opened`; returns the index of the first quote after it."""
        self.broken.append(opened)
        line_end = np.searchsorted(self.closers, opened)
        after = self.closers[line_end] if line_end < len(self.closers) else len(self.data)
        return int(np.searchsorted(self.quotes, after))
