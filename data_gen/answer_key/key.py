"""The answer key: what was written, what must become of it, and what is true of the chain."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_gen.writing.drops import Drops
from data_gen.writing.folder import DropFolder
from data_gen.writing.ledger import DUPLICATE, KEYS_LISTED, QUARANTINED, REJECTED
from data_gen.writing.topic import ANY
from data_gen.answer_key.truth import member_states, stay_truth, workout_truth

MEMBERS_FILE = "_answer_key_members.parquet"
WORKOUTS_FILE = "_answer_key_recorded_workouts.parquet"
SIDE_FILES = (MEMBERS_FILE, WORKOUTS_FILE)


def write(folder: DropFolder, drops: Drops, plot) -> dict:
    """Write the side files and then the key, which makes the folder whole; returns the key."""
    members = member_states(plot.members, plot.changes)
    recorded = plot.heart_rates.per_workout(plot.members)
    side = [
        {"path": path, "table": "", "rows": table.num_rows, "bytes": folder.write(path, [_parquet(table)])}
        for path, table in ((MEMBERS_FILE, members), (WORKOUTS_FILE, recorded))
    ]
    key = {
        "files": [*drops.files, *side],
        "rows_written": dict(plot.rows),
        "lines_written": {table: written.rows for table, written in drops.tables.items()},
        "expected": _expected(plot),
        "defects": plot.ledger.as_json(plot.chain.date_of),
        "keys_listed_at_most": KEYS_LISTED,
        "truth": _truth(plot, members, recorded),
    }
    folder.finish(key)
    return key


def _expected(plot) -> dict:
    """Per table how many rows reach each layer; `multiplex` are lines that belong to no table."""
    repeated = {"access.gym_logins": plot.repeated_logins}
    expected = {}
    for table, rows in plot.rows.items():
        rejected = plot.ledger.total(table, REJECTED)
        duplicates = plot.ledger.total(table, DUPLICATE) + repeated.get(table, 0)
        quarantined = plot.ledger.total(table, QUARANTINED)
        expected[table] = {
            "rows_read": rows,
            "rejected": rejected,
            "bronze": rows - rejected,
            "duplicates": duplicates,
            "quarantined": quarantined,
            "silver": rows - rejected - duplicates - quarantined,
        }
    unreadable = plot.ledger.total(ANY, REJECTED)
    return {**expected, ANY: {"rows_read": unreadable, "rejected": unreadable}}


def _truth(plot, members: pa.Table, recorded: pa.Table) -> dict:
    deleted = int(np.sum(members["is_deleted"].to_numpy()))
    heart = plot.heart_rates
    return {
        "members": {
            "active": len(members) - deleted,
            "deleted": deleted,
            "versions": int(np.sum(members["versions"].to_numpy())),
            "versions_of_no_time": int(np.sum(members["versions_of_no_time"].to_numpy())),
            "per_member": MEMBERS_FILE,
        },
        "devices": plot.devices.count,
        "registrations": len(plot.devices.device),
        "access": {
            **stay_truth(plot.stays, plot.devices, plot.workouts),
            "stays_exported_open_first": plot.repeated_logins,
            "stays_across_a_clock_change": int(plot.visits.is_clock_change.sum()),
        },
        "workouts": workout_truth(plot.events, plot.pairing, plot.workouts),
        "heart_rate": {
            "readings": heart.count,
            "valid": heart.valid_count,
            "invalid": heart.count - heart.valid_count,
            "in_complete_workouts": heart.in_workout,
            "recorded_workouts": len(recorded),
            "per_recorded_workout": WORKOUTS_FILE,
        },
        "lifelog": {
            "kept": _expected(plot)["lifelog.daily"]["silver"],
            "quarantined": plot.ledger.by("rule", "lifelog.daily", QUARANTINED),
        },
    }


def _parquet(table: pa.Table) -> bytes:
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()
