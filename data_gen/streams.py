"""All exported tables, in the order in which the answer key tells of them."""

from __future__ import annotations

from data_gen.app import events
from data_gen.devices import equipment, machines
from data_gen.shop import products, refunds, sales
from data_gen.writing.stream import Stream

STREAMS: tuple[Stream, ...] = (
    machines.STREAM,
    equipment.STREAM,
    products.STREAM,
    sales.STREAM,
    refunds.STREAM,
    events.STREAM,
)
