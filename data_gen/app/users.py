"""Who of the members has the app."""

from __future__ import annotations

import numpy as np

from data_gen.chain.parameters import Parameters
from data_gen.chain.traits import chance

APP_SHARE = 0.70


def has_app(chain: Parameters, members: np.ndarray) -> np.ndarray:
    """Whether the members at these positions use the app; they never change their minds."""
    return chance(chain, "app", members) < APP_SHARE
