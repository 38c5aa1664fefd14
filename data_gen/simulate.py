"""Puts a chain together and writes its exports, day by day, and the answer key last."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data_gen import answer_key, logins, profile_log, profiles, registrations, workout_events
from data_gen.chain.parameters import Parameters
from data_gen.devices.wearables import hand_out
from data_gen.writing.drops import LOCATIONS, Drops, Written, location_rows, planned_paths
from data_gen.writing.file_shapes import PLAIN, shapes
from data_gen.writing.folder import DropFolder
from data_gen.devices.heart_rate import choose_recorded
from data_gen.writing.ledger import Ledger
from data_gen.lifelog.days import minutes_trained
from data_gen.lifelog.daily import LifelogStream
from data_gen.chain.people import draw_members, draw_pools
from data_gen.devices.readings import ReadingStream
from data_gen.writing.topic import ANY, Lines, noise, stream, topic_lines
from data_gen.answer_key.truth import HeartRateTruth, complete_workouts
from data_gen.chain.visits import plan_visits
from data_gen.devices.workouts import lengthen, number_sessions, pair


@dataclass(frozen=True)
class Result:
    """What a run left: its tables, empty when the folder was up to date, and the answer key."""

    root: Path
    key: dict
    tables: dict[str, Written]
    seconds: float
    is_up_to_date: bool


def simulate(
    chain: Parameters, root: Path, replace: bool = False, on_day: Callable[[int], None] = lambda day: None
) -> Result:
    """Write the chain `chain` into the folder `root`; `on_day` is called after each day.

    Does nothing when the folder holds this chain already. Raises `Problem` when it holds anything else.
    """
    started = time.perf_counter()
    folder = DropFolder(root, chain.as_json(), [*planned_paths(chain), *answer_key.SIDE_FILES])
    with folder.held():
        key = folder.finished_key()
        if key is not None:
            return Result(root, key, {}, time.perf_counter() - started, True)
        plot = _Plot(chain)
        folder.begin(replace)
        drops = Drops(folder, chain, plot.shapes)
        for day in range(chain.days):
            plot.write(day, drops)
            on_day(day)
        key = answer_key.write(folder, drops, plot)
        return Result(root, key, drops.tables, time.perf_counter() - started, False)


class _Plot:
    """All that happens in the chain, ready to be written day by day.

    Readings and lifelog rows are made on their day; everything else is small enough to be known before.
    """

    def __init__(self, chain: Parameters):
        self.chain, self.ledger = chain, Ledger()
        self.shapes = shapes(chain, self.ledger)
        self.members = draw_members(chain)
        pools = draw_pools(chain)
        self.devices, carried = hand_out(chain, self.members)
        self.visits = plan_visits(chain, self.members, carried)

        sessions = number_sessions(self.visits, self.members)
        recorded = sessions.where(choose_recorded(chain, sessions))
        lengthened, long = lengthen(chain, sessions, self.members, chain.defects)
        self.events, event_rows = workout_events.spoiled(chain, self.members, lengthened, long, self.ledger)
        self.pairing = pair(self.events)
        self.workouts = complete_workouts(self.events, self.pairing, self.members)

        self.registrations = registrations.registration_rows(chain, self.members, self.devices, self.ledger).arranged()
        clean = logins.exported(chain, self.visits)
        self.repeated_logins = len(clean) - len(logins.stays(clean))
        counted, rows = logins.spoiled(chain, clean, self.devices, self.ledger)
        self.logins, self.stays = rows.arranged(), logins.stays(counted)
        self.changes = profiles.draw_changes(chain, self.members, chain.defects)
        change_rows = profile_log.spoiled(chain, self.members, pools, self.changes, self.ledger)

        self.heart_rates = HeartRateTruth(self.workouts, self.devices)
        self.readings = ReadingStream(chain, self.members, self.devices, recorded, self.ledger, self.heart_rates)
        trained = minutes_trained(chain, sessions, self.members, self.visits.gym[sessions.visit])
        is_first_lacking = self.shapes.get(("lifelog.daily", 0), PLAIN).missing_column
        self.lifelog = LifelogStream(chain, self.members, trained, is_first_lacking, self.ledger)
        small = len(event_rows) + len(change_rows)
        unreadable, named = noise(chain, small + self.readings.planned, self.ledger)
        self.lines = Lines.together(
            topic_lines("user_info", change_rows, profiles.values),
            topic_lines("workout", event_rows, workout_events.values),
            unreadable,
        )
        self.rows = {
            LOCATIONS: len(location_rows(chain)),
            "access.gym_logins": len(self.logins),
            "devices.registered_devices": len(self.registrations),
            "crm.profile_changes": len(change_rows) + named["crm.profile_changes"],
            "devices.workouts": len(event_rows) + named["devices.workouts"],
            "devices.bpm": named["devices.bpm"],
            "lifelog.daily": 0,
        }
        self._next_offset = 1

    def write(self, day: int, drops: Drops) -> None:
        """Write the files of one day."""
        if day == 0:
            drops.csv(LOCATIONS, 0, location_rows(self.chain))
        drops.csv("devices.registered_devices", day, self.registrations.on(day))
        drops.csv("access.gym_logins", day, self.logins.on(day))
        started = time.perf_counter()
        readings, unreadable = self.readings.day(day)
        others = self.lines.on(day)
        count = len(readings) + unreadable.num_rows
        end_of_line = self.shapes.get((ANY, day), PLAIN).end_of_line
        pieces = stream(readings, unreadable, others, self._next_offset, end_of_line)
        drops.lines(day, count + len(others.order), pieces, started)
        self._next_offset += count
        self.rows["devices.bpm"] += count
        lifelog = self.lifelog.day(day)
        drops.csv("lifelog.daily", day, lifelog)
        self.rows["lifelog.daily"] += len(lifelog)
