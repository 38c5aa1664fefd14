"""The true visits, from what the exports show of members: logins, check-ins to classes, entries to facilities.

What one member does at one gym on one date is a visit as long as no gap is longer than half an hour. An access belongs
to the date of the latest login whose stay covers it, else to its own. An open login lasts until the next login of the
device, six hours at most, and tells no end; an entry without a way out is a moment. A second access within a minute is
not counted. Guests, and people whom nobody knows, have no visits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.access import gym_logins
from data_gen.access.gym_logins import NO_LOGOUT, Logins
from data_gen.answer_key.truth_table import AsOf, Collected, Truth
from data_gen.chain.clock import to_local
from data_gen.chain.days import Days
from data_gen.chain.parameters import DAY, FIRST_UNKNOWN_USER_ID, FIRST_USER_ID, GYMS
from data_gen.club import class_check_ins, facility_entries
from data_gen.club.facilities import FACILITIES
from data_gen.writing.rows import pick

if TYPE_CHECKING:
    from data_gen.chain.world import World

HOUR = 3600
OPEN_STAY, LONGEST_STAY = 6 * HOUR, 24 * HOUR
LONGEST_GAP, SECOND_ACCESS = 30 * 60, 60
WEEK, MONTH = 7, 30
CHAIN = 0  # The number of gym under which figures of the whole chain stand.
_UNKNOWN_END = -1
# Beyond every number of a gym, and beyond every time: (member, gym, time) sort as one integer.
_GYMS, _SHIFT = 256, np.int64(2**33)
_LOGIN, _CHECK_IN, _ENTRY = range(3)
_KINDS = 3
# Stays of one member at one gym that may be open at the same time: one, and one that was never closed.
_OPEN_AT_ONCE = 3


@dataclass(frozen=True)
class Accesses:
    """One element an access of a member (a position) at a gym (a number); `is_open` ones have an assumed end."""

    kind: np.ndarray
    member: np.ndarray
    gym: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    is_open: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def place(self) -> np.ndarray:
        """One integer for each member and gym."""
        return self.member.astype(np.int64) * _GYMS + self.gym

    def where(self, chosen: np.ndarray) -> Accesses:
        """The chosen accesses (a mask or positions)."""
        return Accesses(**{name: column[chosen] for name, column in vars(self).items()})


@dataclass(frozen=True)
class TrueVisits:
    """One element a visit; `date` is a day index, `leaves_at` -1 where nothing tells of the end."""

    member: np.ndarray
    gym: np.ndarray
    date: np.ndarray
    arrives_at: np.ndarray
    leaves_at: np.ndarray
    accesses: np.ndarray


def true_visits(world: World, days: Days) -> TrueVisits:
    """The visits of these dates. What begins on a date before or ends on one after may belong to them."""
    around = world.stretches[max(0, days.number - 1) : days.number + 2]
    found = _together([_logins(world, around), *(_signed_in(world, near) for near in around)])
    # By place and kind, so that a second access stands behind the first.
    series = found.place * _KINDS + found.kind
    order = np.lexsort((found.begin, series))
    found, series = found.where(order), series[order]
    follows = series[1:] == series[:-1]
    is_second = np.r_[False, follows & (found.begin[1:] - found.begin[:-1] < SECOND_ACCESS)][: len(found)]
    day = _dates(world, found)
    chosen = np.flatnonzero((day >= days.first) & (day < days.behind))
    return _gathered(found.where(chosen), day[chosen], is_second[chosen])


def _logins(world: World, around: list[Days]) -> Accesses:
    """The stays of members, each once, with the ends of open ones."""
    lines = [world.made(gym_logins.exports, near).counted for near in around]
    stays = gym_logins.stays(Logins.plus(*lines))
    next_login = np.r_[stays.login[1:], 0]
    is_last = np.r_[stays.mac[1:] != stays.mac[:-1], True][: len(stays)]
    is_open = stays.logout == NO_LOGOUT
    open_until = stays.login + OPEN_STAY
    open_until = np.where(is_last, open_until, np.minimum(open_until, next_login[: len(stays)]))
    end = np.minimum(np.where(is_open, open_until, stays.logout), stays.login + LONGEST_STAY)
    known = np.flatnonzero(stays.mac < world.devices.count)
    return Accesses(
        kind=np.full(len(known), _LOGIN),
        member=world.devices.owner_at(stays.mac[known], stays.login[known]),
        gym=stays.gym[known],
        begin=stays.login[known],
        end=end[known],
        is_open=is_open[known],
    )


def _signed_in(world: World, days: Days) -> Accesses:
    """Check-ins to classes, which last as long as the class, and entries to facilities."""
    schedule = world.schedule(days)
    check_ins = world.made(class_check_ins.exported, days).check_ins
    entries = world.made(facility_entries.exported, days).entries
    known = np.flatnonzero(check_ins.member_id < FIRST_UNKNOWN_USER_ID)
    session, at = check_ins.class_session[known], check_ins.checked_in_at[known]
    begin = np.concatenate([at, entries.entered_at])
    end = np.concatenate([schedule.ends_at[session], entries.left_at])
    return Accesses(
        kind=np.repeat([_CHECK_IN, _ENTRY], [len(known), len(entries)]),
        member=np.concatenate([check_ins.member_id[known] - FIRST_USER_ID, entries.member]),
        gym=np.concatenate([np.array([gym.number for gym in GYMS])[schedule.gym[session]], entries.gym]),
        begin=begin,
        end=np.minimum(np.maximum(end, begin), begin + LONGEST_STAY),
        is_open=np.zeros(len(begin), bool),
    )


def _together(parts: list[Accesses]) -> Accesses:
    return Accesses(*(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)))


def _dates(world: World, accesses: Accesses) -> np.ndarray:
    """The date of each access as a day index."""
    found = _wall(accesses.gym, accesses.begin) // DAY - world.chain.begin // DAY
    logins = np.flatnonzero(accesses.kind == _LOGIN)
    others = np.flatnonzero(accesses.kind != _LOGIN)
    if not len(logins):
        return found
    place = accesses.place
    moment = place * _SHIFT + accesses.begin
    logins = logins[np.argsort(moment[logins], kind="stable")]
    last = np.searchsorted(moment[logins], moment[others], side="right") - 1
    is_dated = np.zeros(len(others), bool)
    for earlier in range(_OPEN_AT_ONCE):
        login = logins[np.maximum(last - earlier, 0)]
        covers = (last >= earlier) & (place[login] == place[others])
        covers &= (accesses.begin[others] <= accesses.end[login]) & ~is_dated
        found[others[covers]] = found[login[covers]]
        is_dated |= covers
    return found


def _gathered(accesses: Accesses, day: np.ndarray, is_second: np.ndarray) -> TrueVisits:
    """The visits that accesses make up: those of one place and date without a long gap between them."""
    place = accesses.place
    order = np.lexsort((accesses.begin, day, place))
    accesses, day, place, is_second = accesses.where(order), day[order], place[order], is_second[order]
    n = len(accesses)
    is_new = np.ones(n, bool)
    is_new[1:] = (place[1:] != place[:-1]) | (day[1:] != day[:-1])
    group = np.cumsum(is_new)
    # The latest end so far within the group: groups go up, so their number before the time keeps them apart.
    latest = np.maximum.accumulate(group * _SHIFT + accesses.end) - group * _SHIFT
    is_new[1:] |= accesses.begin[1:] - latest[:-1] > LONGEST_GAP
    first = np.flatnonzero(is_new)
    if not n:
        return TrueVisits(*[np.zeros(0, np.int64)] * 6)
    return TrueVisits(
        member=accesses.member[first],
        gym=accesses.gym[first],
        date=day[first],
        arrives_at=accesses.begin[first],
        leaves_at=np.maximum.reduceat(np.where(accesses.is_open, _UNKNOWN_END, accesses.end), first),
        accesses=np.add.reduceat((~is_second).astype(np.int64), first),
    )


def _wall(gym: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Seconds on the wall clocks of these gyms (numbers); UTC where no list of gyms tells the zone."""
    wall = np.array(seconds, np.int64)
    for each in GYMS:
        here = gym == each.number
        wall[here] = to_local(wall[here], each.zone)
    return wall


def _as_dates(days_since_1970: np.ndarray) -> pa.Array:
    return pa.array(np.asarray(days_since_1970).astype(np.int32)).cast(pa.date32())


def _visits(world: World, days: Days) -> pa.Table:
    found = world.made(true_visits, days)
    return pa.table(
        {
            "visit_date": _as_dates(found.date + world.chain.begin // DAY),
            "gym": found.gym,
            "visits": np.ones(len(found.gym), np.int64),
            "accesses": found.accesses,
        }
    )


def _occupancy(world: World, days: Days) -> pa.Table:
    """(date, gym, hour; present, arrivals) of every hour that a visit touches; an end nobody knows touches one."""
    found = world.made(true_visits, days)
    first = found.arrives_at // HOUR
    behind = np.where(found.leaves_at == _UNKNOWN_END, first + 1, -(-found.leaves_at // HOUR))
    hours = np.maximum(behind - first, 0)
    visit = np.repeat(np.arange(len(hours)), hours)
    within = np.arange(len(visit)) - np.repeat(np.cumsum(hours) - hours, hours)
    gym = np.concatenate([found.gym[visit], found.gym])
    wall = _wall(gym, np.concatenate([first[visit] + within, first]) * HOUR)
    is_arrival = np.arange(len(gym)) >= len(visit)
    return pa.table(
        {
            "date": _as_dates(wall // DAY),
            "gym": gym,
            "hour": wall % DAY // HOUR,
            "present": (~is_arrival).astype(np.int64),
            "arrivals": is_arrival.astype(np.int64),
        }
    )


def _facility(world: World, days: Days) -> pa.Table:
    entries = world.made(facility_entries.exported, days).entries
    wall = _wall(entries.gym, entries.entered_at)
    return pa.table(
        {
            "date": _as_dates(wall // DAY),
            "gym": entries.gym,
            "facility": pick(list(FACILITIES), entries.facility),
            "hour": wall % DAY // HOUR,
            "entries": np.ones(len(entries), np.int64),
        }
    )


def _who_visited(world: World, days: Days) -> pa.Table:
    """(day, gym, member) of each visit, as small as can be: two years of them are kept until the end."""
    found = world.made(true_visits, days)
    return pa.table(
        {"day": found.date.astype(np.int16), "gym": found.gym.astype(np.int16), "member": found.member.astype(np.int32)}
    )


def _active_members(world: World, collected: dict[str, pa.Table], as_of: date) -> pa.Table:
    """(date, gym; dau, wau, mau) of each date until `as_of` with a visit in the month up to it."""
    table = collected[WHO_VISITED.name].sort_by("day")
    day, gym, member = (table[name].to_numpy() for name in ("day", "gym", "member"))
    places = [CHAIN, *np.unique(gym)]
    last = {place: np.full(len(world.members), -MONTH - 1, np.int16) for place in places}
    found = []
    for today in range(world.chain.day_index(as_of) + 1):
        begin, behind = np.searchsorted(day, [today, today + 1])
        for place in places:
            here = slice(begin, behind) if place == CHAIN else begin + np.flatnonzero(gym[begin:behind] == place)
            last[place][member[here]] = today
            active = [int(np.count_nonzero(last[place] > today - span)) for span in (1, WEEK, MONTH)]
            if active[-1]:
                found.append((today, int(place), *active))
    columns = np.array(found, np.int64).reshape(-1, 5).T
    return pa.table(
        {
            "date": _as_dates(columns[0] + world.chain.begin // DAY),
            **dict(zip(("gym", "dau", "wau", "mau"), columns[1:], strict=True)),
        }
    )


WHO_VISITED = Collected("who_visited", _who_visited)
TRUTHS = (
    Truth("visits", ("visit_date", "gym"), ("visits", "accesses"), _visits),
    Truth("occupancy", ("date", "gym", "hour"), ("present", "arrivals"), _occupancy),
    Truth("facility", ("date", "gym", "facility", "hour"), ("entries",), _facility),
    WHO_VISITED,
    AsOf("active_members", _active_members),
)
