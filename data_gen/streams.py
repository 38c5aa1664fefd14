"""All exported tables, in the order in which the answer key tells of them."""

from __future__ import annotations

from data_gen.app import events
from data_gen.club import cancellations, invoices, locations, membership_events, memberships, payments, plans
from data_gen.devices import equipment, machines
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
    machines.STREAM,
    equipment.STREAM,
    products.STREAM,
    sales.STREAM,
    refunds.STREAM,
    events.STREAM,
)
