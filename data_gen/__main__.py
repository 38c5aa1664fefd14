"""`python -m data_gen`: write a simulated chain's exports."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from pathlib import Path

import click

from data_gen.chain.parameters import FILES, MAX_MONTHS, READINGS, Parameters, days_of_months
from data_gen.memory import keep_memory
from data_gen.simulate import Range, Result, simulate
from data_gen.writing.defect_plan import RATES, DefectPlan
from data_gen.writing.folder import ANSWER_KEY
from gymhouse.console import explains_problems, out, progress, table
from gymhouse.files import write_atomic
from gymhouse.home import home

_SECONDS_BETWEEN_LINES = 10
_MONTHS = 24
_DATE = click.DateTime(["%Y-%m-%d"])

DEFECTS_HELP = (
    "How dirty the data is: off, default or heavy (ten times as dirty), then KIND=RATE to set single kinds as a "
    "share of their table's rows, as in `default,late_row=0.02`."
)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog="Kinds of defects: " + ", ".join(RATES) + ".",
)
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.",
    show_default="the home's drops folder",
)  # fmt: skip
@click.option("--members", default=Parameters.members, help="People who are members at some time.")
@click.option("--months", type=click.IntRange(1, MAX_MONTHS), default=_MONTHS, help="Calendar months of exports.")
@click.option("--days", type=int, show_default="the days of --months", help="Days of exports, for a short chain.")
@click.option("--start", type=_DATE, default=Parameters.start.isoformat(), help="First day (UTC).")
@click.option(
    "--from", "from_", type=_DATE, show_default="the chain's first day",
    help="Write only the exports of the days from this one on, as a run of the whole chain writes them.",
)  # fmt: skip
@click.option("--to", type=_DATE, show_default="the chain's last day", help="Last day to write the exports of.")
@click.option(
    "--files", type=click.Choice(FILES), default=Parameters.files,
    help="What a file holds: a day or a month of one table; auto is a day in chains of two months or less.",
)  # fmt: skip
@click.option("--seed", default=Parameters.seed, help="Another seed draws another chain; the same one the same bytes.")
@click.option(
    "--heart-rate", type=int, show_default=f"{READINGS:,}, or a sixth of the workouts if that is less",
    help="Number of heart-rate readings to aim at.",
)  # fmt: skip
@click.option("--defects", default="default", metavar="PLAN", help=DEFECTS_HELP)
@click.option(
    "--as-of", type=_DATE, multiple=True, show_default="the last day written",
    help="Tell what is true on this date, too; may be given several times.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(1), default=None, show_default="2, or 1 on one processor",
    help="Processes to share a long range of days.",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="Put this chain in the place of another one that the folder holds.")
@click.option("--json", "result_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result here.")
@explains_problems
def main(
    folder: Path | None, members: int, months: int, days: int | None, start: datetime, from_: datetime | None,
    to: datetime | None, files: str, seed: int, heart_rate: int | None, defects: str, as_of: tuple[datetime, ...],
    workers: int | None, replace: bool, result_file: Path | None,
) -> None:  # fmt: skip
    """Simulate a gym chain and write what its systems would export: members, memberships, invoices, classes, bookings,
    sales, app events, turnstile logins, a topic of profile changes, workouts, heart rates and machines, and daily
    lifelogs, with a known number of defects. `_answer_key.json` beside them tells every defect and the true figures."""
    keep_memory()
    days = days_of_months(start.date(), months) if days is None else days
    chain = Parameters(members, days, start.date(), seed, heart_rate, DefectPlan.parse(defects), files)
    part = Range(
        0 if from_ is None else chain.day_index(from_.date()),
        None if to is None else chain.day_index(to.date()) + 1,
        tuple(on.date() for on in as_of),
    )
    root = (folder or home().drops).expanduser().resolve()
    result = _with_progress(chain, root, replace, part, workers or min(2, os.cpu_count() or 1))
    _tell(result)
    if result_file:
        write_atomic(result_file, json.dumps(_as_json(result), indent=1) + "\n")


def _with_progress(chain: Parameters, root: Path, replace: bool, part: Range, workers: int) -> Result:
    days = (chain.days if part.behind is None else part.behind) - part.first
    with progress("days") as bar:
        task, said, written = bar.add_task("simulating", total=days), time.monotonic(), 0

        def on_day(day: int) -> None:
            nonlocal said, written
            bar.advance(task)
            written += 1
            if bar.disable and time.monotonic() - said > _SECONDS_BETWEEN_LINES:
                said = time.monotonic()
                out.print(f"{written} of {days} days written")

        return simulate(chain, root, replace, on_day, part=part, workers=workers)


def _tell(result: Result) -> None:
    if result.is_up_to_date:
        out.print(f"{result.root} is up to date: it holds this chain already ({_count(result.key):,} rows).")
        return
    shown = table(
        "exports", "files", "rows", "MB", "seconds", "rows/s", numbers=("files", "rows", "MB", "seconds", "rows/s")
    )
    for name, each in result.tables.items():
        shown.add_row(
            name, f"{each.files:,}", f"{each.rows:,}", f"{each.bytes / 1e6:,.1f}", f"{each.seconds:.2f}",
            f"{each.rows / max(each.seconds, 1e-9):,.0f}",
        )  # fmt: skip
    rows = sum(each.rows for each in result.tables.values())
    size = sum(each.bytes for each in result.tables.values())
    shown.add_row(
        "all", f"{sum(each.files for each in result.tables.values()):,}", f"{rows:,}", f"{size / 1e6:,.1f}",
        f"{result.seconds:.2f}", f"{rows / max(result.seconds, 1e-9):,.0f}", style="bold",
    )  # fmt: skip
    out.print(shown)
    defects = sum(defect["count"] for defect in result.key["defects"])
    out.print(f"{defects:,} defects are in them; {result.root / ANSWER_KEY} lists each and the true figures.")


def _count(key: dict) -> int:
    return sum(key["lines_written"].values())


def _as_json(result: Result) -> dict:
    return {
        "out": str(result.root),
        "answer_key": str(result.root / ANSWER_KEY),
        "up_to_date": result.is_up_to_date,
        "seconds": round(result.seconds, 3),
        "files": len(result.key["files"]),
        "rows": _count(result.key),
        "defects": sum(defect["count"] for defect in result.key["defects"]),
        "tables": [{"table": name, **vars(each)} for name, each in result.tables.items()],
    }


if __name__ == "__main__":
    main(prog_name="python -m data_gen")
