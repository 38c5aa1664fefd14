"""What the device registry exports: who registered which device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import DUPLICATE
from data_gen.writing.rows import Rows, pick, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

SHAPE = Shape(
    table="devices.registered_devices",
    keys=("user_id", "device_id"),
    must=("user_id", "device_id"),
    broken=(("device_id", "none"), ("registration_timestamp", "2025-02-30")),
)
_AGAIN_WITHIN = 30  # Days after which a registration is sent again, at most.


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The registrations that these days export. One sent again, with a later time, changes no owner."""
    chain, members, devices, dice = world.chain, world.members, world.devices, defects.dice

    def rows_of(which: np.ndarray, registered_at: np.ndarray) -> Rows:
        text = pa.table(
            {
                "user_id": whole(members.user_id[devices.member[which]]),
                "device_id": whole(devices.device_id(devices.device[which])),
                "mac_address": pick(devices.mac, devices.device[which]),
                "registration_timestamp": whole(registered_at),
            }
        )
        return Rows(text, chain.day_of(registered_at), registered_at)

    day = chain.day_of(devices.registered_at)
    here = np.flatnonzero((day >= days.first) & (day < days.behind))
    registered = rows_of(here, devices.registered_at[here])
    # The registrations are ordered by device: one alone has other devices beside it.
    is_alone = np.diff(devices.device, prepend=-1) * np.diff(devices.device, append=-1) != 0
    kept = dice.permutation(np.flatnonzero(is_alone[here]))
    again = kept[: defects.count("registration_repeated", len(kept))]
    later = devices.registered_at[here[again]] + dice.integers(DAY, _AGAIN_WITHIN * DAY, len(again))
    repeated = rows_of(here[again], np.minimum(later, chain.end - 1))
    defects.note("registration_repeated", DUPLICATE, keys=repeated.keys(SHAPE.keys), days=repeated.day)
    is_free = np.ones(len(here), bool)
    is_free[again] = False
    return registered.free(is_free).plus(repeated.free(np.zeros(len(again), bool)))


STREAM = Stream("devices.registered_devices", SHAPE, rows, file="devices/registered_users", ahead=_AGAIN_WITHIN)
