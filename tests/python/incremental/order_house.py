"""A home in which schedules are played, each from an empty lake; and what its tables must then be."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from built_home import BuiltHome
from drop_pieces import DropFile
from same_tables import differences
from schedules import COMPACT, FRESH, WHOLE, Build, Keeping, Schedule

from gymhouse.home import PROJECT
from ingest.contract import Retention
from ingest.lake import now

# How often a row came: another split or repetition gives other numbers.
HOW_OFTEN = ("copies_count",)
# Rows counted by file, and rows named by the file and line that they came in.
COUNTED_BY_FILE = ("gold.row_reconciliation", "gold.source_freshness", "silver.int_heart_rate_counted")
NAMED_BY_FILE = "batch"
# Raw tables that may lose rows to retention, and what is made of them: by the days that its slices are.
RETIRABLE = ("access.gym_logins", "app.events", "devices.workouts", "devices.bpm", "lifelog.daily")
MADE_OF_RETIRABLE = (
    "int_gym_logins_merged",
    "int_app_events_deduplicated",
    "int_workout_events_deduplicated",
    "int_heart_rate_deduplicated",
    "int_heart_rate_counted",
    "int_lifelog_deduplicated",
)
# The slices that lost rows, with the fingerprints of those they hold.
FROZEN = """
    select slice, version from slices.{model}
    where input = '' and slice in (
        select known.slice from slices.{model} as known
        inner join raw.operations__batches as batches
            on known.input_slice = batches.batch and known.input = batches.source_name || '.' || batches.table_name
        where batches.retired_at is not null
    )
"""


class OrderHouse(BuiltHome):
    """Plays schedules of the `files` of a chain.

    `reference` is the warehouse of all files, whole and in time, built once by `--full-refresh`.
    """

    def __init__(self, root: Path, files: list[DropFile], project: Path = PROJECT):
        super().__init__(root, project)
        self.files = files
        self.land_whole(files)
        self.must(FRESH)
        self.reference = self.keep(root / "reference.duckdb")

    def do(self, step: Build | Keeping) -> None:
        """Build, compact, or let go of all rejected rows."""
        if isinstance(step, Build):
            self.run(step)
        elif step == COMPACT:
            self.compact()
        else:
            self.retire(dict.fromkeys(self.dropped, Retention(rejected_days=1)), now() + timedelta(days=2))

    def play_retiring(self, schedule: Schedule, at: int) -> list[str]:
        """Play the schedule, one instalment a day, and tell what retention changed that it must not.

        Once instalment `at` is built, raw files of those before it go. From then on the slices that lost rows must stay
        as they are, whatever comes and is built, and everything must stay accounted for.
        """
        self.begin()
        noon = datetime(2025, 4, 1, 12)  # noqa: DTZ001
        frozen: dict[str, list[tuple]] = {}
        for day, (files, steps) in enumerate(zip(schedule.instalments(self.files), schedule.steps, strict=True)):
            self.land(files, noon + timedelta(days=day))
            for step in steps:
                # Now and then refused, for it would lose rows.
                self.dbt(step) if isinstance(step, Build) else self.do(step)
            if day == at:
                self.must(WHOLE)
                self.retire(dict.fromkeys(RETIRABLE, Retention(raw_days=1)), noon + timedelta(days=day + 1))
                frozen = {model: self.query(FROZEN.format(model=model)) for model in MADE_OF_RETIRABLE}
        self.must(WHOLE)
        told = [] if any(frozen.values()) else ["nothing was frozen"]
        for model, slices in frozen.items():
            now_held = set(self.query(FROZEN.format(model=model)))
            told += [f"{model}: the frozen slice {slice} changed" for slice in slices if slice not in now_held]
        unbalanced = self.query("from gold.row_reconciliation where not is_balanced")
        return told + [f"gold.row_reconciliation: {row}" for row in unbalanced]

    def play(self, schedule: Schedule) -> list[str]:
        """Play the schedule, build once more, and tell what is then not as it must be.

        After the last build the tables must be those of a `--full-refresh` over the same lake, to the last bit. And
        they must be those of the reference, but for what tells of files: see the names at the top of this module.
        """
        self.begin()
        for files, steps in zip(schedule.instalments(self.files), schedule.steps, strict=True):
            self.land(files)
            for step in steps:
                self.do(step)
        self.must(WHOLE)
        left = self.keep(self.root / "left.duckdb")
        self.must(FRESH)
        same_lake = differences(
            left,
            self.home.warehouse,
            dict.fromkeys(self.tables, ()),
            ("as left by the schedule", "after --full-refresh"),
        )
        told_by_all = {
            table: HOW_OFTEN
            for table, columns in self.tables.items()
            if NAMED_BY_FILE not in columns and table not in COUNTED_BY_FILE
        }
        same_rows = differences(
            left, self.reference, told_by_all, ("as left by the schedule", "when all came whole and in time")
        )
        return same_lake + same_rows
