"""What a club has besides the training floor, and who goes there."""

from __future__ import annotations

import numpy as np

NO_FACILITY = -1
FACILITIES = ("pool", "sauna", "steam", "cold_plunge", "court")
_USES_ONE = 0.15
# By gym and facility, how many go there; 0 where the club has none.
_WEIGHTS = np.array(
    [
        [3.0, 3.0, 1.5, 1.0, 0.0],
        [0.0, 3.0, 2.0, 1.0, 1.0],
        [4.0, 2.0, 0.0, 2.0, 1.5],
        [3.0, 2.0, 1.0, 0.0, 0.0],
        [5.0, 1.0, 1.0, 1.0, 1.0],
    ]
)
_UP_TO = np.cumsum(_WEIGHTS / _WEIGHTS.sum(axis=1, keepdims=True), axis=1)


def pick_facility(dice: np.random.Generator, gym: np.ndarray) -> np.ndarray:
    """What each visitor of these gyms (positions) uses, as a position in FACILITIES; most use none: NO_FACILITY."""
    uses = dice.random(len(gym)) < _USES_ONE
    which = np.sum(dice.random(len(gym))[:, None] >= _UP_TO[gym], axis=1)
    return np.where(uses, np.minimum(which, len(FACILITIES) - 1), NO_FACILITY)
