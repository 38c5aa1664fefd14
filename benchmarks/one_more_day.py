"""What a day costs after a short and a long history: `python -m benchmarks.one_more_day [--history 10,100,400]`.

Draws one chain with a wearable vendor's readings, a day longer than the longest history. Each home gets the days
before the last one, as many as its history has, in one run (of members and devices all that is known before, so that
the last day means the same to all); then the last day's files, the same bytes in each home, are dropped and the run of
that day is timed. Prints the seconds of its steps, medians of several homes, and their ratio to the first history's.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
from datetime import date, timedelta
from pathlib import Path

import click

from benchmarks.runs import Run, nodes, run_pipeline, workplace
from benchmarks.wearable_vendor import SECONDS_A_MEMBER_DAY, chain_of, make
from data_gen.chain.parameters import Parameters
from gymhouse.console import explains_problems, out, progress, table
from gymhouse.home import Home

AIM = 1.3
DISK = 60  # bytes a reading
# Kept of the time before a history: who the members are, and what they wear.
_OF_MEMBERS = (
    "registered_users",
    "locations",
    "members",
    "plans",
    "membership",
    "instructors",
    "class_types",
    "machines",
    "products",
)
_PROFILE = '"topic":"user_info"'
_STEPS = ("land", "history", "build", "gate", "publish")


def lay_out(drops: Path, chain: Parameters, days: int, folder: Path) -> tuple[Path, Path]:
    """Two folders of drops in `folder`: the `days` before the last one, and the last one alone."""
    last = chain.date_of(chain.last_day)
    first = last - timedelta(days=days)
    before, after = folder / "history", folder / "day"
    for path in sorted(path for path in drops.rglob("*") if path.is_file()):
        if "_answer_key" in path.relative_to(drops).as_posix():
            continue
        day = date.fromisoformat(re.search(r"\d{4}-\d\d-\d\d", path.name)[0])
        to = (after if day == last else before) / path.relative_to(drops)
        to.parent.mkdir(parents=True, exist_ok=True)
        if day >= first or path.name.startswith(_OF_MEMBERS):
            to.hardlink_to(path)
        elif path.suffix == ".jsonl":
            with path.open() as lines, to.open("w") as kept:
                kept.writelines(line for line in lines if _PROFILE in line)
    return before, after


def one(place: Path, drops: Path, chain: Parameters, days: int, memory: str, processors: str) -> dict:
    """Build a history of so many days in a new home, then run one more day: what both cost."""
    folder = place / "turn"
    folder.mkdir()
    history, day = lay_out(drops, chain, days, folder)
    home = Home(folder / "home")
    first = run_pipeline(home, history, processors, GYMHOUSE_MEMORY=memory)
    last = run_pipeline(home, day, processors, GYMHOUSE_MEMORY=memory)
    told = {"days": days, "history": _told(first), "day": _told(last) | {"nodes": nodes(home)[:20]}}
    shutil.rmtree(folder)
    return told


def _told(run: Run) -> dict:
    cost = {"seconds": run.cost.seconds, "work": run.cost.work, "memory": run.cost.memory}
    return cost | {"rows": run.rows, "steps": run.steps}


def show(turns: list[dict], lengths: list[int]) -> None:
    """Print the medians by length of the history."""
    columns = ("rows before", "land", "build", "the day", "work", "ratio", "ratio of work")
    shown = table("days before", *columns, numbers=columns)
    rows = []
    for length in lengths:
        of_day = [turn["day"] for turn in turns if turn["days"] == length]
        first = [turn["day"] for turn in turns if turn["days"] == lengths[0]]
        before = statistics.median(turn["history"]["rows"] for turn in turns if turn["days"] == length)
        steps = [f"{statistics.median(day['steps'].get(step, 0) for day in of_day):.1f}" for step in _STEPS]
        whole = f"{statistics.median(day['seconds'] for day in of_day):.1f} s"
        ratio, of_work = (
            statistics.median(one[what] / other[what] for one, other in zip(of_day, first, strict=True))
            for what in ("seconds", "work")
        )
        memory = f"{max(day['memory'] for day in of_day) / 1e6:,.0f} MB"
        work = f"{statistics.median(day['work'] for day in of_day):.1f} s"
        shown.add_row(f"{length}", f"{before:,.0f}", steps[0], steps[2], whole, work, f"{ratio:.2f}", f"{of_work:.2f}")
        rows.append(f"| {' | '.join([f'{length}', f'{before:,.0f}', *steps, whole, memory])} | **{ratio:.2f}** |")
    out.print(shown)
    out.print(
        f"rows of the day: {turns[0]['day']['rows']:,}; aim: {AIM} at most from {lengths[0]} to {lengths[-1]} days"
    )
    out.print("\nfor docs/performance.md:")
    out.print("\n".join(rows), markup=False)


@click.command()
@click.option("--history", default="10,100,400", show_default=True, help="Days of history, one home each.")
@click.option("--members", default=1000, show_default=True, help="Members of the chain: they make the size of a day.")
@click.option("--rounds", default=3, show_default=True, help="Homes of each length, in turn.")
@click.option("--memory", default="8GB", show_default=True, help="What DuckDB may use before it spills.")
@click.option("--processors", default="0,1", show_default=True, help="The processors to run on; empty: all.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data goes for the time being.")
@click.option("--json", "result_file", type=click.Path(path_type=Path), help="Write the numbers here, too.")
@explains_problems
def main(
    history: str, members: int, rounds: int, memory: str, processors: str, folder: Path | None, result_file: Path | None
) -> None:
    """Time one more day on histories of several lengths."""
    lengths = [int(days) for days in history.split(",")]
    days = max(lengths) + 1
    readings = round(members * days * SECONDS_A_MEMBER_DAY * 0.8)
    turns = []
    with workplace(folder, readings * DISK) as place:
        chain = chain_of(readings, days, seed=7, members=members)
        with progress("days") as bar:
            task = bar.add_task("drawing", total=days)
            made = make(place / "drops", chain, lambda day: bar.advance(task))
        out.print(f"{made.readings:,} readings of {members:,} members on {days} days drawn")
        for turn in range(1, rounds + 1):
            for length in lengths:
                out.print(f"turn {turn} of {rounds}: {length} days")
                turns.append(one(place, place / "drops", chain, length, memory, processors))
                if result_file:
                    result_file.write_text(json.dumps(turns, indent=2) + "\n")
    show(turns, lengths)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.one_more_day")
