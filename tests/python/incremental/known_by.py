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


# What tells of a number's business date: file, column with the number, and the silver model with (number, date).
NUMBERED = {
    "class_sessions": ("class_session_id", "int_class_sessions_conformed", "class_session_id", "class_date"),
    "bookings": ("class_session_id", "int_class_sessions_conformed", "class_session_id", "class_date"),
    "class_check_ins": ("class_session_id", "int_class_sessions_conformed", "class_session_id", "class_date"),
    "class_feedback": ("class_session_id", "int_class_sessions_conformed", "class_session_id", "class_date"),
    "facility_entries": ("entry_id", "int_facility_entries_conformed", "facility_entry_id", "business_date"),
    "sales": ("sale_id", "int_sales_conformed", "sale_id", "sale_date"),
    "refunds": ("refund_id", "int_refunds_conformed", "refund_id", "refund_date"),
    "payments": ("payment_id", "int_payments_conformed", "payment_id", "paid_date"),
    "app_events": ("event_id", "int_app_events_conformed", "event_id", "event_date"),
}
# Files whose rows have the date in a column of their own, as text that begins with it.
DATED = {
    "membership_events": "effective_on",
    "invoices": "invoiced_on",
    "people": "joined_on",
    "machines": "updated_at",
    "lifelog": "date",
}
# A class session that no schedule names has the day of its booking or check-in.
MOMENTS = {"bookings": "booked_at", "class_check_ins": "checked_in_at"}
# Lists, and what is said of something that another file dates: no matter of days.
UNDATED = ("plans", "products", "instructors", "class_types", "cancellations", "memberships")


class Dates:
    """Business dates, as a plain build of everything else that was known by `day` has them.

    `stays`: by (MAC address, gym, login). `events`: by (member, workout, session, time), the first of the workouts that
    begin or end then. All times in epoch seconds. `numbered`: by file and number. `uses`: by (member, machine, begin).
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
        self.numbered = {
            kind: dict(query(f"select cast({number} as varchar), {happened} from silver.{model}"))
            for kind, (_, model, number, happened) in NUMBERED.items()
        }
        self.uses = {
            tuple(key): used_on
            for *key, used_on in query(
                "select member_id, machine_id, cast(epoch(started_at) as bigint), session_date"
                " from silver.int_equipment_sessions_conformed"
            )
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
        plain = next((kind for kind in ("class_sessions", "app_events") if kind in file.name), None)
        return (plain, message) if plain else (message["topic"], json.loads(message["value"]))
    row = next(csv.DictReader(io.StringIO((file.head + line).decode("utf-8-sig"))))
    if file.name.startswith("members_"):
        return "people", row
    kinds = ("locations", "registered", "gym_logins", *DATED, *NUMBERED, *UNDATED)
    return next(kind for kind in kinds if kind in file.name), row


def _date_of(kind: str, row: dict, dates: Dates | None) -> date | None:
    """When it happened, by the calendar that counts for it; None: no matter."""
    if kind in UNDATED:
        return None
    if kind in DATED:
        return date.fromisoformat(row[DATED[kind]][:10])
    if kind in ("locations", "registered", "user_info"):
        column = {"locations": "updated_at", "registered": "registration_timestamp", "user_info": "timestamp"}[kind]
        return _utc_date(row[column])
    if dates is None:
        return None
    if kind in NUMBERED:
        moment = row.get(MOMENTS.get(kind, ""))
        return dates.numbered[kind].get(
            str(row[NUMBERED[kind][0]]), date.fromisoformat(moment[:10]) if moment else None
        )
    if kind == "equipment":
        return dates.uses.get((row["user_id"], row["machine_id"], _seconds(row["started"])))
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
