"""Files that reach into a chain's past: each changes rows that were built long before it came."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

from data_gen.chain.parameters import DAY, FIRST_USER_ID, Parameters

YEAR = 365 * DAY


def write_late_files(folder: Path, chain: Parameters, drops: Path) -> Path:
    """Write them to the new `folder` for the `chain` whose drops lie in `drops`; returns the folder."""
    folder.mkdir(parents=True)
    device = first_device(drops)
    user, heir = int(device["user_id"]), FIRST_USER_ID + 7
    middle = chain.begin + chain.days // 2 * DAY
    long_ago = chain.begin - YEAR
    # Gyms change their zone, which moves their days; an older row of another gym says nothing any more.
    write_csv(folder / "late_locations.csv", [
        {"gym": 103, "location_name": "Camelback", "time_zone": "Asia/Tokyo", "updated_at": chain.begin + 1},
        {"gym": 105, "location_name": "Moved", "time_zone": "Europe/Berlin", "updated_at": middle},
        {"gym": 104, "location_name": "Before", "time_zone": "Asia/Tokyo", "updated_at": chain.begin - 1},
    ])  # fmt: skip
    # The device had another owner from the middle on, and was the first owner's before we knew.
    write_csv(folder / "late_registered_devices.csv", [
        {**device, "user_id": heir, "registration_timestamp": middle},
        {**device, "registration_timestamp": long_ago},
    ])  # fmt: skip
    write_csv(folder / "late_gym_logins.csv", [
        {"mac_address": device["mac_address"], "gym": gym, "login": login, "logout": logout}
        for gym, login, logout in [
            (101, long_ago, long_ago + 3600),
            # Open until the next login is known.
            (101, long_ago + 2 * 3600, ""),
            (102, long_ago + 4 * 3600, ""),
            (101, long_ago + 4 * 3600, long_ago + 9 * 3600),
            (101, middle - 600, ""),
        ]
    ])  # fmt: skip
    write_csv(folder / "late_lifelog.csv", [
        {"user_id": FIRST_USER_ID, "date": (chain.start - timedelta(days=days)).isoformat(), **measured}
        for days in (365, 29, 1, 0)
        for measured in ({"steps": 9000 + days, "weight_kg": 80.5}, {"steps": 100, "stress_level": 9})
    ])  # fmt: skip
    # Known to be earlier by number, by time, and a deletion that a later change undoes.
    write_topic(folder / "late_user_info.json", "user_info", [
        {"user_id": FIRST_USER_ID + member, "sequence": number, "timestamp": at, "update_type": kind,
         "dob": "1980-05-17", "last_name": f"Late {number}", "address": {"city": "Elsewhere", "state": "NV"}}
        for member, number, at, kind in [
            (0, -1, long_ago, "new"),
            (1, 0, middle, "update"),
            (2, 10**6, middle, "delete"),
            (3, 10**6, middle, "delete"),
            (3, 10**6 + 1, middle + 1, "new"),
            (4, 10**6, long_ago, "update"),
        ]
    ])  # fmt: skip
    write_topic(folder / "late_workout.json", "workout", [
        {"user_id": user, "workout_id": 900 + number, "session_id": 1, "timestamp": at, "action": action}
        for number, start in enumerate((long_ago + 60, long_ago + 2 * 3600 + 60, chain.begin - 900, middle - 300))
        for at, action in ((start, "start"), (start + 1800, "stop"))
    ])  # fmt: skip
    write_topic(folder / "late_bpm.json", "bpm", [
        {"device_id": int(device["device_id"]), "time": start + second, "heartrate": 90 + second % 50}
        for start in (long_ago + 60, long_ago + 2 * 3600 + 60, chain.begin - 900, middle - 300)
        for second in range(0, 1850, 100)
    ])  # fmt: skip
    return folder


def first_device(drops: Path) -> dict:
    """The first registration of the chain that can be read."""
    with (sorted((drops / "devices").glob("registered_users_*.csv"))[0]).open(encoding="utf-8-sig") as file:
        return next(row for row in csv.DictReader(file) if row["user_id"].isdigit() and row["mac_address"])


def write_csv(file: Path, rows: list[dict]) -> None:
    """Write the rows, with all columns that one of them has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_topic(file: Path, topic: str, messages: list[dict]) -> None:
    """Write the messages as the log of a topic holds them."""
    lines = [{"topic": topic, "value": json.dumps(message)} for message in messages]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
