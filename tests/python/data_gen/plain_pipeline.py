"""The rules of silver in plain Python over the files as they lie: csv, json, dictionaries, no code of the simulator.

Slow and simple on purpose: it is what the answer key is held against.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

TOPICS = {"user_info": "crm.profile_changes", "workout": "devices.workouts", "bpm": "devices.bpm"}
# Topics that are others' to read.
OTHER_TOPICS = {"equipment"}
CSV_FILES = {
    "locations": "club.locations", "gym_logins": "access.gym_logins", "lifelog": "lifelog.daily",
    "registered_users": "devices.registered_devices",
}  # fmt: skip
LIFELOG_RANGES = {
    "age": (18, 100), "steps": (1, 50_000), "heart_rate_avg": (30, 200), "sleep_hours": (2, 16),
    "calories_burned": (500, 8000), "exercise_minutes": (0, 600), "stress_level": (1, 10), "weight_kg": (30, 200),
    "bmi": (10, 60),
}  # fmt: skip


class Unusable(Exception):
    """A row that cannot be typed or lacks its key."""


def whole(value) -> int | None:
    if value in (None, ""):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Unusable(value) from None
    if number != int(number):
        raise Unusable(value)
    return int(number)


def real(value) -> float | None:
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Unusable(value) from None


def day(value) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise Unusable(value) from None


def birth_date(value) -> date | None:
    try:
        return datetime.strptime(value, "%m/%d/%Y").replace(tzinfo=UTC).date() if value else None
    except ValueError:
        raise Unusable(value) from None


def text(value) -> str | None:
    return value or None


TYPES = {
    "club.locations": {"gym": whole, "time_zone": text, "updated_at": whole},
    "access.gym_logins": {"mac_address": text, "gym": whole, "login": whole, "logout": whole},
    "devices.registered_devices": {
        "user_id": whole, "device_id": whole, "mac_address": text, "registration_timestamp": whole,
    },
    "crm.profile_changes": {
        "user_id": whole, "sequence": whole, "timestamp": whole, "update_type": text, "dob": birth_date,
        "sex": text, "gender": text, "first_name": text, "last_name": text, "street_address": text, "city": text,
        "state": text, "zip": str,
    },
    "devices.workouts": {
        "user_id": whole, "workout_id": whole, "session_id": whole, "timestamp": whole, "action": text,
    },
    "devices.bpm": {"device_id": whole, "time": whole, "heartrate": real},
    "lifelog.daily": {
        "user_id": whole, "date": day, "gender": text, "activity_type": text, "height_cm": real, "age": whole,
        "steps": whole, "stress_level": whole, "heart_rate_avg": real, "sleep_hours": real, "calories_burned": real,
        "exercise_minutes": real, "weight_kg": real, "bmi": real,
    },
}  # fmt: skip
KEYS = {
    "club.locations": ("gym", "updated_at"),
    "access.gym_logins": ("mac_address", "gym", "login"),
    "devices.registered_devices": ("user_id", "device_id"),
    "crm.profile_changes": ("user_id", "timestamp", "update_type"),
    "devices.workouts": ("user_id", "workout_id", "session_id", "timestamp", "action"),
    "devices.bpm": ("device_id", "time"),
    "lifelog.daily": ("user_id", "date"),
}


class Bronze:
    """Reads every file: typed rows by table, and how many were read and rejected."""

    def __init__(self, root: Path):
        self.read, self.rejected = Counter(), Counter()
        self.rows: dict[str, list[dict]] = defaultdict(list)
        landed = set()
        for path in sorted(root.glob("[!_]*/*")):
            table, content = CSV_FILES.get(path.stem.rsplit("_", 1)[0]), path.read_bytes()
            if path.stem.startswith("multiplex_"):
                for line in content.decode("utf-8-sig").splitlines():
                    if line.strip():
                        self._message(line)
            elif table and (table, content) not in landed:
                # A file that is byte for byte another one of its table lands but once.
                landed.add((table, content))
                for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
                    self._row(table, row)

    def _message(self, line: str) -> None:
        try:
            message = json.loads(line)
            if message["topic"] in OTHER_TOPICS:
                return
            table = TOPICS[message["topic"]]
        except (ValueError, KeyError, TypeError):
            self.read["devices.multiplex"] += 1
            self.rejected["devices.multiplex"] += 1
            return
        try:
            row = json.loads(message["value"])
        except ValueError:
            self.read[table] += 1
            self.rejected[table] += 1
            return
        self._row(table, {**row, **row.pop("address", {})})

    def _row(self, table: str, raw: dict) -> None:
        self.read[table] += 1
        try:
            row = {column: as_type(raw.get(column)) for column, as_type in TYPES[table].items()}
        except Unusable:
            self.rejected[table] += 1
            return
        if any(row[column] is None for column in KEYS[table]):
            self.rejected[table] += 1
        else:
            self.rows[table].append(row)


class Silver:
    """The rules of silver: what is kept of each table, and how many rows were duplicates or quarantined."""

    def __init__(self, bronze: Bronze):
        self.bronze = bronze
        self.quarantined: dict[str, Counter] = defaultdict(Counter)
        self.kept: dict[str, list] = {}
        self._registrations()
        self._profiles()
        self._stays()
        self._workouts()
        self._readings()
        self._lifelog()
        self.kept["club.locations"] = self.distinct("club.locations")

    def counts(self, table: str) -> dict[str, int]:
        bronze, silver = len(self.bronze.rows[table]), len(self.kept[table])
        quarantined = sum(self.quarantined[table].values())
        return {
            "rows_read": self.bronze.read[table],
            "rejected": self.bronze.rejected[table],
            "bronze": bronze,
            "duplicates": bronze - silver - quarantined,
            "quarantined": quarantined,
            "silver": silver,
        }

    def distinct(self, table: str) -> list[dict]:
        return list({tuple(row.values()): row for row in self.bronze.rows[table]}.values())

    def _quarantine(self, table: str, row: dict, rule: str) -> None:
        """Once for each time that the row came, as landing counts rows."""
        self.quarantined[table][rule] += self._times[table][tuple(row.values())]

    @property
    def _times(self) -> dict[str, Counter]:
        if not hasattr(self, "_counted"):
            self._counted = {t: Counter(tuple(row.values()) for row in rows) for t, rows in self.bronze.rows.items()}
        return self._counted

    def _registrations(self) -> None:
        first: dict[tuple, dict] = {}
        for row in sorted(self.bronze.rows["devices.registered_devices"], key=lambda r: r["registration_timestamp"]):
            first.setdefault((row["user_id"], row["device_id"]), row)
        self.kept["devices.registered_devices"] = list(first.values())
        self.owners: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.device_of_mac = {}
        for row in first.values():
            self.owners[row["device_id"]].append((row["registration_timestamp"], row["user_id"]))
            self.device_of_mac[row["mac_address"]] = row["device_id"]

    def owner(self, device: int, at: int) -> int:
        history = sorted(self.owners[device])
        return [user for since, user in history if since <= at][-1] if history[0][0] <= at else history[0][1]

    def _profiles(self) -> None:
        kept = []
        for row in self.distinct("crm.profile_changes"):
            if row["update_type"] in ("new", "update", "delete"):
                kept.append(row)
            else:
                self._quarantine("crm.profile_changes", row, "unknown_update_type")
        kept.sort(key=lambda r: (r["sequence"], r["timestamp"]))
        self.kept["crm.profile_changes"] = kept
        self.log: dict[int, list[dict]] = defaultdict(list)
        for row in kept:
            self.log[row["user_id"]].append(row)

    def _stays(self) -> None:
        logouts: dict[tuple, list[int]] = defaultdict(list)
        for row in self.bronze.rows["access.gym_logins"]:
            after = [row["logout"]] if row["logout"] is not None and row["logout"] > row["login"] else []
            logouts[row["mac_address"], row["gym"], row["login"]] += after
        self.kept["access.gym_logins"] = [(*key, max(found, default=None)) for key, found in sorted(logouts.items())]

    def _workouts(self) -> None:
        known = {*self.log, *(r["user_id"] for r in self.kept["devices.registered_devices"])}
        kept, by_session = [], defaultdict(list)
        for row in self.distinct("devices.workouts"):
            if row["action"] not in ("start", "stop"):
                self._quarantine("devices.workouts", row, "unknown_action")
            elif row["user_id"] not in known:
                self._quarantine("devices.workouts", row, "unknown_member")
            else:
                kept.append(row)
                by_session[row["user_id"], row["workout_id"], row["session_id"]].append(
                    (row["timestamp"], row["action"])
                )
        self.kept["devices.workouts"] = kept
        self.complete, self.incomplete = [], Counter()
        for key, events in by_session.items():
            waiting = None
            for at, action in sorted(events):
                if action == "start":
                    self.incomplete["no_stop"] += waiting is not None
                    waiting = at
                elif waiting is None:
                    self.incomplete["no_start"] += 1
                else:
                    if at - waiting < 3 * 3600:
                        self.complete.append((*key, waiting, at))
                    else:
                        self.incomplete["too_long"] += 1
                    waiting = None
            self.incomplete["no_stop"] += waiting is not None

    def _readings(self) -> None:
        kept = []
        for row in self.distinct("devices.bpm"):
            if row["device_id"] in self.owners:
                kept.append(row)
            else:
                self._quarantine("devices.bpm", row, "device_not_registered")
        self.kept["devices.bpm"] = kept
        of_user = defaultdict(list)
        for workout in self.complete:
            of_user[workout[0]].append(workout)
        self.valid, self.of_workout = 0, defaultdict(list)
        for row in kept:
            bpm = row["heartrate"]
            is_valid = bpm is not None and 25 <= bpm <= 240
            self.valid += is_valid
            for workout in of_user[self.owner(row["device_id"], row["time"])]:
                if workout[3] < row["time"] <= workout[4]:
                    self.of_workout[workout].append(bpm if is_valid else None)

    def _lifelog(self) -> None:
        kept = []
        for row in self.distinct("lifelog.daily"):
            for column, (least, most) in LIFELOG_RANGES.items():
                value = row[column]
                if value is not None and not least <= max(value, 0) <= most:
                    self._quarantine("lifelog.daily", row, f"{column}_out_of_range")
                    break
            else:
                kept.append(row)
        self.kept["lifelog.daily"] = kept

    def gym_summary_rows(self) -> int:
        starts, logins = defaultdict(list), defaultdict(list)
        for user, _, _, start, _ in self.complete:
            starts[user].append(start)
        for mac, _, login, _ in self.kept["access.gym_logins"]:
            logins[mac].append(login)
        rows = 0
        for mac, _, login, logout in self.kept["access.gym_logins"]:
            if mac not in self.device_of_mac:
                continue
            next_login = min((other for other in logins[mac] if other > login), default=2**40)
            until = logout if logout is not None else min(login + 6 * 3600, next_login - 1)
            rows += sum(login <= start <= until for start in starts[self.owner(self.device_of_mac[mac], login)])
        return rows

    def stays_per_gym_and_day(self) -> dict[tuple[int, str], tuple[int, int]]:
        zones = {row["gym"]: row["time_zone"] for row in self.kept["club.locations"]}
        found: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
        for _, gym, login, logout in self.kept["access.gym_logins"]:
            local = datetime.fromtimestamp(login, ZoneInfo(zones.get(gym, "UTC"))).date()
            found[gym, local.isoformat()][0] += 1
            found[gym, local.isoformat()][1] += logout is None
        return {key: tuple(counts) for key, counts in found.items()}
