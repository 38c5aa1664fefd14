"""`python -m pipeline`: run all steps, or look at the runs there were."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gymhouse.console import explains_problems
from gymhouse.home import DUCKDB, ENGINES, home
from pipeline.build import build as take_build
from pipeline.history import find_run, history
from pipeline.parity.command import parity
from pipeline.plan import Options
from pipeline.profile.command import profile_command
from pipeline.report import PAGE_FILE, render_again
from pipeline.run import run as take
from release.current import FORMATS

engine_option = click.option(
    "--engine", type=click.Choice(ENGINES), default=DUCKDB, show_default=True, help="Where to build."
)
LINE = "{:<17} {:<19} {:>8} {:>12} {:>9}  {}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Land, build, gate and publish, as one command with a report.

    All data lies in var/, or in the folder that GYMHOUSE_HOME names.
    """


@cli.command()
@click.option(
    "--drops",
    type=click.Path(path_type=Path),
    help="Folder of source files to land. Without it, a chain is simulated and landed.",
)
@click.option("--full-refresh", is_flag=True, help="Build every table anew from the lake.")
@click.option("--force", is_flag=True, help="Build, gate and publish even when nothing is new.")
@click.option("--accept-volume-drop", is_flag=True, help="Publish although tables shrank more than the gate allows.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="How many of the newest releases to keep.")
@engine_option
@click.option("--format", "release_format", type=click.Choice(FORMATS), help="How to publish.  [default: parquet]")
@explains_problems
def run(
    drops: Path | None,
    full_refresh: bool,
    force: bool,
    accept_volume_drop: bool,
    keep: int | None,
    engine: str,
    release_format: str | None,
) -> None:
    """Take all steps in order: land, build, gate, publish, report.

    A failed step ends the run with exit status 1, and the former release stays live. The same command
    again picks up what is left to do. When nothing is new since a run that published, nothing is built.
    """
    drops = drops.resolve() if drops else None
    options = Options(drops, full_refresh, accept_volume_drop, keep, engine, release_format, force)
    sys.exit(take(options, home()))


@cli.command(context_settings={"ignore_unknown_options": True})
@engine_option
@click.argument("dbt_options", nargs=-1, type=click.UNPROCESSED)
@explains_problems
def build(engine: str, dbt_options: tuple[str, ...]) -> None:
    """Build and test every model with dbt on one engine, unit tests too; nothing is gated or published.

    DBT_OPTIONS go to `dbt build` as they are, as `--select gym_summary+`. A home without data is filled with the
    simulated chain first. Spark (with Delta) needs Java 17, and Maven once, to fetch its jars.
    """
    sys.exit(take_build(home(), engine, dbt_options))


@cli.command()
@click.argument("run_id", required=False, metavar="[RUN]")
@explains_problems
def report(run_id: str | None) -> None:
    """Render the report of RUN (default: the newest) anew, and print where it lies."""
    folder = find_run(home(), run_id)
    render_again(folder, home())
    click.echo(folder / PAGE_FILE)


@cli.command()
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many to list.")
@explains_problems
def runs(last: int) -> None:
    """List the runs of this home, newest first."""
    if not (found := history(home(), last)):
        click.echo(f"{home().runs} holds no run yet. Start one: make run")
        return
    click.echo(LINE.format("run", "status", "seconds", "rows landed", "rejected", "release"))
    for told in found:
        status = f"{told['status']} ({told['failed_step']})" if told["failed_step"] else told["status"]
        counts = [f"{told[name]:,}" if name in told else "" for name in ("rows_landed", "rows_rejected")]
        seconds = f"{told['seconds']:.1f}" if "seconds" in told else ""
        click.echo(LINE.format(told["run_id"], status, seconds, *counts, told.get("release_id") or "").rstrip())


cli.add_command(parity)
cli.add_command(profile_command)

if __name__ == "__main__":
    cli(prog_name="python -m pipeline")
