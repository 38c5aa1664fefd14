"""The answer key: what was written, what must become of it, and what is true of the chain."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_gen.answer_key import heart_rate, profiles, stays, workouts
from data_gen.chain.parameters import DAY
from data_gen.writing.file_shapes import TOPIC
from data_gen.writing.folder import DropFolder
from data_gen.writing.ledger import DUPLICATE, KEYS_LISTED, QUARANTINED, REJECTED, Ledger

if TYPE_CHECKING:
    from data_gen.chain.world import World
    from data_gen.export import Exported

FOLDER = "_answer_key"
NO_TRUTH = "Only part of the chain's days was written, or day by day: the key tells of files and defects alone."


def write(
    folder: DropFolder, world: World, exported: Exported, days: list[tuple[int, int]], as_of: list[date],
    former: dict | None,
) -> dict:  # fmt: skip
    """Write the true tables as of each date, and then the key, which makes the folder whole; returns the key.

    `days` are the ranges [first, behind) of all days that the folder then holds, `former` the key of those it held.
    """
    chain, ledger = world.chain, exported.ledger
    files, rows, lines, repeats = exported.files, exported.rows, Counter(), exported.repeats
    lines.update({table: written.rows for table, written in exported.tables.items()})
    if former:
        files = [*former["files"], *files]
        ledger.include(Ledger.from_json(former["defects"], chain.day_index))
        rows.update(former["rows_written"])
        lines.update(former["lines_written"])
        repeats.update(former["repeated_rows"])
    expected = _expected(rows, repeats, ledger, _sent_again(folder, files))
    truth: dict | str = NO_TRUTH
    if as_of:
        for on in as_of:
            tables = exported.book.tables(world, on)
            files = [*files, *(_write_table(folder, f"{FOLDER}/{on}/{name}.parquet", t) for name, t in tables.items())]
            if on == as_of[-1]:
                truth = _truth(world, tables, on, ledger, expected)
    key = {
        "days": [[chain.date_of(first).isoformat(), chain.date_of(behind - 1).isoformat()] for first, behind in days],
        "as_of": [on.isoformat() for on in as_of],
        "files": sorted(files, key=lambda file: file["path"]),
        "rows_written": dict(sorted(rows.items())),
        "lines_written": dict(sorted(lines.items())),
        "repeated_rows": dict(sorted(repeats.items())),
        "expected": expected,
        "defects": ledger.as_json(chain.date_of),
        "keys_listed_at_most": KEYS_LISTED,
        "truth": truth,
    }
    folder.finish(key)
    return key


def paths(names: list[str], as_of: list[date]) -> list[str]:
    """The files of the true tables."""
    return [f"{FOLDER}/{on}/{name}.parquet" for on in as_of for name in names]


def _write_table(folder: DropFolder, path: str, table: pa.Table) -> dict:
    written = io.BytesIO()
    pq.write_table(table, written)
    return {"path": path, "table": "", "rows": table.num_rows, "bytes": folder.write(path, written.getvalue())}


def _sent_again(folder: DropFolder, files: list[dict]) -> Counter:
    """Rows by table in files that are byte for byte another file of their table: a day whose only rows are repeats.

    What lands is known by its content, so such a file is nothing new to whoever reads it.
    """
    alike = defaultdict(list)
    for file in files:
        alike[file["table"], file["rows"], file["bytes"]].append(file["path"])
    again: Counter = Counter()
    for (table, rows, _), paths in alike.items():
        if table and len(paths) > 1:
            again[table] += rows * (len(paths) - len({(folder.root / path).read_bytes() for path in paths}))
    return again


def _expected(rows: Counter, repeats: Counter, ledger: Ledger, sent_again: Counter) -> dict:
    """Per table how many rows reach each layer; `multiplex` are lines that belong to no table."""
    expected = {}
    for table, read in sorted(rows.items()):
        if table == TOPIC:
            continue
        rejected = ledger.total(table, REJECTED)
        read -= sent_again[table]
        duplicates = ledger.total(table, DUPLICATE) + repeats[table] - sent_again[table]
        quarantined = ledger.total(table, QUARANTINED)
        expected[table] = {
            "rows_read": read,
            "rejected": rejected,
            "bronze": read - rejected,
            "duplicates": duplicates,
            "quarantined": quarantined,
            "silver": read - rejected - duplicates - quarantined,
        }
    unreadable = ledger.total(TOPIC, REJECTED)
    return {**expected, TOPIC: {"rows_read": unreadable, "rejected": unreadable}}


def _truth(world: World, tables: dict[str, pa.Table], on: date, ledger: Ledger, expected: dict) -> dict:
    """The figures worth a glance, and where the tables are."""

    def total(table: str, measure: str) -> int:
        return pc.sum(tables[table][measure]).as_py() or 0

    members, devices = tables[profiles.NAME], world.devices
    is_registered = devices.registered_at < world.chain.begin + (world.chain.day_index(on) + 1) * DAY
    per_day = tables[stays.TRUTH.name].select(["gym", "business_date", "stays", "open_stays"])
    per_day = per_day.sort_by([("gym", "ascending"), ("business_date", "ascending")])
    deleted = total(profiles.NAME, "is_deleted")
    made, heart = workouts.TRUTH.name, heart_rate.TRUTH.name
    return {
        "as_of": on.isoformat(),
        "tables": {name: f"{FOLDER}/{on}/{name}.parquet" for name in tables},
        "members": {
            "active": len(members) - deleted,
            "deleted": deleted,
            "versions": total(profiles.NAME, "versions"),
            "versions_of_no_time": total(profiles.NAME, "versions_of_no_time"),
        },
        "devices": len(np.unique(devices.device[is_registered])),
        "registrations": int(is_registered.sum()),
        "access": {
            **{name: total(stays.TRUTH.name, name) for name in stays.MEASURES[:4]},
            "stays_exported_open_first": expected["access.gym_logins"]["duplicates"]
            - ledger.total("access.gym_logins", DUPLICATE),
            "stays_across_a_clock_change": total(stays.TRUTH.name, "across_a_clock_change"),
            "per_gym_and_day": [
                row | {"business_date": row["business_date"].isoformat()} for row in per_day.to_pylist()
            ],
        },
        "workouts": {
            "complete": total(made, "complete"),
            "complete_seconds": total(made, "seconds"),
            "incomplete": {reason: total(made, reason) for reason in ("no_start", "no_stop", "too_long")},
            "events": total(made, "events"),
        },
        "heart_rate": {
            "readings": total(heart, "readings"),
            "valid": total(heart, "valid"),
            "invalid": total(heart, "readings") - total(heart, "valid"),
            "in_complete_workouts": total(heart, "in_complete_workouts"),
            "recorded_workouts": len(tables[heart_rate.PER_WORKOUT]),
        },
        "lifelog": {
            "kept": expected["lifelog.daily"]["silver"],
            "quarantined": ledger.by("rule", "lifelog.daily", QUARANTINED),
        },
    }
