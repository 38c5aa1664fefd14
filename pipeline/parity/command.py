"""`python -m pipeline parity`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from gymhouse.console import err, explains_problems, progress
from gymhouse.files import write_atomic
from gymhouse.home import home
from gymhouse.lock import require_no_other_run
from pipeline.parity.run import build_both, compare_engines
from pipeline.parity.show import show_summary, show_verdict
from pipeline.parity.tables import compared_tables
from pipeline.parity.verdict import Verdict


@click.command()
@click.option("--no-build", is_flag=True, help="Compare what the last builds left, instead of building anew.")
@click.option("--table", "only", multiple=True, metavar="SCHEMA.NAME", help="Only this table (may be repeated).")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result there too.")
@explains_problems
def parity(no_build: bool, only: tuple[str, ...], json_path: Path | None) -> None:
    """Build DuckDB and Spark from the same lake, and compare every table row for row.

    Exits 0 when all are equal, 1 when one differs, 2 when they cannot be compared. Doubles may differ by a 1e-9th.
    """
    place = home()
    require_no_other_run(place.lock)
    if not no_build:
        build_both(place, lambda engine: err.print(f"Building all tables on {engine} …", markup=False))
    tables = compared_tables(place, only)
    width = max(len(each.table.id) for each in tables)
    err.print(f"Comparing {len(tables)} tables …", markup=False)
    begun = time.monotonic()
    with progress("tables") as bar:
        task = bar.add_task("comparing", total=len(tables))

        def tell(verdict: Verdict) -> None:
            show_verdict(verdict, width)
            bar.advance(task)

        verdicts = compare_engines(place, tables, tell)
    show_summary(verdicts, time.monotonic() - begun)
    equal = all(verdict.equal for verdict in verdicts)
    if json_path:
        told = {"equal": equal, "tables": [verdict.as_json() for verdict in verdicts]}
        write_atomic(json_path, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    sys.exit(0 if equal else 1)
