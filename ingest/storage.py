"""Commands of `python -m ingest` that keep house in the lake: compact, retire, settle."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.markup import escape

from gymhouse.console import explains_problems, out, table
from gymhouse.files import write_atomic
from gymhouse.home import PROJECT, home
from gymhouse.lock import run_lock
from ingest.compact import Compacted, Measure, compact
from ingest.compaction_plan import MIN_FILES, TARGET_SIZE
from ingest.contract import read_contract
from ingest.keeper import chosen, keeping
from ingest.lake import Lake
from ingest.report import files_of
from ingest.retire import Retired, retire

MODELS = PROJECT / "models"
_MB = 2**20


def _tables_options(command):
    """`--source`, `--table`, `--dry-run`, `--json`: alike for what works table by table."""
    for option in (
        click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here, too."),
        click.option("--dry-run", is_flag=True, help="Say what would be done; write and delete nothing."),
        click.option("--table", "labels", multiple=True, help="Only this table (source.table); may be given again."),
        click.option("--source", "sources", multiple=True, help="Only this source; may be given several times."),
    ):
        command = option(command)
    return command


@click.command(name="compact")
@_tables_options
@click.option(
    "--target-size",
    type=click.IntRange(min=1),
    default=TARGET_SIZE // _MB,
    show_default=True,
    help="About how large merged files become at most, in MB; a file of half of it is never touched.",
)
@click.option(
    "--min-files",
    type=click.IntRange(min=2),
    default=MIN_FILES,
    show_default=True,
    help="Merge this many files of a like size at least; in a month that is over, any two.",
)
@explains_problems
def compact_command(
    sources: tuple[str, ...],
    labels: tuple[str, ...],
    dry_run: bool,
    json_path: Path | None,
    target_size: int,
    min_files: int,
) -> None:
    """Merge many small raw files of a table into few large ones.

    The rows stay the same, with batch, row number, source and time of landing; what had landed still counts as landed.
    No run may be under way. Run it daily, or weekly, after the run: what was merged is left alone. A killed compaction
    loses nothing; the next command of `ingest` finishes it. Exit status: 0 done, 2 something you must put right.
    """
    measure = Measure(target_size * _MB, min_files)
    done = _keep_house("compact", sources, labels, dry_run, lambda keeper, tables: compact(keeper, tables, measure))
    _write(json_path, [_as_json(one) for one in done])
    _tell_compacted([one for one in done if one.files_merged], sum(one.files_after for one in done), dry_run)


@click.command(name="retire")
@_tables_options
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day by which rows are too old, YYYY-MM-DD, not after today (UTC).  [default: today]",
)
@explains_problems
def retire_command(
    sources: tuple[str, ...], labels: tuple[str, ...], dry_run: bool, json_path: Path | None, as_of: datetime | None
) -> None:
    """Delete raw and rejected rows that are older than their table's policy.

    The policy stands in the source file, under config.meta.retention of a table: raw_days and rejected_days, counted
    from the day of landing; without one everything stays. A batch whose rows went still counts as landed, and stays in
    operations.batches with the time in retired_at. Built tables keep what they hold. No run may be under way. A killed
    retention is finished by the next command of `ingest`. Exit status: 0 done, 2 something you must put right.
    """
    day = as_of.date() if as_of else datetime.now(UTC).date()
    done = _keep_house("retire", sources, labels, dry_run, lambda keeper, tables: retire(keeper, tables, day))
    _write(json_path, [_as_json(one) for one in done])
    _tell_retired(done, day, dry_run)


@click.command(name="settle")
@explains_problems
def settle_command() -> None:
    """Finish what a killed command left in the lake, and bring operations.batches up to date.

    Every command of `ingest` that writes does so at its end; this one does nothing else. Exit status: 0 done, 2
    something you must put right.
    """
    here, tables = home(), read_contract(MODELS)
    with keeping(Lake(here.lake), tables, here.scratch, "settle"):
        out.print("The lake is settled.")


def _keep_house(command: str, sources: tuple[str, ...], labels: tuple[str, ...], dry_run: bool, do) -> list:
    here, tables = home(), read_contract(MODELS)
    some = chosen(tables, sources, labels)
    if dry_run:
        with keeping(Lake(here.lake), tables, here.scratch, command, dry_run=True) as keeper:
            return do(keeper, some)
    with run_lock(here.lock), keeping(Lake(here.lake), tables, here.scratch, command) as keeper:
        return do(keeper, some)


def _tell_compacted(done: list[Compacted], files: int, dry_run: bool) -> None:
    if not done:
        out.print(f"Nothing to merge: {files_of(files)} of rows.")
        return
    wide = ("files", "merged", "into", "files then", "MB", "MB then", "seconds")
    made = table("table", *(wide[:5] if dry_run else wide), numbers=wide)
    for one in done:
        counts = (one.files_before, one.files_merged, one.files_written, one.files_after)
        told = [f"{count:,}" for count in counts] + [f"{one.bytes_before / _MB:,.1f}"]
        after = [f"{one.bytes_after / _MB:,.1f}", f"{one.seconds:.2f}"]
        made.add_row(escape(one.table.label), *told, *([] if dry_run else after))
    out.print(made)
    _tell_dry(dry_run)


def _tell_retired(done: list[Retired], as_of: date, dry_run: bool) -> None:
    if not done:
        out.print("No table has a policy of retention: everything stays (docs/storage.md tells how to declare one).")
        return
    wide = ("files", "batches", "rows", "MB", "rejected files")
    made = table("table", "landed before", *wide, "rejected before", numbers=wide)
    for one in done:
        counts = [f"{count:,}" for count in (one.raw_files, one.batches, one.rows)]
        before, rejected_before = (str(day or "-") for day in (one.raw_before, one.rejected_before))
        size = f"{one.raw_bytes / _MB:,.1f}"
        made.add_row(escape(one.table.label), before, *counts, size, f"{one.rejected_files:,}", rejected_before)
    out.print(made)
    _tell_dry(dry_run)


def _tell_dry(dry_run: bool) -> None:
    if dry_run:
        out.print("Dry run: nothing was written or deleted.")


def _as_json(one: Compacted | Retired) -> dict:
    told = {key: str(value) if isinstance(value, date) else value for key, value in vars(one).items() if key != "table"}
    return {"source": one.table.source, "table": one.table.name, **told}


def _write(json_path: Path | None, tables: list[dict]) -> None:
    if json_path:
        write_atomic(json_path, json.dumps({"tables": tables}, indent=2) + "\n")
