"""`python -m benchmarks.member_history`: every version of a long, untidy log recovered, built day by day."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from benchmarks.member_history.log import START, draw_log, write_log
from benchmarks.member_history.plain_fold import Event, fold, read_events, seen_daily
from benchmarks.member_history.recovered import Recovered, recover
from benchmarks.runs import workplace
from gymhouse.console import explains_problems, out, progress, table
from gymhouse.files import write_atomic

BYTES_AN_EVENT = 2500


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--events", default=1_000_000, help="Changes in the log, each counted once.")
@click.option("--members", default=60_000, help="Members that they are about.")
@click.option("--days", default=30, help="Days of exports; each lands and is built by itself.")
@click.option("--seed", default=1, help="Another seed draws another log.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Work below this folder.")
@click.option("--json", "result_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result here.")
@explains_problems
def main(events: int, members: int, days: int, seed: int, folder: Path | None, result_file: Path | None) -> None:
    """Send a log of profile changes (3 % late, 2 % twice, 1 % deletes, out of order) day by day through landing, the
    folding models, the snapshot and their tests; compare every version with a fold in plain Python.

    Exits 1 when a version is missing, wrong or too many. Tells which share of them a daily snapshot sees: the state
    that is known when a day ends, worked out from the log, and what dbt's own snapshot holds after a run a day.
    """
    if not 0 < members <= events or days < 2:
        raise click.UsageError("Give at least two days, and at least one event a member.")
    with workplace(folder, events * BYTES_AN_EVENT) as work:
        log = draw_log(events, members, days, seed)
        paths = write_log(log, work / "drops")
        with progress("days") as bar:
            task = bar.add_task("landing and building", total=days)
            begun = time.monotonic()
            found = recover(work, paths, lambda: bar.advance(task))
            seconds = time.monotonic() - begun
        told = log.counts() | _judged(found, paths) | {"seconds": round(seconds, 1)}
    _tell(told)
    if result_file:
        write_atomic(result_file, json.dumps(told, indent=1) + "\n")
    sys.exit(0 if told["wrong"] == 0 else 1)


def _judged(found: Recovered, paths: list[Path]) -> dict:
    """What was found, held against the fold; versions are compared with all that they say."""
    arrived = [list(read_events(path)) for path in paths]
    true = set(fold(event for day in arrived for event in day))
    numbers = {event.street: event.sequence for day in arrived for event in day}
    versions = {(version.member, numbers[version.street]) for version in true}
    seen = seen_daily(arrived)
    return {
        "versions": len(true),
        "recovered": len(true & found.versions),
        "wrong": len(true ^ found.versions),
        "not_apart": found.not_apart,
        "failed_tests": found.failed_tests,
        "snapshot_expected": len(versions & seen),
        "snapshot_held": len(versions & {(member, numbers[street]) for member, street in found.snapshot}),
        "at_source": len(versions & seen_daily(_as_they_happened(arrived))),
    }


def _as_they_happened(arrived: list[list[Event]]) -> list[list[Event]]:
    """The events of each day on which they were stamped: what a snapshot of the CRM's own table would see."""
    days: dict[int, list[Event]] = {}
    for events in arrived:
        for event in events:
            days.setdefault(event.timestamp // 86_400, []).append(event)
    return [days[day] for day in sorted(days)]


def _tell(told: dict) -> None:
    out.print(
        f"{told['events']:,} changes of {told['members']:,} members in {told['days']} days from {START}:"
        f" {told['late']:,} late, {told['repeated']:,} sent twice, {told['deletes']:,} deletes."
    )
    shown = table("who", "versions", "share", numbers=("versions", "share"))
    for who, count in (
        ("in the log, by plain Python", told["versions"]),
        ("dim_member_history, built day by day", told["recovered"]),
        ("dbt's snapshot, run day by day", told["snapshot_held"]),
        ("a daily snapshot of what had arrived, worked out", told["snapshot_expected"]),
        ("a daily snapshot in the CRM itself, worked out", told["at_source"]),
    ):
        shown.add_row(who, f"{count:,}", f"{count / told['versions']:.1%}")
    out.print(shown)
    out.print(
        f"{told['wrong']:,} versions wrong, missing or too many; {told['not_apart']:,} intervals overlap or run"
        f" backwards; {told['failed_tests']:,} dbt tests failed; {told['seconds']:,} s for landing and building."
    )


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.member_history")
