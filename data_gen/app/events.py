"""What the app exports: an event a line, with what it is about nested in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data_gen.answer_key.truth_table import Truth
from data_gen.app.booking_events import about_bookings
from data_gen.app.event_ids import uuids
from data_gen.app.sessions import EVENT_TYPES, GOAL_TYPES, LOGIN, NONE, PAGES, Happened, in_app
from data_gen.chain.days import Days
from data_gen.chain.gym_time import gym_date
from data_gen.chain.parameters import DAY, FIRST_UNKNOWN_USER_ID, Parameters
from data_gen.chain.traits import chance
from data_gen.club.schedule import DAYS_AHEAD
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.rows import Rows, joined, json_text, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import JSON, Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "app.events"
SHAPE = Shape(
    table=TABLE,
    keys=("event_id", "member_id", "event_type", "occurred_at"),
    must=("event_id", "member_id", "event_type", "occurred_at"),
    broken=(("member_id", '"me"'), ("occurred_at", '"noon"')),
    nothing="null",
)
NOBODY = -1
PLATFORMS = ["ios", "android", "web"]
_PLATFORM_SHARES = (0.48, 0.88)
# A version every so many days; some members install it later.
_DAYS_A_VERSION, _LAGS = 45, 3
# Types that the newest app sends and nobody was told of.
_NEW_TYPES = ["story_shared", "push_opened", "widget_added"]
# Added to the numbers of copies under another type or of another person: a place of the opening that no step has.
_AS_NEW_TYPE, _AS_STRANGER = 6, 7


@dataclass(frozen=True)
class Exported:
    """The events that count, those of `NOBODY` the chain knows among them; all rows to write; what is wrong."""

    events: Happened
    rows: Rows
    defects: Defects


def exported(world: World, days: Days) -> Exported:
    """A stretch's events as the app exports them."""
    events, defects = world.made(in_app, days), world.defects(TABLE, days)
    dice = defects.dice
    logins = dice.permutation(np.flatnonzero(events.kind == LOGIN))
    n = len(events)
    cuts = np.minimum(
        np.cumsum([defects.count(kind, n) for kind in ("unknown_event_type", "unknown_member")]), len(logins)
    )
    copied, strange, _ = np.split(logins, cuts)
    new = _copies(events, copied, _AS_NEW_TYPE)
    strangers = replace(_copies(events, strange, _AS_STRANGER), member=np.full(len(strange), NOBODY))

    clean = events.plus(about_bookings(world, days))
    rows = _text(world, clean, _one_of(EVENT_TYPES, clean.kind))
    extra = _text(world, strangers, _one_of(EVENT_TYPES, strangers.kind))
    unknown = _text(world, new, _one_of(_NEW_TYPES, dice.integers(0, len(_NEW_TYPES), len(new))))
    for kind, found, caught_as, why in (
        ("unknown_event_type", unknown, QUARANTINED, {"rule": "unknown_event_type"}),
        ("unknown_member", extra, FLAGGED, {"flag": "is_known_member"}),
    ):
        defects.note(kind, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    rows = rows.plus(*(found.free(np.zeros(len(found), bool)) for found in (extra, unknown)))
    return Exported(clean.plus(strangers), rows, defects)


def _copies(events: Happened, at: np.ndarray, place: int) -> Happened:
    """The logins at these positions again, as events of their own."""
    copies = events.where(at)
    return replace(copies, number=copies.number + place)


def _text(world: World, events: Happened, event_type: pa.Array) -> Rows:
    chain, n = world.chain, len(events)
    strange = events.member == NOBODY
    member_id = np.where(
        strange, FIRST_UNKNOWN_USER_ID + events.number // 8 % 50_000, world.members.user_id[events.member]
    )
    platform = np.searchsorted(_PLATFORM_SHARES, chance(chain, "platform", events.member), side="right")
    text = pa.table(
        {
            "event_id": joined('"', uuids(chain, events.number), '"'),
            "member_id": whole(member_id),
            "event_type": event_type,
            "occurred_at": joined('"', utc_text(events.at), '"'),
            "platform": _one_of(PLATFORMS, platform),
            "app_version": _version(chain, events),
            "properties.class_session_id": whole(events.class_session_id, missing=events.class_session_id == NONE),
            "properties.goal_type": _one_of(GOAL_TYPES, events.goal),
            "properties.goal_target": _number(events.target),
            "properties.goal_progress": _number(events.progress),
            "properties.page": _one_of(PAGES, events.page),
        }
    )
    return Rows(text, chain.day_of(events.at), events.at, np.ones(n, bool))


def _version(chain: Parameters, events: Happened) -> pa.Array:
    newest = 10 + (events.at - chain.begin) // (_DAYS_A_VERSION * DAY)
    lag = (chance(chain, "version lag", events.member) * _LAGS).astype(np.int64)
    return joined('"4.', whole(newest - lag), '.0"')


def _one_of(texts: list[str], positions: np.ndarray) -> pa.Array:
    """JSON strings; null where the position is `NONE`."""
    quoted = json_text(pa.array(texts))
    return quoted.take(pa.array(positions, mask=positions == NONE))


def _number(values: np.ndarray) -> pa.Array:
    """JSON numbers; null where there is none."""
    return pa.array(values, mask=np.isnan(values)).cast(pa.string())


def _rows(world: World, days: Days, defects: Defects) -> Rows:
    made = world.made(exported, days)
    defects.include(made.defects)
    return made.rows


STREAM = Stream(
    table=TABLE,
    shape=SHAPE,
    rows=_rows,
    format=JSON,
    file="app/app_events",
    is_hourly_at_last=True,
    back=DAYS_AHEAD,
    ahead=2,
)


def _pieces(world: World, days: Days) -> pa.Table:
    """(date, event_type; events): dates of the member's home gym, UTC for who is nobody's member."""
    events = world.made(exported, days).events
    known = events.member != NOBODY
    in_utc = pa.array((events.at[~known] // DAY).astype(np.int32)).cast(pa.date32())
    at_home = gym_date(world.members.gym[events.member[known]], events.at[known])
    kind = np.concatenate([events.kind[known], events.kind[~known]])
    return pa.table(
        {
            "date": pa.concat_arrays([at_home, in_utc]),
            "event_type": pick(EVENT_TYPES, kind),
            "events": np.ones(len(kind), np.int64),
        }
    )


TRUTH = Truth(name="app", keys=("date", "event_type"), measures=("events",), pieces=_pieces)
