"""Local dates at the clubs of the chain."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_gen.chain.clock import local_day
from data_gen.chain.parameters import GYMS


def gym_date(gym: np.ndarray, seconds: np.ndarray) -> pa.Array:
    """The local dates (date32) at these gyms (positions) at these UTC seconds."""
    date = np.zeros(len(seconds), np.int32)
    for position, each in enumerate(GYMS):
        here = gym == position
        date[here] = local_day(seconds[here], each.zone)
    return pa.array(date).cast(pa.date32())
