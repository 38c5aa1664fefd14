"""`python -m ingest`: land dropped files, list the sources that are known."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from gymhouse.console import explains_problems, out, table
from gymhouse.home import DUCKDB, ENGINES, PROJECT, home
from ingest.contract import read_contract
from ingest.drops import ENDINGS
from ingest.report import files_of, tell
from ingest.run import land_drops

MODELS = PROJECT / "models"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Land dropped files in the lake, as the source files of the dbt project declare them."""


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
    are no failure), 2 something you must put right; then nothing was landed.
    """
    here, tables = home(), read_contract(MODELS)
    drops = drops or str(here.drops)
    if engine == DUCKDB:
        outcome = land_drops(here, tables, drops, sources, dry_run)
    else:
        from ingest.on_spark import land_with_spark
        from jvm.spark import open_spark

        with open_spark(here, tables=False) as spark:
            outcome = land_with_spark(spark, tables, drops, here.lake, sources, dry_run)
    tell(outcome, drops, str(here.rejected), dry_run, json_path)
    if outcome.other_sources:
        out.print(f"Left alone, not of --source {', '.join(sources)}: {files_of(outcome.other_sources)}.")
    if dry_run:
        out.print("Dry run: nothing was written.")


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
