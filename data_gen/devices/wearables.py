"""Wearables: who registered which, and who owned one at a given time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.lives import Lives
from data_gen.chain.parameters import DAY, FIRST_DEVICE_ID, Parameters
from data_gen.chain.people import NEVER, Members

_SHIFT = np.int64(2**33)  # Beyond every time in seconds: (number, time) pairs sort as number * _SHIFT + time.
_HEX = pa.array([f"{byte:02x}" for byte in range(256)])


def pair_key(number: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """One integer that sorts as (number, seconds)."""
    return np.asarray(number, np.int64) * _SHIFT + seconds


@dataclass(frozen=True)
class Devices:
    """Registrations, one element each, ordered by device and time. `device` and `member` are positions, not ids."""

    count: int
    device: np.ndarray
    member: np.ndarray
    registered_at: np.ndarray
    mac: pa.Array  # by device

    def device_id(self, device: np.ndarray) -> np.ndarray:
        """The ids of devices at these positions."""
        return FIRST_DEVICE_ID + np.asarray(device, np.int64)

    def owner_at(self, device: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Who owned each device then: the last to register it until then, or the first ever to."""
        starts = pair_key(self.device, self.registered_at)
        until_then = np.searchsorted(starts, pair_key(device, seconds), side="right") - 1
        # Before a device's first owner stands nobody, or another device's last one.
        is_own = (until_then >= 0) & (self.device[until_then] == device)
        return self.member[np.where(is_own, until_then, until_then + 1)]


@dataclass(frozen=True)
class Carried:
    """What members wear, at most two devices each, and the span in which they have it; -1 for none."""

    device: np.ndarray  # (members, 2); -1 for none
    since: np.ndarray  # (members, 2)
    until: np.ndarray  # (members, 2)

    def pick(self, member: np.ndarray, login: np.ndarray, logout: np.ndarray, chance: np.ndarray) -> np.ndarray:
        """The device each member wears during a stay, -1 where none was theirs for all of it."""
        had = (self.since[member] <= login[:, None]) & (logout[:, None] < self.until[member])
        second = had[:, 1] & ((chance < 0.3) | ~had[:, 0])
        return np.where(second, self.device[member, 1], np.where(had[:, 0], self.device[member, 0], -1))


def hand_out(chain: Parameters, members: Members, lives: Lives) -> tuple[Devices, Carried]:
    """Give members their devices; every 200th passes on to a member without one in mid-period."""
    dice = chain.dice("devices")
    n = len(members)
    joined_at = chain.begin + lives.joined_day.astype(np.int64) * DAY
    owners = np.flatnonzero(members.owns_device & (joined_at < chain.end))
    seconds = owners[dice.random(len(owners)) < 0.05]

    # Worn from the day of joining, registered up to two days later.
    first_at = np.minimum(joined_at[owners] + dice.integers(DAY // 2, 2 * DAY, len(owners)), chain.end - 60)
    second_at = np.minimum(joined_at[seconds] + dice.integers(3 * DAY, 90 * DAY, len(seconds)), chain.end - 60)
    device = np.full((n, 2), -1, np.int32)
    since = np.full((n, 2), NEVER, np.int64)
    until = np.full((n, 2), NEVER, np.int64)
    device[owners, 0] = np.arange(len(owners))
    since[owners, 0] = joined_at[owners]
    device[seconds, 1] = len(owners) + np.arange(len(seconds))
    since[seconds, 1] = second_at

    settled = (lives.joined_day < -4) & (lives.left_day == NEVER)
    givers = np.flatnonzero(settled & members.owns_device & (device[:, 1] < 0))
    takers = np.flatnonzero(settled & ~members.owns_device)
    passed = min(max(1, n // 200), len(givers), len(takers))
    givers, takers = dice.permutation(givers)[:passed], dice.permutation(takers)[:passed]
    length = chain.end - chain.begin
    handed_at = chain.begin + (length * dice.uniform(0.3, 0.7, passed)).astype(np.int64)
    until[givers, 0] = handed_at
    device[takers, 0] = device[givers, 0]
    since[takers, 0] = handed_at

    all_devices = np.concatenate([device[owners, 0], device[seconds, 1], device[givers, 0]])
    all_members = np.concatenate([owners, seconds, takers]).astype(np.int32)
    all_times = np.concatenate([first_at, second_at, handed_at])
    order = np.lexsort((all_times, all_devices))
    count = len(owners) + len(seconds)
    devices = Devices(
        count, all_devices[order], all_members[order], all_times[order], mac_addresses(np.arange(count), chain.seed)
    )
    return devices, Carried(device, since, until)


def mac_addresses(numbers: np.ndarray, seed: int) -> pa.Array:
    """A hardware address for each of these numbers (below 2**40): all different, none that a vendor owns."""
    mixed = (numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)) % np.uint64(2**40)
    parts = [pa.repeat(pa.scalar("02"), len(numbers))]
    parts += [
        _HEX.take(pa.array(((mixed >> np.uint64(8 * byte)) & np.uint64(255)).astype(np.int64))) for byte in range(5)
    ]
    return pc.binary_join_element_wise(*parts, ":")
