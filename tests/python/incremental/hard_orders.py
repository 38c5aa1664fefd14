"""The chain that schedules are played with, and the orders of arrival that ask most of the tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from drop_pieces import DropFile, drop_files
from late_files import write_late_files
from parity.corners import write_corners
from schedules import COMPACT, FRESH, RETIRE_REJECTS, WHOLE, Arrival, Build, Schedule, due_in

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from data_gen.writing.defect_plan import DefectPlan

# The night of 9 March, in which New York's clocks are put forward, lies within.
CHAIN = Parameters(
    members=160, days=8, start=date(2025, 3, 5), heart_rate=6_000, defects=DefectPlan.parse("heavy,late_row=0.05")
)
DATES = [CHAIN.date_of(day).isoformat() for day in (1, 4, 6)]


def chain_files(root: Path) -> list[DropFile]:
    """The chain's files, those that reach into its past, and those with odd values; written below `root`."""
    simulate(CHAIN, root / "chain")
    late = write_late_files(root / "late", CHAIN, root / "chain")
    corners = write_corners(root / "corners")
    (corners / "run_report.json").unlink()  # a file of the pipeline, known by its whole name
    return drop_files(root / "chain", late, corners)


def arriving(file: DropFile, files: list[DropFile], instalments: int, *at: int, **otherwise) -> Arrival:
    """The arrival of `file` whose parts come in the instalments `at`, whenever they are due."""
    due = due_in(file, files, instalments)
    return Arrival(tuple((each - due) % instalments for each in at), **otherwise)


def what_others_need_comes_last(files: list[DropFile]) -> Schedule:
    """Who owns which device, where gyms are, who the members are: known when all that needs them was built."""
    needed = [file for file in files if "locations" in file.name or "registered" in file.name]
    topics = [file for file in files if "multiplex" in file.name]
    last = {file.name: arriving(file, files, 3, 2) for file in needed}
    # Profiles, workouts, heart rates.
    mixed = {file.name: arriving(file, files, 3, 2, 1, 0, cut="by topic") for file in topics}
    return Schedule({**last, **mixed}, ((WHOLE, COMPACT), (RETIRE_REJECTS, WHOLE), (COMPACT, WHOLE)))


def the_newest_first_in_pieces_and_crashes(files: list[DropFile]) -> Schedule:
    """Days backwards and rows backwards, each file in two, a third of it twice, and no build between that is whole."""
    pieces = {
        file.name: arriving(
            file, files, 4, newest := 3 - due_in(file, files, 4), min(newest + 1, 3),
            cut="alternating", backwards=True, again=number % 4,
        )
        for number, file in enumerate(files)
    }  # fmt: skip
    between = (
        (WHOLE, COMPACT, Build(("run", "--select", "+int_workouts_paired"))),
        (Build(("run", "--exclude", "int_heart_rate_deduplicated+")), Build(stop_at=180, is_killed=True)),
        (Build(stop_at=250), COMPACT, RETIRE_REJECTS, Build(("run", "--select", "gym_summary_daily"))),
        (FRESH, Build(("run", "--vars", f"as_of: {DATES[1]}"))),
    )
    return Schedule(pieces, between)
