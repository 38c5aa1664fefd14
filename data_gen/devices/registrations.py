"""What the device registry exports: who registered which device."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import DAY, Parameters
from data_gen.devices.wearables import Devices
from data_gen.writing.ledger import DUPLICATE, Ledger
from data_gen.chain.people import Members
from data_gen.writing.rows import Rows, pick, whole
from data_gen.writing.spoil import COMMON_KINDS, Shape, Spoiler, counts_for

SHAPE = Shape(
    table="devices.registered_devices",
    keys=("user_id", "device_id"),
    must=("user_id", "device_id"),
    broken=(("device_id", "none"), ("registration_timestamp", "2025-02-30")),
)


def registration_rows(chain: Parameters, members: Members, devices: Devices, ledger: Ledger) -> Rows:
    """All rows to write, defects among them. A registration sent again, with a later time, changes no owner."""
    dice, plan = chain.dice("registration defects"), chain.defects

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

    everyone = np.arange(len(devices.device))
    rows = rows_of(everyone, devices.registered_at)
    _, device, owners = np.unique(devices.device, return_inverse=True, return_counts=True)
    kept = dice.permutation(np.flatnonzero(owners[device] == 1))
    again = kept[: plan.count("registration_repeated", len(kept))]
    later = devices.registered_at[again] + dice.integers(DAY, 30 * DAY, len(again))
    repeated = rows_of(again, np.minimum(later, chain.end - 1))
    ledger.add("registration_repeated", SHAPE.table, DUPLICATE, keys=repeated.keys(SHAPE.keys), days=repeated.day)
    is_free = np.r_[~np.isin(everyone, again), np.zeros(len(again), bool)]
    spoiler = Spoiler(SHAPE, chain.last_day, dice, ledger)
    return spoiler.spoil(rows.plus(repeated), is_free, counts_for(plan, COMMON_KINDS, len(rows)))
