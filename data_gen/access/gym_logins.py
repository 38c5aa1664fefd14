"""What the turnstiles export of the stays: logins, some before their logout is known."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import DAY, GYMS, UNMAPPED_GYM, Parameters
from data_gen.devices.wearables import Devices, mac_addresses, pair_key
from data_gen.writing.ledger import DUPLICATE, FLAGGED, Ledger
from data_gen.writing.rows import Rows, pick, whole
from data_gen.writing.spoil import COMMON_KINDS, Shape, Spoiler, counts_for
from data_gen.chain.visits import Visits

NO_LOGOUT = -1
SHAPE = Shape(
    table="access.gym_logins",
    keys=("mac_address", "gym", "login"),
    must=("mac_address", "gym", "login"),
    broken=(("gym", "2.7"), ("login", "yesterday"), ("logout", "soon")),
)
_EXPORTED_OPEN_FIRST = 0.03


@dataclass(frozen=True)
class Logins:
    """One element an exported line. `mac` is the position of a device, or beyond them that of a guest's device."""

    mac: np.ndarray
    gym: np.ndarray  # the number
    login: np.ndarray
    logout: np.ndarray
    exported_at: np.ndarray

    def __len__(self) -> int:
        return len(self.mac)

    def where(self, chosen: np.ndarray) -> Logins:
        """The chosen lines (a mask or positions)."""
        return Logins(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def plus(self, *others: Logins) -> Logins:
        """These lines, then those of `others`."""
        every = (self, *others)
        return Logins(**{f.name: np.concatenate([getattr(one, f.name) for one in every]) for f in fields(self)})


def exported(chain: Parameters, visits: Visits) -> Logins:
    """The clean export: a line a stay, two where an export came between login and logout or a line came early."""
    dice = chain.dice("logins")
    gym = np.array([g.number for g in GYMS])[visits.gym]
    open_ = Logins(visits.device, gym, visits.login, np.full(len(visits), NO_LOGOUT), visits.login)
    closed = Logins(visits.device, gym, visits.login, visits.logout, visits.logout)
    crosses = chain.day_of(visits.login) != chain.day_of(visits.logout)
    is_first_open = crosses | (dice.random(len(visits)) < _EXPORTED_OPEN_FIRST)
    return open_.where(visits.is_left_open | is_first_open).plus(closed.where(~visits.is_left_open))


def spoiled(chain: Parameters, logins: Logins, devices: Devices, ledger: Ledger) -> tuple[Logins, Rows]:
    """Add the defects of logins: the lines that count, and the rows to write (those and the unusable ones)."""
    dice, plan = chain.dice("login defects"), chain.defects
    single = dice.permutation(np.flatnonzero(~_repeated(logins) & (logins.logout != NO_LOGOUT)))
    kinds = ("logout_before_login", "logout_corrected", "unmapped_gym")
    cuts = np.minimum(np.cumsum([plan.count(kind, len(single)) for kind in kinds]), len(single))
    backward, corrected, gone_on, rest = np.split(single, cuts)
    logout = logins.logout.copy()
    logout[backward] = logins.login[backward] - dice.integers(60, 3600, len(backward))
    logins = replace(logins, logout=logout)

    longer = logins.where(corrected)
    longer = replace(
        longer,
        logout=longer.logout + dice.integers(60, 20 * 60, len(longer)),
        exported_at=longer.exported_at + DAY // 2,
    )
    elsewhere = _later_at(UNMAPPED_GYM, logins.where(gone_on), chain.end)
    guests = logins.where(rest[: plan.count("unregistered_mac", len(rest))])
    guests = replace(guests, mac=devices.count + np.arange(len(guests)))

    every = logins.plus(longer, elsewhere, guests)
    rows = login_rows(chain, every, devices)
    added = np.split(np.arange(len(logins), len(every)), np.cumsum([len(longer), len(elsewhere)]))
    for kind, positions, caught_as, why in (
        ("logout_before_login", backward, FLAGGED, {"flag": "is_open"}),
        ("logout_corrected", added[0], DUPLICATE, {}),
        ("unmapped_gym", added[1], FLAGGED, {"flag": "is_unmapped"}),
        ("unregistered_mac", added[2], FLAGGED, {"flag": "is_registered_device"}),
    ):
        chosen = rows.take(positions)
        ledger.add(kind, SHAPE.table, caught_as, keys=chosen.keys(SHAPE.keys), days=chosen.day, **why)
    is_free = np.zeros(len(every), bool)
    is_free[rest] = True
    spoiler = Spoiler(SHAPE, chain.last_day, dice, ledger)
    return every, spoiler.spoil(rows, is_free, counts_for(plan, COMMON_KINDS, len(rows)))


def _later_at(gym: int, logins: Logins, end: int) -> Logins:
    """Half an hour at `gym`, eight hours after each of these stays, where that is before `end`."""
    logins = logins.where(logins.logout + 9 * 3600 < end)
    login = logins.logout + 8 * 3600
    return Logins(logins.mac, np.full(len(logins), gym), login, login + 1800, login + 1800)


def _repeated(logins: Logins) -> np.ndarray:
    """Which lines share their stay with another line."""
    _, which, times = np.unique(pair_key(logins.mac, logins.login), return_inverse=True, return_counts=True)
    return times[which] > 1


def login_rows(chain: Parameters, logins: Logins, devices: Devices) -> Rows:
    """The lines as text, in the order of `logins`."""
    guests = np.arange(devices.count, max(devices.count, int(logins.mac.max(initial=-1)) + 1))
    macs = pa.concat_arrays([devices.mac, mac_addresses(guests, chain.seed)])
    text = pa.table(
        {
            "mac_address": pick(macs, logins.mac),
            "gym": whole(logins.gym),
            "login": whole(logins.login),
            "logout": whole(logins.logout, missing=logins.logout == NO_LOGOUT),
        }
    )
    at = np.minimum(logins.exported_at, chain.end - 1)
    return Rows(text, chain.day_of(at), at)


def stays(logins: Logins) -> Logins:
    """The stays that the lines tell of, by device and login: one a key, with the latest logout after the login."""
    order = np.lexsort((logins.logout, logins.login, logins.gym, logins.mac))
    lines = logins.where(order)
    is_last = np.ones(len(lines), bool)
    is_last[:-1] = (
        (lines.mac[1:] != lines.mac[:-1]) | (lines.gym[1:] != lines.gym[:-1]) | (lines.login[1:] != lines.login[:-1])
    )
    last = lines.where(is_last)
    logout = np.where(last.logout > last.login, last.logout, NO_LOGOUT)
    found = Logins(last.mac, last.gym, last.login, logout, last.exported_at)
    return found.where(np.lexsort((found.login, found.mac)))
