"""Commands of releases: `python -m release publish`, `list`, `show`, `rollback`, `verify`, `prune`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.markup import escape

from gymhouse.console import err, explains_problems, out, progress
from gymhouse.files import write_atomic
from gymhouse.home import DUCKDB, ENGINES, home
from gymhouse.lock import holder, require_no_other_run, who
from release import store
from release.current import FORMATS, PARQUET, PUBLISH, files_of, find_release, live_id, open_release, releases
from release.publish import publish as publish_gold
from release.report import show_list, show_published, show_release

keep_option = click.option(
    "--keep", type=click.IntRange(min=1), default=store.KEEP, show_default=True, help="How many of the newest to keep."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Publish gated gold tables as immutable releases; one of them is live."""


@main.command()
@click.option("--engine", type=click.Choice(ENGINES), default=DUCKDB, show_default=True, help="Whose build to publish.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    default=PARQUET,
    show_default=True,
    help="A Parquet file a table, or a Delta table each, for Databricks and Athena.",
)
@click.option(
    "--gate", type=click.Path(path_type=Path), help="The gate's verdict.  [default: the engine's, in the home]"
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result there too.")
@keep_option
@explains_problems
def publish(engine: str, file_format: str, gate: Path | None, json_path: Path | None, keep: int) -> None:
    """Copy gold to a new release and make it live, if the gate passed on the last build.

    The same data again in the same format publishes nothing, whichever engine built it: the live release stays. Old
    releases beyond --keep are removed.
    """
    place = home()
    require_no_other_run(place.lock)
    with progress("tables") as bar:
        task = bar.add_task("publish", total=None)

        def begin(count: int) -> None:
            bar.update(task, total=count)
            if not err.is_terminal:
                err.print(f"publish: copying {count} tables")

        verdict = gate or place.verdict_of(engine)
        result = publish_gold(place, verdict, keep, engine, file_format, begin, lambda table: bar.advance(task))
    if json_path:
        write_atomic(json_path, json.dumps(result, indent=2) + "\n")
    show_published(result)


@main.command("list")
@explains_problems
def list_command() -> None:
    """List the releases, the newest first."""
    found = releases(home())
    if found:
        show_list(found, live_id(home()))
    else:
        out.print(f"There are no releases in {home().releases}. {PUBLISH}", markup=False)


@main.command()
@click.argument("release_id", metavar="[ID]", required=False)
@explains_problems
def show(release_id: str | None) -> None:
    """Show what a release holds (default: the live one)."""
    place = home()
    show_release(find_release(place, release_id) if release_id else open_release(place), live_id(place))


@main.command()
@click.argument("release_id", metavar="[ID]", required=False)
@explains_problems
def rollback(release_id: str | None) -> None:
    """Make an earlier release live again (default: the one before the live one), after checking its files.

    Nothing is deleted. The next publish makes the newest data live again.
    """
    place = home()
    with store.writing(place):
        chosen = find_release(place, release_id) if release_id else store.before_live(place)
        former = live_id(place)
        if chosen.id == former:
            out.print(f"{chosen.id} is live already; nothing to do")
            return
        store.require_whole(chosen)
        store.make_live(place, chosen)
    out.print(f"[bold green]rolled back:[/] {chosen.id} is live instead of {former}; its checksums hold")
    if (by := holder(place.lock)) is not None:
        out.print(f"[bold]note:[/] a run is at work, {escape(who(by))}: what it publishes becomes live after this")


@main.command()
@click.argument("release_id", metavar="[ID]", required=False)
@explains_problems
def verify(release_id: str | None) -> None:
    """Compare the files of a release with its checksums (default: the live one)."""
    place = home()
    chosen = find_release(place, release_id) if release_id else open_release(place)
    store.require_whole(chosen)
    files = sum(len(files_of(table, chosen.format)) for table in chosen.manifest["tables"])
    out.print(f"[bold green]sound:[/] all {files:,} files of {chosen.id} have their checksums")


@main.command()
@keep_option
@explains_problems
def prune(keep: int) -> None:
    """Remove old releases; the live one always stays."""
    with store.writing(home()):
        gone = store.prune(home(), keep)
    out.print(f"removed {', '.join(gone)}" if gone else "nothing to remove")


if __name__ == "__main__":
    main(prog_name="python -m release")
