"""The management system's register of people: how to reach who ever joined."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.chain.lives import JOIN, in_utc
from data_gen.chain.parameters import DAY, GYMS
from data_gen.chain.traits import chance
from data_gen.club.membership_events import gym_numbers
from data_gen.crm.profiles import first_names
from data_gen.writing.rows import Rows, date_text, joined, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.days import Days
    from data_gen.chain.world import World
    from data_gen.writing.defects import Defects

_NEW_PHONES_A_YEAR = 0.05
_SEX_NOT_TOLD = 0.02
# Domains and telephone numbers that are nobody's.
_DOMAINS = ["example.com", "example.org", "example.net"]
_AREA = {"NY": "212", "AZ": "602", "HI": "808"}
_LEAD_SOURCES = ["walk_in", "referral", "web", "campaign", "corporate"]
_CAMPAIGN, _CORPORATE = 3, 4
SHAPE = Shape(
    table="people.members",
    keys=("member_id", "updated_at"),
    must=("member_id", "updated_at"),
    broken=(("birth_date", "1980-13-45"), ("joined_on", "last spring")),
)


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """Who joins for the first time, with all of history in the first stretch, and who has a new telephone."""
    chain, lives = world.chain, world.lives
    entered = lives.entered(days)
    joins = entered[lives.events.type[entered] == JOIN]
    member = lives.events.member[joins]
    is_first = lives.events.effective[joins] == lives.joined_day[member]
    joins, member = joins[is_first], member[is_first]
    again, again_at = _with_new_phone(world, days)
    which = np.concatenate([member, again])
    at = np.concatenate([lives.events.at[joins], again_at])
    since = np.concatenate([np.zeros(len(member), np.int64), again_at])
    day = chain.day_of(at)
    defects.repeat(day[len(member) :])
    return Rows(_text(world, which, at, since), day, at)


def _text(world: World, which: np.ndarray, at: np.ndarray, phone_since: np.ndarray) -> pa.Table:
    members, chain, number = world.members, world.chain, world.members.user_id[which]
    first, last = names(world, which)
    birth = pa.array(members.birth_day[which].astype(np.int32)).cast(pa.date32()).cast(pa.string())
    sex = pc.if_else(
        pa.array(chance(chain, "sex not told", number) < _SEX_NOT_TOLD),
        pa.scalar(None, pa.string()),
        pick(["F", "M"], members.sex[which]),
    )
    return pa.table(
        {
            "member_id": whole(number),
            "email": _as_typed(emails(world, which), chance(chain, "typing of addresses", number + at)),
            "phone": _phones(world, which, phone_since),
            "first_name": first,
            "last_name": last,
            "birth_date": birth,
            "sex": sex,
            "home_gym": whole(gym_numbers(members.gym[which])),
            "joined_on": date_text(chain, world.lives.joined_day[which]),
            "lead_source": pick(_LEAD_SOURCES, _lead_sources(world, which)),
            "updated_at": utc_text(at),
        }
    )


def names(world: World, which: np.ndarray) -> tuple[pa.Array, pa.Array]:
    """First and last names of these members (positions) when they joined, as the CRM has them."""
    first = pick(pa.concat_arrays(world.pools.first_names), _first_names(world)[which])
    return first, pick(world.pools.last_names, _last_names(world)[which])


@lru_cache(maxsize=1)
def _first_names(world: World) -> np.ndarray:
    """The position of each member's first name, as the CRM has it."""
    return first_names(world.chain, world.members, world.pools).astype(np.int32)


@lru_cache(maxsize=1)
def _last_names(world: World) -> np.ndarray:
    """The position of each member's last name at joining: that of the first of the CRM's changes."""
    changes, found = world.changes, np.zeros(len(world.members), np.int32)
    found[changes.member[::-1]] = changes.last_name[::-1] % len(world.pools.last_names)
    return found


def emails(world: World, which: np.ndarray) -> pa.Array:
    """The e-mail addresses of these members (positions), all different, in small letters and without blanks."""
    number = world.members.user_id[which]
    named = pc.utf8_lower(joined(*names(world, which), between="."))
    named = pc.replace_substring_regex(named, "[^a-z.]", "")
    return joined(named, whole(number), "@", pick(_DOMAINS, number % len(_DOMAINS)))


def _as_typed(addresses: pa.Array, chances: np.ndarray) -> pa.Array:
    """Some addresses in capitals, some with a capital first letter, some with a blank."""
    typed = pc.if_else(pa.array(chances < 0.05), pc.utf8_upper(addresses), addresses)
    typed = pc.if_else(pa.array((chances >= 0.05) & (chances < 0.2)), pc.utf8_capitalize(addresses), typed)
    return joined(typed, pick(["", " "], (chances > 0.96).astype(np.int64)))


def _phones(world: World, which: np.ndarray, since: np.ndarray) -> pa.Array:
    number = world.members.user_id[which] + since
    line = (100 * chance(world.chain, "telephones", number)).astype(np.int64)
    area = pick([_AREA[gym.state] for gym in GYMS], world.members.gym[which])
    dashed = chance(world.chain, "how telephones are typed", number) < 0.5
    dash = pick(["", "-"], dashed.astype(np.int64))
    return joined("+1", dash, area, dash, "555", dash, "01", pc.utf8_lpad(whole(line), 2, "0"))


def _lead_sources(world: World, which: np.ndarray) -> np.ndarray:
    """How they came: by their first membership's discount, or any other way."""
    memberships = world.lives.memberships
    percent = memberships.percent_off[np.searchsorted(memberships.member, which)]
    otherwise = np.searchsorted([0.4, 0.7], chance(world.chain, "lead sources", world.members.user_id[which]))
    return np.where(percent >= 20, _CAMPAIGN, np.where(percent > 0, _CORPORATE, otherwise))


def _with_new_phone(world: World, days: Days) -> tuple[np.ndarray, np.ndarray]:
    """(member, UTC second) of the new telephones that members tell in this stretch, each member once."""
    chain, lives = world.chain, world.lives
    dice = chain.dice("new telephones", days.number)
    told = dice.random(len(world.members)) < _NEW_PHONES_A_YEAR * len(days) / 365
    member = np.flatnonzero(told & lives.is_member(days.first) & (lives.joined_day < days.first))
    day = dice.integers(days.first, days.behind, len(member))
    wall = chain.begin + day * DAY + dice.integers(9 * 3600, 20 * 3600, len(member))
    at = in_utc(wall, world.members.gym[member])
    return member[at < chain.end], at[at < chain.end]


STREAM = Stream(table="people.members", shape=SHAPE, rows=rows, file="club/members", ahead=1)
