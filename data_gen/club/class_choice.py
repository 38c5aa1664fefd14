"""Which class somebody picks who wants to go to one: by hour, by taste, and by what everybody likes."""

from __future__ import annotations

import numpy as np

from data_gen.chain.clock import to_local
from data_gen.chain.parameters import GYMS, Parameters
from data_gen.club.class_types import CLASS_TYPES
from data_gen.club.instructors import FIRST_INSTRUCTOR_ID, draw_instructors, rooms
from data_gen.club.schedule import Schedule
from data_gen.club.tastes import likes

NO_CLASS = -1
# A class so many hours from the time of day that suits a member is e times less likely.
_HOURS_OFF = 2.0


def choose(
    chain: Parameters,
    sessions: Schedule,
    member: np.ndarray,
    gym: np.ndarray,
    hour: np.ndarray,
    dice: np.random.Generator,
) -> np.ndarray:
    """The class (a position in `sessions`, all of one date) that each member picks at a gym; NO_CLASS if none is held.

    `hour` is when the member would have come, on the wall clock.
    """
    halls = rooms(chain)
    offered = _by_hall(sessions, halls)
    options = offered[gym * halls + member % halls]
    missing = options < 0
    at = np.where(missing, 0, options)
    instructors = draw_instructors(chain)
    drawn_to = instructors.liked[sessions.instructor_id - FIRST_INSTRUCTOR_ID]
    weight = (np.array([each.liked for each in CLASS_TYPES])[sessions.class_type] * drawn_to)[at]
    weight *= likes(chain, member[:, None], sessions.class_type[at], sessions.instructor_id[at])
    weight *= np.exp(-np.abs(_wall_hours(sessions)[at] - hour[:, None]) / _HOURS_OFF)
    score = np.log(weight) + dice.gumbel(size=weight.shape)
    picked = np.argmax(np.where(missing, -np.inf, score), axis=1)
    return options[np.arange(len(member)), picked]


def with_a_place(session: np.ndarray, capacity: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Who gets a place: the first of each session by `order`, as many as `capacity` (by session) allows."""
    found = np.zeros(len(session), bool)
    sorted_at = np.lexsort((order, session))
    sorted_session = session[sorted_at]
    begins = np.searchsorted(sorted_session, sorted_session, side="left")
    rank = np.arange(len(session)) - begins
    found[sorted_at] = (sorted_session >= 0) & (rank < capacity[np.maximum(sorted_session, 0)])
    return found


def _by_hall(sessions: Schedule, halls: int) -> np.ndarray:
    """Positions of the sessions of each room of each gym, as rows filled up with NO_CLASS."""
    hall = sessions.gym * halls + sessions.room
    order = np.argsort(hall, kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(hall[order], hall[order], side="left")
    table = np.full((len(GYMS) * halls, rank.max() + 1), NO_CLASS)
    table[hall[order], rank] = order
    return table


def _wall_hours(sessions: Schedule) -> np.ndarray:
    hours = np.zeros(len(sessions))
    for position, gym in enumerate(GYMS):
        here = sessions.gym == position
        hours[here] = to_local(sessions.starts_at[here], gym.zone) % 86_400 / 3600
    return hours
