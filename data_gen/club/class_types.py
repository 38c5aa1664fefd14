"""The kinds of classes that the chain offers, and their export."""

from __future__ import annotations

from dataclasses import dataclass


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
