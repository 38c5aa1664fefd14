"""Numbers of rows that hang on their date and place alone, so that no stretch has to know what came before it."""

from __future__ import annotations

import numpy as np


def numbered(group: np.ndarray) -> np.ndarray:
    """0 for the first element of each group, 1 for its next …, in the order in which they stand."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    found = np.zeros(len(group), np.int64)
    found[order] = np.arange(len(group)) - np.searchsorted(ordered, ordered, side="left")
    return found
