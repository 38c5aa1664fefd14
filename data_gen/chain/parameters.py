"""What a simulated chain is made from: its parameters, its gyms and its streams of chance."""

from __future__ import annotations

import zlib
from calendar import monthrange
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from data_gen.writing.defect_plan import DefectPlan
from gymhouse.console import Problem

DAY = 86_400
FIRST_USER_ID = 100_001
FIRST_DEVICE_ID = 5_000_001
# Numbers that no member, device or gym of the chain has.
FIRST_UNKNOWN_USER_ID = 4_900_001
FIRST_UNKNOWN_DEVICE_ID = 9_900_001
UNMAPPED_GYM = 199
# With those who left before and those who join later, all ids stay below the next range.
MAX_MEMBERS = 1_500_000
MAX_MONTHS = 120
READINGS = 2_000_000
FILES = ("auto", "day", "month")


@dataclass(frozen=True)
class Gym:
    """One club. `share` is its part of the members; a club that never closes has night visits."""

    number: int
    name: str
    city: str
    state: str
    zone: str
    share: float
    is_24h: bool = False


GYMS = (
    Gym(101, "Ironworks Midtown", "New York", "NY", "America/New_York", 0.26),
    Gym(102, "Ironworks Round the Clock", "Brooklyn", "NY", "America/New_York", 0.26, is_24h=True),
    Gym(103, "Ironworks Camelback", "Phoenix", "AZ", "America/Phoenix", 0.20),
    Gym(104, "Ironworks Mill Avenue", "Tempe", "AZ", "America/Phoenix", 0.15),
    Gym(105, "Ironworks Waikiki", "Honolulu", "HI", "Pacific/Honolulu", 0.13),
)


def days_of_months(start: date, months: int) -> int:
    """The days of so many calendar months from `start` on."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return (date(year, month + 1, min(start.day, last)) - start).days


@dataclass(frozen=True)
class Parameters:
    """The knobs. The same parameters always give the same bytes.

    Exports run at midnight UTC, so their days are UTC days; times are epoch seconds. `heart_rate` None aims at the
    usual number of readings, or fewer where the workouts are few. `files` says what one file holds (see `FILES`).
    """

    members: int = 10_000
    days: int = 731
    start: date = date(2024, 1, 1)
    seed: int = 7
    heart_rate: int | None = None
    defects: DefectPlan = field(default_factory=DefectPlan)
    files: str = "auto"

    def __post_init__(self):
        if not 1 <= self.members <= MAX_MEMBERS:
            raise Problem(f"--members {self.members} is out of range.", f"Give a number between 1 and {MAX_MEMBERS:,}.")
        if self.days < 1:
            raise Problem(f"--days {self.days} is out of range.", "Give at least one day.")
        if self.seed < 0:
            raise Problem(f"--seed {self.seed} is negative.", "Give 0 or more.")
        if self.files not in FILES:
            raise Problem(f"--files {self.files} is unknown.", f"Give one of: {', '.join(FILES)}.")
        if self.heart_rate is not None and self.heart_rate < 0:
            raise Problem(f"--heart-rate {self.heart_rate} is negative.", "Give 0 (no readings) or more.")

    @property
    def begin(self) -> int:
        """First second of the first day."""
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp())

    @property
    def end(self) -> int:
        """First second after the last day."""
        return self.begin + self.days * DAY

    @property
    def last_day(self) -> int:
        """Index of the last day; the first is 0."""
        return self.days - 1

    def date_of(self, day: int) -> date:
        """The date of day `day`."""
        return self.start + timedelta(days=int(day))

    def day_of(self, seconds: np.ndarray) -> np.ndarray:
        """Index of the day whose export carries what happened at `seconds`; what came before is in the first.

        What lies behind the last day has an index beyond it: no export carries it.
        """
        return np.maximum((np.asarray(seconds) - self.begin) // DAY, 0).astype(np.int32)

    def day_index(self, on: date) -> int:
        """Index of a date; days before the first are negative."""
        return (on - self.start).days

    def dice(self, purpose: str, day: int = 0) -> np.random.Generator:
        """An own stream of chance for each purpose and day, so that one part's draws never move another's."""
        return np.random.Generator(np.random.PCG64([self.seed, zlib.crc32(purpose.encode()), day]))

    def as_json(self) -> dict:
        """The parameters as the answer key carries them."""
        return asdict(self) | {"start": self.start.isoformat(), "defects": self.defects.as_json()}
