"""Commands of the gate: `python -m quality gate`, `contract`, `failures`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from gymhouse.artifacts import load_build
from gymhouse.console import err, explains_problems, out, progress
from gymhouse.files import write_atomic
from gymhouse.home import DUCKDB, ENGINES, home
from gymhouse.lock import require_no_other_run
from quality.contracts import FOLDER, as_yaml
from quality.dbt_failures import dbt_failures
from quality.gate import complete_all, find_table, run_gate, save_verdict
from quality.report import show_failures, show_verdict

contracts_option = click.option(
    "--contracts", type=click.Path(path_type=Path, exists=True, file_okay=False), default=FOLDER, hidden=True
)

engine_option = click.option(
    "--engine", type=click.Choice(ENGINES), default=DUCKDB, show_default=True, help="Whose build to look at."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Judge the tables that dbt built, before anything is published."""


@main.command()
@click.option("--only", multiple=True, metavar="TABLE", help="Check only this table (may be repeated).")
@click.option("--accept-volume-drop", is_flag=True, help="Let tables shrink against the live release, this once.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the verdict there too.")
@engine_option
@contracts_option
@explains_problems
def gate(only: tuple[str, ...], accept_volume_drop: bool, json_path: Path | None, engine: str, contracts: Path) -> None:
    """Run every contract on the tables of the last build.

    Exits 0 when all checks passed, 1 when one failed or was not evaluated, 2 when the gate cannot run. The verdict
    over all tables is kept in the folder quality of the home; publishing asks for it.
    """
    place = home()
    require_no_other_run(place.lock)
    with progress("tables") as bar:
        task = bar.add_task("gate", total=None)

        def begin(count: int) -> None:
            bar.update(task, total=count)
            if not err.is_terminal:
                err.print(f"gate: checking {count} tables")

        verdict = run_gate(
            place, only, accept_volume_drop, contracts, engine, begin, on_table=lambda table: bar.advance(task)
        )
    if verdict["complete"]:
        save_verdict(verdict, place.verdict_of(engine))
    if json_path:
        save_verdict(verdict, json_path)
    show_verdict(verdict)
    sys.exit(0 if verdict["passed"] else 1)


@main.command()
@click.argument("table")
@engine_option
@contracts_option
@explains_problems
def contract(table: str, engine: str, contracts: Path) -> None:
    """Print the whole contract of TABLE: what its file decides and what follows from dbt's manifest."""
    build = load_build(home(), engine)
    found = find_table(build, table)
    out.print(as_yaml(complete_all(home(), build, (found,), folder=contracts)[found.id]), markup=False, end="")


@main.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the list there too.")
@engine_option
@explains_problems
def failures(json_path: Path | None, engine: str) -> None:
    """List what failed in the last dbt command, with keys of the failing rows. Exits 1 when something did."""
    found = dbt_failures(home(), engine)
    if json_path:
        write_atomic(json_path, json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    show_failures(found)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(prog_name="python -m quality")
