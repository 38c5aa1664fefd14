"""What the turnstiles export of the stays: logins, some before their logout is known."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, GYMS, UNMAPPED_GYM, Parameters
from data_gen.devices.wearables import Devices, mac_addresses, pair_key
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import DUPLICATE, FLAGGED
from data_gen.writing.rows import Rows, pick, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

NO_LOGOUT = -1
SHAPE = Shape(
    table="access.gym_logins",
    keys=("mac_address", "gym", "login"),
    must=("mac_address", "gym", "login"),
    broken=(("gym", "2.7"), ("login", "yesterday"), ("logout", "soon")),
)
_EXPORTED_OPEN_FIRST = 0.03
_GUESTS_A_STRETCH = 100_000
# Four in the morning at the easternmost club.
_NIGHT_UTC = 8 * 3600


@dataclass(frozen=True)
class Logins:
    """One element an exported line. `mac` is the position of a device, or beyond them that of a guest's device."""

    mac: np.ndarray
    gym: np.ndarray  # the number
    login: np.ndarray
    logout: np.ndarray
    exported_at: np.ndarray
    date: np.ndarray  # the local date of the visit, as an index

    def __len__(self) -> int:
        return len(self.mac)

    def where(self, chosen: np.ndarray) -> Logins:
        """The chosen lines (a mask or positions)."""
        return Logins(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def plus(self, *others: Logins) -> Logins:
        """These lines, then those of `others`."""
        every = (self, *others)
        return Logins(**{f.name: np.concatenate([getattr(one, f.name) for one in every]) for f in fields(self)})


@dataclass(frozen=True)
class Exports:
    """A stretch's lines that count, corrected ones among them, their clean rows and the defects made of them."""

    counted: Logins
    rows: Rows
    defects: Defects


def exports(world: World, days: Days) -> Exports:
    """What the turnstiles export of these dates, without the common defects."""
    defects = world.defects(SHAPE.table, days)
    return _with_defects(world, days, _exported(world, days), defects)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows to write."""
    made = world.made(exports, days)
    defects.include(made.defects)
    return made.rows


def _exported(world: World, days: Days) -> Logins:
    """The clean export: a line a stay, two where an export came between login and logout or a line came early."""
    chain, visits = world.chain, world.visits(days)
    visits = visits.where(visits.device >= 0)
    dice = chain.dice("logins", days.number)
    gym = np.array([g.number for g in GYMS])[visits.gym]
    open_ = Logins(visits.device, gym, visits.login, np.full(len(visits), NO_LOGOUT), visits.login, visits.date)
    closed = Logins(visits.device, gym, visits.login, visits.logout, visits.logout, visits.date)
    crosses = chain.day_of(visits.login) != chain.day_of(visits.logout)
    is_first_open = crosses | (dice.random(len(visits)) < _EXPORTED_OPEN_FIRST)
    return open_.where(visits.is_left_open | is_first_open).plus(closed.where(~visits.is_left_open))


def _with_defects(world: World, days: Days, logins: Logins, defects: Defects) -> Exports:
    chain, devices, dice = world.chain, world.devices, defects.dice
    is_again = _repeated(logins)
    single = dice.permutation(np.flatnonzero(~is_again & (logins.logout != NO_LOGOUT)))
    kinds = ("logout_before_login", "logout_corrected", "unmapped_gym")
    cuts = np.minimum(np.cumsum([defects.count(kind, len(single)) for kind in kinds]), len(single))
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
    elsewhere = _later_at(UNMAPPED_GYM, logins.where(gone_on), chain)
    guests = logins.where(rest[: defects.count("unregistered_mac", len(rest))])
    # Every stretch has guests of its own, beyond all devices.
    guests = replace(guests, mac=devices.count + days.number * _GUESTS_A_STRETCH + np.arange(len(guests)))

    every = logins.plus(longer, elsewhere, guests)
    text = _login_rows(chain, every, devices)
    added = np.split(np.arange(len(logins), len(every)), np.cumsum([len(longer), len(elsewhere)]))
    for kind, positions, caught_as, why in (
        ("logout_before_login", backward, FLAGGED, {"flag": "is_open"}),
        ("logout_corrected", added[0], DUPLICATE, {}),
        ("unmapped_gym", added[1], FLAGGED, {"flag": "is_unmapped"}),
        ("unregistered_mac", added[2], FLAGGED, {"flag": "is_registered_device"}),
    ):
        chosen = text.take(positions)
        defects.note(kind, caught_as, keys=chosen.keys(SHAPE.keys), days=chosen.day, **why)
    defects.repeat(text.day[np.flatnonzero(is_again & (logins.logout != NO_LOGOUT))])
    is_free = np.zeros(len(every), bool)
    is_free[rest] = True
    return Exports(every, text.free(is_free), defects)


def _later_at(gym: int, logins: Logins, chain: Parameters) -> Logins:
    """Half an hour at `gym`, eight hours after each of these stays, where that is before the next date's first."""
    login = logins.logout + 8 * 3600
    late = np.minimum(chain.begin + (logins.date + 1) * DAY + _NIGHT_UTC, chain.end)
    logins, login = logins.where(login + 3600 < late), login[login + 3600 < late]
    return Logins(logins.mac, np.full(len(logins), gym), login, login + 1800, login + 1800, logins.date)


def _repeated(logins: Logins) -> np.ndarray:
    """Which lines share their stay with another line."""
    _, which, times = np.unique(pair_key(logins.mac, logins.login), return_inverse=True, return_counts=True)
    return times[which] > 1


def _login_rows(chain: Parameters, logins: Logins, devices: Devices) -> Rows:
    """The lines as text, in the order of `logins`."""
    numbers, at = np.unique(logins.mac, return_inverse=True)
    text = pa.table(
        {
            "mac_address": pick(mac_addresses(numbers, chain.seed), at),
            "gym": whole(logins.gym),
            "login": whole(logins.login),
            "logout": whole(logins.logout, missing=logins.logout == NO_LOGOUT),
        }
    )
    exported_at = np.minimum(logins.exported_at, chain.end - 1)
    return Rows(text, chain.day_of(exported_at), exported_at)


def stays(logins: Logins) -> Logins:
    """The stays that the lines tell of, by device and login: one a key, with the latest logout after the login."""
    key = pair_key(logins.mac, logins.login)
    order = np.lexsort((logins.logout, logins.gym, key))
    key, gym = key[order], logins.gym[order]
    is_last = np.ones(len(order), bool)
    is_last[:-1] = (key[1:] != key[:-1]) | (gym[1:] != gym[:-1])
    last = logins.where(order[is_last])
    return replace(last, logout=np.where(last.logout > last.login, last.logout, NO_LOGOUT))


STREAM = Stream("access.gym_logins", SHAPE, rows, ahead=2)
