"""`python -m data_gen`: write a simulated chain's exports."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path

import click

from data_gen.chain.parameters import Parameters
from data_gen.writing.defect_plan import RATES, DefectPlan
from data_gen.writing.folder import ANSWER_KEY
from data_gen.simulate import Result, simulate
from gymhouse.console import explains_problems, out, progress, table
from gymhouse.files import write_atomic
from gymhouse.home import home

_SECONDS_BETWEEN_LINES = 10

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
@click.option("--members", default=Parameters.members, help="Members of the chain.")
@click.option("--days", default=Parameters.days, help="Days of exports, one file a day and table.")
@click.option(
    "--start", type=click.DateTime(["%Y-%m-%d"]), default=Parameters.start.isoformat(), help="First day (UTC)."
)
@click.option("--seed", default=Parameters.seed, help="Another seed draws another chain; the same one the same bytes.")
@click.option(
    "--heart-rate", type=int, show_default="a sixth of the workouts recorded",
    help="Number of heart-rate readings to aim at.",
)  # fmt: skip
@click.option("--defects", default="default", metavar="PLAN", help=DEFECTS_HELP)
@click.option("--replace", is_flag=True, help="Put this chain in the place of another one that the folder holds.")
@click.option("--json", "result_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result here.")
@explains_problems
def main(
    folder: Path | None, members: int, days: int, start: datetime, seed: int, heart_rate: int | None, defects: str,
    replace: bool, result_file: Path | None,
) -> None:  # fmt: skip
    """Simulate a gym chain and write what its systems would export: turnstile logins, device registrations, a topic of
    profile changes, workouts and heart rates, and daily lifelogs, with a known number of defects. `_answer_key.json`
    beside them tells every defect and the true figures."""
    chain = Parameters(members, days, start.date(), seed, heart_rate, DefectPlan.parse(defects))
    root = (folder or home().drops).expanduser().resolve()
    result = _with_progress(chain, root, replace)
    _tell(result)
    if result_file:
        write_atomic(result_file, json.dumps(_as_json(result), indent=1) + "\n")


def _with_progress(chain: Parameters, root: Path, replace: bool) -> Result:
    with progress("days") as bar:
        task, said = bar.add_task("simulating", total=chain.days), time.monotonic()

        def on_day(day: int) -> None:
            nonlocal said
            bar.advance(task)
            if bar.disable and time.monotonic() - said > _SECONDS_BETWEEN_LINES:
                said = time.monotonic()
                out.print(f"day {day + 1} of {chain.days} written")

        return simulate(chain, root, replace, on_day)


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
