"""Training machines of the clubs: what stands where, and what was replaced when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS, Parameters
from data_gen.chain.people import NEVER
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED
from data_gen.writing.rows import Rows, date_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World


@dataclass(frozen=True)
class MachineType:
    """A kind of machine. `weight_kg` is what a strong beginner moves, 0 on cardio machines; `fewest` per club."""

    name: str
    weight_kg: int
    fewest: int

    @property
    def is_cardio(self) -> bool:
        return self.weight_kg == 0


MACHINE_TYPES = (
    MachineType("leg_press", 100, 2),
    MachineType("leg_extension", 40, 1),
    MachineType("leg_curl", 35, 1),
    MachineType("hip_abductor", 45, 1),
    MachineType("calf_raise", 60, 1),
    MachineType("chest_press", 45, 2),
    MachineType("pec_deck", 35, 1),
    MachineType("shoulder_press", 30, 1),
    MachineType("lat_pulldown", 45, 2),
    MachineType("seated_row", 45, 1),
    MachineType("abdominal_crunch", 35, 1),
    MachineType("cable_station", 25, 2),
    MachineType("treadmill", 0, 4),
    MachineType("rower", 0, 2),
    MachineType("bike", 0, 3),
    MachineType("cross_trainer", 0, 3),
    MachineType("stair_climber", 0, 1),
)
IS_CARDIO = np.array([each.is_cardio for each in MACHINE_TYPES])
UNMAPPED_MACHINE_TYPE = "vibration_plate"
# No club has a machine of these numbers.
FIRST_UNKNOWN_MACHINE_ID = 990_001
SHAPE = Shape(
    table="devices.machines",
    keys=("machine_id", "updated_at"),
    must=("machine_id", "updated_at"),
    broken=(("gym", "upstairs"), ("installed_on", "2025-02-30")),
)
_MAKERS = ("Ferro", "Kinetik", "Northlift")
_ONE_MORE = 0.35
_REPLACED = 0.08


@dataclass(frozen=True)
class Machines:
    """One element a machine, by gym. `gym` and `kind` are positions; days are indexes, `NEVER` if not replaced."""

    machine_id: np.ndarray
    gym: np.ndarray
    kind: np.ndarray
    maker: np.ndarray
    installed_day: np.ndarray
    replaced_day: np.ndarray

    def __len__(self) -> int:
        return len(self.machine_id)


@lru_cache(maxsize=2)
def draw_machines(chain: Parameters) -> Machines:
    """All machines of the chain, 30 to 40 a club."""
    dice = chain.dice("machines")
    fewest = np.array([each.fewest for each in MACHINE_TYPES])
    count = fewest + (dice.random((len(GYMS), len(MACHINE_TYPES))) < _ONE_MORE)
    gym, kind = (np.repeat(each, count.ravel()) for each in np.divmod(np.arange(count.size), len(MACHINE_TYPES)))
    number = np.arange(len(gym)) - np.searchsorted(gym, gym) + 1
    is_replaced = (dice.random(len(gym)) < _REPLACED) & (chain.days > 1)
    return Machines(
        machine_id=np.array([each.number for each in GYMS])[gym] * 1000 + number,
        gym=gym,
        kind=kind,
        maker=dice.integers(0, len(_MAKERS), len(gym)),
        installed_day=-dice.integers(30, 2500, len(gym)),
        replaced_day=np.where(is_replaced, dice.integers(1, max(chain.days, 2), len(gym)), NEVER),
    )


def unmapped(world: World, first: Days) -> tuple[np.ndarray, Defects]:
    """Which machines are exported under a type that no list knows, and a note of them. `first` is the first stretch."""
    machines, defects = draw_machines(world.chain), world.defects(SHAPE.table, first)
    once = defects.dice.permutation(np.flatnonzero(machines.replaced_day == NEVER))
    chosen = np.sort(once[: defects.count("unmapped_machine_type", len(machines))])
    found = _text(
        world.chain, chosen, machines.installed_day[chosen], machines.maker[chosen], np.ones(len(chosen), bool)
    )
    defects.note(
        "unmapped_machine_type", FLAGGED, keys=found.keys(SHAPE.keys), days=found.day, flag="is_unmapped_machine_type"
    )
    is_unmapped = np.zeros(len(machines), bool)
    is_unmapped[chosen] = True
    return is_unmapped, defects


def _rows(world: World, days: Days, defects: Defects) -> Rows:
    """All machines on day 0, and those replaced on the days of the stretch once more."""
    chain, machines = world.chain, draw_machines(world.chain)
    is_unmapped, noted = world.made(unmapped, world.stretches[0])
    again = np.flatnonzero((machines.replaced_day >= days.first) & (machines.replaced_day < days.behind))
    # The newer one is another maker's.
    rows = _text(
        chain, again, machines.replaced_day[again], (machines.maker[again] + 1) % len(_MAKERS), is_unmapped[again]
    )
    defects.repeat(rows.day)
    if not days.is_first:
        return rows
    defects.include(noted)
    every = np.arange(len(machines))
    listed = _text(chain, every, machines.installed_day, machines.maker, is_unmapped)
    return listed.free(~is_unmapped).plus(rows)


def _text(chain: Parameters, which: np.ndarray, day: np.ndarray, maker: np.ndarray, is_unmapped: np.ndarray) -> Rows:
    machines = draw_machines(chain)
    # Machines are put up in the morning.
    updated_at = chain.begin + day * DAY + 14 * 3600
    kinds = [each.name for each in MACHINE_TYPES] + [UNMAPPED_MACHINE_TYPE]
    models = [
        f"{name} {kind.name.replace('_', ' ').title()} {100 + 10 * at}"
        for name in _MAKERS
        for at, kind in enumerate(MACHINE_TYPES)
    ]
    text = pa.table(
        {
            "machine_id": whole(machines.machine_id[which]),
            "gym": whole(np.array([each.number for each in GYMS])[machines.gym[which]]),
            "machine_type": pick(kinds, np.where(is_unmapped, len(MACHINE_TYPES), machines.kind[which])),
            "model": pick(models, maker * len(MACHINE_TYPES) + machines.kind[which]),
            "installed_on": date_text(chain, day),
            "updated_at": utc_text(updated_at),
        }
    )
    return Rows(text, chain.day_of(updated_at), which)


STREAM = Stream(table="devices.machines", shape=SHAPE, rows=_rows)
