"""All exported tables, in the order in which the answer key tells of them."""

from __future__ import annotations

from data_gen.access import gym_logins
from data_gen.app import events
from data_gen.club import (
    bookings,
    cancellations,
    class_check_ins,
    class_sessions,
    class_types,
    facility_entries,
    instructors,
    invoices,
    locations,
    membership_events,
    memberships,
    payments,
    plans,
)
from data_gen.crm import profile_log
from data_gen.devices import equipment, machines, registrations, workout_events
from data_gen.feedback import class_feedback
from data_gen.lifelog import daily
from data_gen.people import members
from data_gen.shop import products, refunds, sales
from data_gen.writing.stream import Stream

STREAMS: tuple[Stream, ...] = (
    locations.STREAM,
    members.STREAM,
    plans.STREAM,
    memberships.STREAM,
    membership_events.STREAM,
    cancellations.STREAM,
    invoices.STREAM,
    payments.STREAM,
    instructors.STREAM,
    class_types.STREAM,
    class_sessions.STREAM,
    bookings.STREAM,
    class_check_ins.STREAM,
    facility_entries.STREAM,
    class_feedback.STREAM,
    gym_logins.STREAM,
    registrations.STREAM,
    profile_log.STREAM,
    workout_events.STREAM,
    machines.STREAM,
    equipment.STREAM,
    products.STREAM,
    sales.STREAM,
    refunds.STREAM,
    events.STREAM,
    daily.STREAM,
)
