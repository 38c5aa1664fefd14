"""A chain's files without what happened after a day: what its lake would hold if that had never been dropped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from drop_pieces import DropFile

# A workout that began by the day may last into the next, as UTC counts days.
READINGS = timedelta(days=1)


class Dates:
    """Business dates of stays and workout events, as a plain build of everything else that was known by `day` has them.

    `stays`: by (MAC address, gym, login). `events`: by (member, workout, session, time), the first of the workouts that
    begin or end then. All times in epoch seconds.
    """

    def __init__(self, day: date, query: Callable[[str], list[tuple]]):
        self.day = day
        self.stays: Mapping[tuple, date] = {
            (mac, gym, login): business_date
            for mac, gym, login, business_date in query(
                "select mac_address, gym_id, cast(epoch(login_at) as bigint), business_date"
                " from silver.int_gym_logins_conformed"
            )
        }
        self.events: Mapping[tuple, date] = {
            tuple(key): business_date
            for *key, business_date in query("""
                select member_id, workout_id, session_id, cast(epoch(moment) as bigint), min(business_date)
                from (select *, unnest([started_at, stopped_at]) as moment from gold.fct_workout)
                where moment is not null
                group by all
            """)
        }


def known_by(day: date, files: list[DropFile], dates: Dates | None = None) -> list[DropFile]:
    """The files with the rows that had happened by `day`; without `dates` every stay, workout and reading.

    A row that cannot be read, or that has no date, stays: what is made of it is no matter of days.
    """
    found = [
        DropFile(file.name, file.head, tuple(row for row in file.rows if _is_known(file, row, day, dates)), file.day)
        for file in files
    ]
    return [file for file in found if file.rows]


def _is_known(file: DropFile, line: bytes, day: date, dates: Dates | None) -> bool:
    try:
        kind, row = _read(file, line)
        happened = _date_of(kind, row, dates)
    except (ValueError, KeyError, TypeError, OverflowError, StopIteration):
        return True
    return happened is None or happened <= day


def _read(file: DropFile, line: bytes) -> tuple[str, dict]:
    """What a row tells of, and its columns."""
    if not file.head:
        message = json.loads(line)
        return message["topic"], json.loads(message["value"])
    row = next(csv.DictReader(io.StringIO((file.head + line).decode("utf-8-sig"))))
    kinds = ("locations", "registered", "gym_logins", "lifelog")
    return next(kind for kind in kinds if kind in file.name), row


def _date_of(kind: str, row: dict, dates: Dates | None) -> date | None:
    """When it happened, by the calendar that counts for it; None: no matter."""
    if kind == "lifelog":
        return date.fromisoformat(row["date"])
    if kind in ("locations", "registered", "user_info"):
        column = {"locations": "updated_at", "registered": "registration_timestamp", "user_info": "timestamp"}[kind]
        return _utc_date(row[column])
    if dates is None:
        return None
    if kind == "gym_logins":
        return dates.stays.get((row["mac_address"].strip().lower(), int(row["gym"]), _seconds(row["login"])))
    if kind == "workout":
        key = (row["user_id"], row["workout_id"], row["session_id"], _seconds(row["timestamp"]))
        return dates.events.get(key, _utc_date(row["timestamp"]))
    return _utc_date(row["time"]) - READINGS if kind == "bpm" else None


def _seconds(value: object) -> int:
    return int(float(str(value)))


def _utc_date(value: object) -> date:
    return datetime.fromtimestamp(_seconds(value), UTC).date()
