"""The chain's list of clubs, as the management system exports it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import GYMS
from data_gen.writing.rows import Rows, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

SHAPE = Shape(table="club.locations", keys=("gym", "updated_at"), must=("gym", "updated_at"), broken=())


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """All clubs with the first export; a list so short is sent as it is."""
    gyms = GYMS if days.is_first else ()
    text = pa.table(
        {
            "gym": whole([gym.number for gym in gyms]),
            "location_name": pa.array([gym.name for gym in gyms], pa.string()),
            "city": pa.array([gym.city for gym in gyms], pa.string()),
            "state": pa.array([gym.state for gym in gyms], pa.string()),
            "country": pa.array(["US"] * len(gyms), pa.string()),
            "time_zone": pa.array([gym.zone for gym in gyms], pa.string()),
            "updated_at": whole(np.full(len(gyms), world.chain.begin)),
        }
    )
    return Rows(text, np.zeros(len(gyms)), np.arange(len(gyms)), is_free=np.zeros(len(gyms), bool))


STREAM = Stream(table="club.locations", shape=SHAPE, rows=rows)
