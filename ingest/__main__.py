"""`python -m ingest`: land dropped files, list the sources that are known."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import click
from rich.markup import escape

from gymhouse.console import err, explains_problems, out, table
from gymhouse.home import DUCKDB, ENGINES, home
from ingest.contract import read_contract
from ingest.drops import ENDINGS
from ingest.report import files_of, tell, tell_batch
from ingest.run import land_drops
from ingest.storage import MODELS, compact_command, retire_command, settle_command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Land dropped files in the lake, as the source files of the dbt project declare them, and keep house there."""


for command in (compact_command, retire_command, settle_command):
    main.add_command(command)


def drops_option(command):
    """`--drops`, alike for all commands."""
    said = (
        "A folder of dropped files, searched deeply, or one file: a path, or a URI (s3://, gs://, abfss://, hdfs://)."
    )
    return click.option("--drops", help=said)(command)


def source_option(command):
    """`--source`, alike for all commands."""
    said = "Land only this source; may be given several times."
    return click.option("--source", "sources", multiple=True, help=said)(command)


@main.command()
@drops_option
@source_option
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=DUCKDB,
    show_default=True,
    help="Land in this process, or in the tasks of a local Spark; the result is the same.",
)
@click.option("--dry-run", is_flag=True, help="Say what would land and what is wrong with the data; write nothing.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here, too.")
@explains_problems
def files(drops: str | None, sources: tuple[str, ...], engine: str, dry_run: bool, json_path: Path | None) -> None:
    """Land CSV, JSON and Parquet files; what has landed before is left alone.

    Rows that cannot be typed or lack their key go to the lake's rejected folder with their text and the reason: rows
    read = landed + rejected. Without --drops the home's own drop folder is taken. Exit status: 0 done (rejected rows
    are no failure), 2 something you must put right; what had landed stays.
    """
    here, tables = home(), read_contract(MODELS)
    drops = drops or str(here.drops)
    if engine == DUCKDB:
        outcome = land_drops(here, tables, drops, sources, dry_run)
    else:
        from ingest.on_spark import land_with_spark
        from jvm.spark import open_spark

        with open_spark(here, tables=False) as spark:
            outcome = land_with_spark(spark, tables, drops, here.lake, sources, dry_run, here.secret)
    tell(outcome, drops, str(here.rejected), dry_run, json_path)
    if outcome.other_sources:
        out.print(f"Left alone, not of --source {', '.join(sources)}: {files_of(outcome.other_sources)}.")
    if dry_run:
        out.print("Dry run: nothing was written.")


@main.command()
@drops_option
@source_option
@click.option("--once", is_flag=True, help="Land what is there, then end.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=10,
    show_default=True,
    help="Look for new files so often, in seconds, until stopped.",
)
@click.option("--checkpoint", help="Where the stream writes down how far it is: a path or URI.  [default: in the lake]")
@explains_problems
def stream(drops: str | None, sources: tuple[str, ...], once: bool, every: float, checkpoint: str | None) -> None:
    """Land files as they come, by Structured Streaming on a local Spark; the result is that of `files`.

    A file that cannot land does not stop the others: it is told, listed beside the checkpoint, and tried again when the
    stream starts next. Ctrl-C or SIGTERM ends the stream after the batch under way. Exit status: 0 done, 2 something
    you must put right.
    """
    from ingest.stream import attend, start_stream
    from jvm.spark import open_spark

    here, tables = home(), read_contract(MODELS)
    drops = drops or str(here.drops)
    with open_spark(here, tables=False) as spark, signals_set(Event()) as stop:
        rhythm = None if once else every
        running, query = start_stream(
            spark, tables, drops, here.lake, rhythm, checkpoint, sources, tell_batch, here.secret
        )
        if not once:
            err.print(f"Watching {escape(drops)} every {every:g} s; Ctrl-C ends it.")
        attend(running, query, stop)
    if problem := running.parked():
        raise problem


@contextmanager
def signals_set(event: Event) -> Iterator[Event]:
    """Ctrl-C and SIGTERM set `event`, instead of ending the process; a second one ends it."""
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {}

    def ask(*_) -> None:
        event.set()
        err.print("Ending after the batch under way.")
        for one, handler in before.items():
            signal.signal(one, handler)

    before.update({one: signal.signal(one, ask) for one in ends})
    try:
        yield event
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@main.command()
@explains_problems
def sources() -> None:
    """List the sources, their tables, how their files are named, and their keys."""
    made = table("table", "format", "files named", "key")
    for one in read_contract(MODELS):
        for drop in one.drops:
            made.add_row(one.label, drop.format, escape(" ".join(drop.files)), ", ".join(one.key))
        if one.written_by:
            made.add_row(one.label, "", f"(written by {one.written_by})", ", ".join(one.key))
    out.print(made)
    for form, endings in ENDINGS.items():
        out.print(f"{form}: {', '.join(endings)}")


if __name__ == "__main__":
    main(prog_name="python -m ingest")
