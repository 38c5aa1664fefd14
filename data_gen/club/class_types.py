"""The kinds of classes that the chain offers, and their export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY
from data_gen.writing.rows import Rows, utc_text
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects


@dataclass(frozen=True)
class ClassType:
    """One kind of class: its length, its usual number of places, and how much people like it (a weight)."""

    code: str
    name: str
    category: str
    minutes: int
    places: int
    liked: float


CLASS_TYPES = (
    ClassType("BARBELL", "Barbell Club", "strength", 60, 16, 1.4),
    ClassType("KETTLE", "Kettlebell Basics", "strength", 45, 14, 0.9),
    ClassType("BODYPUMP", "Full Body Pump", "strength", 60, 28, 1.8),
    ClassType("CORE30", "Core Express", "strength", 30, 20, 1.0),
    ClassType("TRX", "Suspension Training", "strength", 45, 10, 0.7),
    ClassType("HIIT", "High Intensity Intervals", "cardio", 45, 24, 2.0),
    ClassType("SPIN45", "Indoor Cycling", "cardio", 45, 28, 2.2),
    ClassType("SPIN60", "Indoor Cycling Long Ride", "cardio", 60, 24, 0.9),
    ClassType("BOXFIT", "Boxing Fitness", "cardio", 60, 18, 1.3),
    ClassType("ROW", "Rowing Crew", "cardio", 45, 12, 0.6),
    ClassType("STEP", "Step Aerobics", "cardio", 45, 22, 0.5),
    ClassType("YOGA_VIN", "Vinyasa Yoga", "mind_body", 60, 26, 2.1),
    ClassType("YOGA_YIN", "Yin Yoga", "mind_body", 60, 22, 1.1),
    ClassType("PILATES", "Mat Pilates", "mind_body", 45, 18, 1.5),
    ClassType("REFORMER", "Reformer Pilates", "mind_body", 45, 8, 1.2),
    ClassType("STRETCH", "Stretch and Breathe", "mind_body", 30, 24, 0.6),
    ClassType("AQUAFIT", "Aqua Fitness", "aqua", 45, 20, 0.8),
    ClassType("AQUARUN", "Deep Water Running", "aqua", 30, 12, 0.3),
    ClassType("ZUMBA", "Latin Dance Party", "dance", 60, 30, 1.6),
    ClassType("HIPHOP", "Hip Hop Moves", "dance", 45, 20, 0.7),
    ClassType("BARRE", "Barre Sculpt", "dance", 45, 16, 1.0),
)
# The class at half past eleven at night in the club that never closes.
NIGHT_TYPE = "YOGA_YIN"
# What a gym once wrote on its schedule without telling the list of kinds.
UNMAPPED_CLASS_TYPE = "GOAT_YOGA"
# The kind whose name on the schedule changes half a year into the chain, and to what.
RENAMED, NEW_NAME, RENAMED_AFTER_DAYS = "STEP", "Step and Tone", 182
# The list is older than the chain's first export.
_DAYS_BEFORE = 400


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The list as it stands on the first day, and the new name on the day of the change."""
    found = []
    if days.is_first:
        found += [(each, each.name, -_DAYS_BEFORE) for each in CLASS_TYPES]
    if days.first <= RENAMED_AFTER_DAYS < days.behind:
        found += [(each, NEW_NAME, RENAMED_AFTER_DAYS) for each in CLASS_TYPES if each.code == RENAMED]
    updated_at = world.chain.begin + np.array([day for *_, day in found], np.int64) * DAY + 8 * 3600
    text = pa.table(
        {
            "class_type_code": pa.array([each.code for each, *_ in found], pa.string()),
            "class_name": pa.array([name for _, name, _ in found], pa.string()),
            "category": pa.array([each.category for each, *_ in found], pa.string()),
            "updated_at": utc_text(updated_at),
        }
    )
    listed = Rows(text, world.chain.day_of(updated_at), updated_at)
    defects.repeat(listed.day[updated_at >= world.chain.begin])
    return listed


STREAM = Stream(
    table="club.class_types",
    shape=Shape(
        table="club.class_types",
        keys=("class_type_code", "updated_at"),
        must=("class_type_code", "updated_at"),
        broken=(("updated_at", "long ago"),),
    ),
    rows=rows,
)
