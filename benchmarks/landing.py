"""How fast landing is, beside a bare DuckDB `COPY … TO parquet` of the same file.

Makes one file a format (CSV of gym logins, JSON lines of heart-rate messages, Parquet of heart-rate readings), then
lands it and copies it in turn, each time in a fresh process with an empty home. Prints medians: seconds from the
command's beginning to its end (without Python's own start), rows a second, the ratio, and the peak memory.

    python benchmarks/landing.py --rows 2000000 --rounds 5
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

FORMATS = ("csv", "json", "parquet")
READERS = {"csv": "read_csv", "json": "read_json", "parquet": "read_parquet"}
FILES = {"csv": "gym_logins.csv", "json": "bpm.json", "parquet": "bpm.parquet"}

GYM_LOGINS = """
    SELECT printf('%02x:%02x:%02x:00:01:aa', i % 251, i % 13, i % 97) AS mac_address, i % 50 AS gym,
           1678521600 + i AS login, CASE WHEN i % 10 > 0 THEN 1678525600 + i END AS logout
    FROM range({rows}) AS made(i)"""
READINGS = """
    SELECT 100000 + i % 500 AS device_id, 1678521600 + i // 500 AS time,
           (60 + (i * 7919) % 9000 / 100)::DOUBLE AS heartrate
    FROM range({rows}) AS made(i)"""
MESSAGES = """
    SELECT '{{"key":"' || device_id || '","value":"{{\\"device_id\\": ' || device_id || ', \\"time\\": ' || time
           || '.0, \\"heartrate\\": ' || heartrate || '}}","topic":"bpm","partition":0,"offset":'
           || row_number() OVER () || ',"timestamp":' || time || '}}' AS line
    FROM ({readings})"""


def make(folder: Path, rows: int) -> dict[str, Path]:
    """Write the files of `rows` rows each."""
    import duckdb

    paths = {kind: folder / kind / name for kind, name in FILES.items()}
    for path in paths.values():
        path.parent.mkdir()
    with duckdb.connect() as connection:
        readings = READINGS.format(rows=rows)
        connection.execute(f"COPY ({GYM_LOGINS.format(rows=rows)}) TO '{paths['csv']}'")
        connection.execute(f"COPY ({readings}) TO '{paths['parquet']}'")
        plain = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
        connection.execute(f"COPY ({MESSAGES.format(readings=readings)}) TO '{paths['json']}' ({plain})")
    return paths


def land(path: Path, folder: Path) -> int:
    """Land the file at `path` into a home in `folder`; returns the rows landed."""
    from gymhouse.home import PROJECT, Home
    from ingest.contract import read_contract
    from ingest.run import land_drops

    outcome = land_drops(Home(folder), read_contract(PROJECT / "models"), path)
    assert not sum(one.rows_rejected for one in outcome.landed)
    return sum(one.rows_landed for one in outcome.landed)


def copy(path: Path, folder: Path) -> int:
    """Copy the file at `path` to Parquet in `folder`, as it is; returns the rows."""
    import duckdb

    reader = READERS[path.parent.name]
    with duckdb.connect() as connection:
        return connection.execute(f"COPY (SELECT * FROM {reader}('{path}')) TO '{folder}/bare.parquet'").fetchone()[0]


def once(what: str, path: Path) -> dict:
    """Run `land` or `copy` in a fresh process: seconds, bytes of peak memory, rows."""
    with tempfile.TemporaryDirectory(dir=path.parent.parent) as folder:
        done = subprocess.run(
            [sys.executable, __file__, "--run", what, str(path), folder], check=True, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])


def run(what: str, path: Path, folder: Path) -> None:
    """What the fresh process does: import, then measure."""
    import duckdb  # noqa: F401

    import ingest.run  # noqa: F401

    begun = time.perf_counter()
    rows = {"land": land, "copy": copy}[what](path, folder)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "rows": rows}))


@click.command()
@click.option("--rows", default=2_000_000, show_default=True, help="Rows of each file.")
@click.option("--rounds", default=5, show_default=True, help="How often each is measured, in turn.")
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), default=FORMATS, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the numbers here, too.")
def main(rows: int, rounds: int, formats: tuple[str, ...], json_path: Path | None) -> None:
    """Measure landing beside a bare DuckDB COPY of the same file."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder), rows)
        for kind in formats:
            runs: dict[str, list[dict]] = {"land": [], "copy": []}
            for _ in range(rounds):
                for what, done in runs.items():
                    done.append(once(what, paths[kind]))
            result = {"format": kind, "bytes": paths[kind].stat().st_size, "rows": rows}
            for what, done in runs.items():
                assert {one["rows"] for one in done} == {rows}
                result[what] = {
                    "seconds": statistics.median(one["seconds"] for one in done),
                    "peak": max(one["peak"] for one in done),
                }
            result["ratio"] = statistics.median(
                mine["seconds"] / bare["seconds"] for mine, bare in zip(runs["land"], runs["copy"], strict=True)
            )
            results.append(result)
    click.echo(f"{os.cpu_count()} cores, {rows:,} rows a file, median of {rounds}")
    click.echo("format   file MB  landing s   rows/s      peak MB  bare COPY s  peak MB  ratio")
    for one in results:
        mine, bare = one["land"], one["copy"]
        click.echo(
            f"{one['format']:8} {one['bytes'] / 1e6:7.0f}  {mine['seconds']:9.2f}  {rows / mine['seconds']:10,.0f}"
            f"  {mine['peak'] / 1e6:7.0f}  {bare['seconds']:11.2f}  {bare['peak'] / 1e6:7.0f}  {one['ratio']:5.2f}"
        )
    if json_path:
        json_path.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
