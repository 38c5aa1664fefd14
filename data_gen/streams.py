"""All exported tables, in the order in which the answer key tells of them."""

from __future__ import annotations

from data_gen.writing.stream import Stream

STREAMS: tuple[Stream, ...] = ()
