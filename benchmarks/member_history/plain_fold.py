"""The log folded into versions by plain Python over the files as they lie, with nothing of the project's SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Event:
    """One change as the CRM sent it; times in epoch seconds."""

    member: int
    sequence: int
    timestamp: int
    kind: str
    street: str
    city: str


@dataclass(frozen=True, slots=True)
class Version:
    """A profile from `valid_from` to `valid_to` (epoch seconds; None: still)."""

    member: int
    number: int
    kind: str
    street: str
    city: str
    valid_from: int
    valid_to: int | None


def read_events(path: Path) -> Iterator[Event]:
    """The events of one file, in its order, repeats too."""
    with path.open() as lines:
        for line in lines:
            value = json.loads(json.loads(line)["value"])
            where = value["address"]
            yield Event(
                value["user_id"], value["sequence"], value["timestamp"], value["update_type"],
                where["street_address"], where["city"],
            )  # fmt: skip


def fold(events: Iterable[Event]) -> list[Version]:
    """Every version: the sequence orders changes; one that a slow clock stamped begins when the one before it did."""
    versions = []
    for changes in _by_member(events).values():
        moments, latest = [], None
        for change in changes:
            latest = change.timestamp if latest is None else max(latest, change.timestamp)
            moments.append(latest)
        number = 0
        for change, since, until in zip(changes, moments, [*moments[1:], None], strict=True):
            if change.kind != "delete":
                number += 1
                versions.append(Version(change.member, number, change.kind, change.street, change.city, since, until))
    return versions


def _by_member(events: Iterable[Event]) -> dict[int, list[Event]]:
    changes: dict[int, dict[int, Event]] = {}
    for event in events:
        changes.setdefault(event.member, {})[event.sequence] = event
    return {member: [found[number] for number in sorted(found)] for member, found in changes.items()}


def seen_daily(days: Iterable[Iterable[Event]]) -> set[tuple[int, int]]:
    """(member, sequence) of the profiles that a snapshot at the end of each day sees: the state known by then."""
    latest: dict[int, Event] = {}
    seen = set()
    for events in days:
        moved = set()
        for event in events:
            if event.member not in latest or event.sequence > latest[event.member].sequence:
                latest[event.member] = event
                moved.add(event.member)
        seen |= {(member, latest[member].sequence) for member in moved if latest[member].kind != "delete"}
    return seen
