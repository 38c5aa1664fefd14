"""What the app tells of bookings that members made in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from data_gen.app.sessions import CLASS_BOOKED, CLASS_CANCELLED, Happened, plain
from data_gen.chain.days import Days
from data_gen.club.bookings import APP

if TYPE_CHECKING:
    from data_gen.chain.world import World

# Beyond the numbers of all other events.
_FIRST_NUMBER = 2**62


def about_bookings(world: World, days: Days) -> Happened:
    """Bookings in the app as the stretch of these days makes them, and those of them that were given back."""
    bookings = world.bookings(days)
    booked = np.flatnonzero(bookings.channel == APP)
    cancelled = booked[~bookings.stands[booked]]
    which = np.concatenate([booked, cancelled])
    kind = np.repeat([CLASS_BOOKED, CLASS_CANCELLED], [len(booked), len(cancelled)])
    at = np.concatenate([bookings.booked_at[booked], bookings.cancelled_at[cancelled]])
    number = _FIRST_NUMBER + bookings.booking_id[which] * 2 + (kind == CLASS_CANCELLED)
    return replace(plain(number, bookings.member[which], kind, at), class_session_id=bookings.class_session_id[which])
