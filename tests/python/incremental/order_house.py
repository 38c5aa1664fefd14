"""A home in which schedules are played, each from an empty lake; and what its tables must then be."""

from __future__ import annotations

from datetime import timedelta
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
COUNTED_BY_FILE = ("gold.row_reconciliation", "silver.int_heart_rate_counted")
NAMED_BY_FILE = "batch"


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
