"""`python -m ingest`: land dropped files, list the sources that are known."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.markup import escape

from gymhouse.console import explains_problems, out, table
from gymhouse.files import write_atomic
from gymhouse.home import PROJECT, home
from ingest.contract import read_contract
from ingest.drops import ENDINGS
from ingest.report import as_json, files_of, show, show_notes
from ingest.run import land_drops

MODELS = PROJECT / "models"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Land dropped files in the lake, as the source files of the dbt project declare them."""


@main.command()
@click.option(
    "--drops", type=click.Path(path_type=Path), help="A folder of dropped files, searched deeply, or one file."
)
@click.option("--source", "sources", multiple=True, help="Land only this source; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Say what would land and what is wrong with the data; write nothing.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here, too.")
@explains_problems
def files(drops: Path | None, sources: tuple[str, ...], dry_run: bool, json_path: Path | None) -> None:
    """Land CSV, JSON and Parquet files; what has landed before is left alone.

    Rows that cannot be typed or lack their key go to the lake's rejected folder with their text and the reason: rows
    read = landed + rejected. Without --drops the home's own drop folder is taken. Exit status: 0 done (rejected rows
    are no failure), 2 something you must put right; then nothing was landed.
    """
    here = home()
    drops = drops or here.drops
    outcome = land_drops(here, read_contract(MODELS), drops, sources, dry_run)
    if json_path:
        result = as_json(str(drops), outcome.seconds, outcome.landed, outcome.already, outcome.notes, outcome.files)
        write_atomic(json_path, json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    if outcome.landed:
        show(outcome.landed, outcome.seconds, outcome.notes, str(here.rejected), dry_run)
    elif outcome.files:
        out.print(f"Nothing new: all {files_of(outcome.files)} had landed before ({outcome.seconds:.2f} s).")
        show_notes(outcome.notes)
    else:
        out.print(f"No data files in {escape(str(drops))}: nothing to land.")
    before = {one.file for one in outcome.already} - {one.file for one in outcome.landed}
    if outcome.landed and before:
        out.print(f"{len(before):,} of {files_of(outcome.files)} had landed before.")
    if outcome.ignored:
        out.print(f"Left alone, no data (licences, answers, temporary files): {files_of(outcome.ignored)}.")
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
