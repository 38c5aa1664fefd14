"""Exports with the values on which engines are known to part ways, for every source: rare, odd, but possible."""

from __future__ import annotations

import csv
import json
from pathlib import Path

NEW_YEAR = 1735689600  # 2025-01-01
LONG_AGO = -30636000000  # in the year 999
BEFORE_1970 = -280000000  # 1961-02-15
MINE, TWIN, OLD = 970001, 970002, 970003
MAC = "aa:bb:cc:97:00:01"
MOVED, GONE = 100001, 100003  # members of the simulated chain

LOCATIONS = [
    # A zone that only newer time-zone data knows; a tie of something and nothing.
    {"gym": 901, "location_name": "Hinterland", "time_zone": "America/Coyhaique", "updated_at": NEW_YEAR},
    {"gym": 901, "location_name": "", "time_zone": "", "updated_at": NEW_YEAR},
    {"gym": 902, "location_name": "İSTANBUL ΑΓΟΡΑΣ ", "time_zone": "Europe/Istanbul", "updated_at": NEW_YEAR},
    # The ends of the calendar day, half and quarter hours, daylight saving by half an hour.
    {"gym": 903, "location_name": "Line Islands", "time_zone": "Pacific/Kiritimati", "updated_at": NEW_YEAR},
    {"gym": 904, "location_name": "Howland", "time_zone": "Etc/GMT+12", "updated_at": NEW_YEAR},
    {"gym": 905, "location_name": "Valley", "time_zone": "Asia/Kathmandu", "updated_at": NEW_YEAR},
    {"gym": 906, "location_name": "Reef", "time_zone": "Australia/Lord_Howe", "updated_at": NEW_YEAR},
    {"gym": 907, "location_name": None, "time_zone": "Mars/Olympus", "updated_at": 10**15},
]
DEVICES = [
    # Registered twice in one second, once without an address; blanks around it that are no spaces.
    {"user_id": MINE, "device_id": 1, "mac_address": "", "registration_timestamp": NEW_YEAR},
    {"user_id": MINE, "device_id": 1, "mac_address": f"\u00a0{MAC.upper()}\t", "registration_timestamp": NEW_YEAR},
    # Passed on in that very second, and back again.
    {"user_id": TWIN, "device_id": 1, "mac_address": MAC, "registration_timestamp": NEW_YEAR},
    {"user_id": OLD, "device_id": 2, "mac_address": "ΑΣ:İ", "registration_timestamp": LONG_AGO},
    {"user_id": OLD, "device_id": 3, "mac_address": "", "registration_timestamp": -(10**17)},
]
LOGINS = [
    {"mac_address": f"{MAC}\u00a0", "gym": gym, "login": login, "logout": logout}
    for gym in (901, 902, 903, 904, 905, 906, 907, 999)
    for login, logout in [
        (1743865200, 1743868800),  # 2025-04-05 15:00 UTC: in half an hour Lord Howe ends daylight saving
        (1743866999, ""),
        (1741503599, 1741503601),  # one second to midnight UTC, over it
        (1741478400, 1741478400),  # out when in
        (BEFORE_1970, BEFORE_1970 + 5400),
    ]
] + [
    {"mac_address": "ΑΣ:İ", "gym": 901, "login": LONG_AGO, "logout": LONG_AGO + 60},
    {"mac_address": "ΑΣ:İ", "gym": 901, "login": LONG_AGO + 90, "logout": 253402214399},
    {"mac_address": "ΑΣ:İ", "gym": 901, "login": LONG_AGO + 95, "logout": 253402300799},
    {"mac_address": "ΑΣ:İ", "gym": 903, "login": 9223372036854775807, "logout": -9223372036854775808},
]
PROFILE = {"sex": "F", "gender": "F", "address": {"city": "Ay", "state": None, "zip": "00501"}}
PROFILES = [
    # One second, no sequence, no offset: only content settles the order, and some of it is missing.
    {"update_type": "new", "first_name": None, "last_name": "Ölü", "dob": "02/29/2000"},
    {"update_type": "update", "first_name": "ANNA ", "last_name": None, "dob": None},
    {"update_type": "update", "first_name": "Anna", "last_name": 'o\'Brien "x"', "dob": "1999-12-31"},
    {"update_type": "update", "first_name": "", "last_name": "𝒳 \\ | ~null~", "dob": "0001-01-01"},
    {"update_type": " Update\u00a0", "first_name": "Ａ", "last_name": "İΣ", "dob": "9999-12-31"},
]
CHANGES = [{"user_id": MINE, "timestamp": NEW_YEAR, **PROFILE, **profile} for profile in PROFILES]
CHANGES += [
    {"user_id": user, "timestamp": when, "sequence": sequence, "update_type": kind, **PROFILE, "dob": "1950-06-30"}
    for user, when, sequence, kind in [
        (OLD, LONG_AGO, None, "new"),
        (OLD, BEFORE_1970, -1, "update"),
        (OLD, NEW_YEAR, 0, "delete"),
        (OLD, NEW_YEAR, 9223372036854775807, "new"),
        (MOVED, 1743865200, 10**12, "update"),
        (GONE, 1743865200, 10**12, "delete"),
    ]
]
WORKOUTS = [
    {"user_id": user, "workout_id": workout, "session_id": session, "timestamp": when, "action": action}
    for user, workout, session, when, action in [
        (TWIN, 1, 1, 1743865200, "start"),
        (TWIN, 1, 1, 1743865200, "stop"),
        (TWIN, 1, 2, 1743866000, " Start\u00a0"),
        (TWIN, 1, 2, 1743866900, "STOP"),
        (TWIN, 1, 10, 1743866100, "start"),  # in text 10 comes before 2
        (TWIN, 1, 10, 1743866200, "stop"),
        (TWIN, 2, 1, 1741503599, "start"),
        (TWIN, 2, 1, 1741503599 + 10799, "stop"),
        (TWIN, 3, 1, BEFORE_1970 + 1, "start"),
        (TWIN, 3, 1, BEFORE_1970 + 10801, "stop"),
        (OLD, 1, 1, LONG_AGO, "start"),
        (OLD, 1, 1, LONG_AGO + 59, "stop"),
        (OLD, 1, 1, 253402300799, "stop"),
    ]
]
# Halves that binary cannot hold, borders of what is valid, the smallest and the largest.
BEATS = [132.5305, 132.55949999999999, 129.5305, 130.8465, 65.4515, 143.17849999999999, 165.85795, 100.0005, 100.0015]
BEATS += [25, 24.999999999999996, 240, 240.00000000000003, 0, -0.0, 5e-324, 1.7976931348623157e308, 255, None]
READINGS = [
    {"device_id": 1, "time": start + number * 7, "heartrate": beats}
    for start in (1743866000, 1741503599, BEFORE_1970)
    for number, beats in enumerate(BEATS)
] + [{"device_id": 1, "time": 1743866700, "heartrate": beats} for beats in (100, None, 0, 99.9, 255)]
DAY = {"user_id": 970001, "steps": 5000}
LIFELOGS = [
    {**DAY, "date": "2025-01-01", "weight_kg": 165.85795, "bmi": 24.93124999999998, "sleep_hours": 7.00005},
    {**DAY, "date": "2025-01-30", "weight_kg": 160.85794999999999, "bmi": 18.5, "stress_level": 9},
    {**DAY, "date": "2025-01-31", "weight_kg": 170.85805, "bmi": 18.49999, "calories_burned": 2202.34365},
    # A height that no number of nine digits holds; beside it everything that the basal rate needs.
    {**DAY, "date": "2025-02-01", "height_cm": 1e15, "age": 30, "gender": " M", "weight_kg": 80.00005, "steps": 1},
    {**DAY, "date": "2025-02-02", "height_cm": -1, "steps": -1, "stress_level": -5, "exercise_minutes": -0.0},
    # Ties of something and nothing.
    {**DAY, "date": "2025-02-03", "activity_type": " ΤΡΕΞΙΜΟΣ ", "height_cm": 0},
    {**DAY, "date": "2025-02-03", "activity_type": "\u00a0İP ATLAMA", "gender": "F"},
    {**DAY, "date": "2025-02-03", "activity_type": "", "gender": "\t"},
    {**DAY, "date": "1969-12-31", "steps": 50000},
]
REFUNDS = [
    # Of no sale that is known, of nothing, of a second before 1970, of half a cent too much.
    {"refund_id": 1, "sale_id": 97, "line_number": 1, "refunded_at": "2025-03-09T06:59:59Z", "quantity": 1,
     "amount": amount, "currency": "USD", "reason": reason}
    for amount, reason in [("9.99", " Unopened\u00a0"), ("9.99", None), ("0.01", "ΑΣ"), ("9.995", "other")]
] + [
    {"refund_id": 2, "sale_id": 97, "line_number": 2, "refunded_at": "1961-02-15T06:13:20Z", "quantity": 0,
     "amount": "0", "currency": None, "reason": "other"},
]  # fmt: skip
RUN = {
    "run_id": "20250101T000000Z",
    "started_at": "2025-01-01T00:00:00Z",
    "ended_at": "2025-01-01T00:01:00Z",
    "status": "published",
    "seconds": 60.000049999999995,
    "rows_read": 9007199254740993,
}


def write_corners(folder: Path) -> Path:
    """Write the exports to `folder`, and return it."""
    folder.mkdir(parents=True)
    _csv(folder / "corners_locations.csv", LOCATIONS)
    _csv(folder / "corners_registered_devices.csv", DEVICES)
    _csv(folder / "corners_gym_logins.csv", LOGINS)
    _csv(folder / "corners_lifelog.csv", LIFELOGS)
    _csv(folder / "corners_refunds.csv", REFUNDS)
    _topic(folder / "corners_user_info.json", "user_info", CHANGES)
    _topic(folder / "corners_workout.json", "workout", WORKOUTS)
    _topic(folder / "corners_bpm.json", "bpm", READINGS)
    (folder / "run_report.json").write_text(json.dumps(RUN))
    return folder


def _csv(file: Path, rows: list[dict]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, columns)
        writer.writeheader()
        writer.writerows(rows)


def _topic(file: Path, topic: str, messages: list[dict]) -> None:
    lines = [{"topic": topic, "value": json.dumps(message)} for message in messages]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
