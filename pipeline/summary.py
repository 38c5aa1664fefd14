"""What a run says in words: a few for each step, and about ten lines at its end."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from rich.markup import escape

from gymhouse.home import DUCKDB, Home
from pipeline.built import TABLES, TESTS
from pipeline.landed import file_counts
from pipeline.plan import Results
from pipeline.record import read_result
from pipeline.report import PAGE_FILE
from pipeline.report.page import as_text
from pipeline.step import tail
from release.current import DELTA, find_release

SHOWN = 5
LONGEST = 90
EXAMPLE = "gym_summary"


def said(step: str, results: Results, artifacts: Path) -> str:
    """The result of a step that ended well, in a few words; `artifacts` are those that dbt left."""
    if step == "land":
        return _landed(read_result(results.land))
    if step == "history":
        return f"{file_counts(read_result(results.history))['files_landed']} reports not landed before"
    if step == "gate":
        gate = read_result(results.gate)
        warned = f", {len(gate['warnings'])} with a warning" if gate["warnings"] else ""
        return f"{gate['checks_passed']:,} checks on {gate['tables']} tables passed{warned}"
    if step == "publish":
        release = read_result(results.publish)
        again = "as before, " if release["unchanged"] else ""
        return f"{again}{release['release_id']}: {release['tables']} tables, {release['rows']:,} rows"
    if step == "build":
        return _built(read_result(artifacts / "run_results.json"))
    last = tail(results.log(step), 1)
    return last[0].split(";")[0].strip()[:LONGEST] if last else ""


def summary(report: dict, home: Home) -> list[str]:
    """About ten lines (console markup) for somebody who has just run the command for the first time."""
    page = _short(home.runs / report["run_id"] / PAGE_FILE)
    if report["status"] == "failed":
        return [*_failed(report), "", f"[bold]Look[/]   report    {page}"]
    return [*_made(report), "", *_look(report, page, home), "", *_next()]


def _made(report: dict) -> list[str]:
    detail = report["detail"]
    release, landing = detail["release"], detail["landing"]
    verdict = f"Published release {release['release_id']}"
    if report["status"] == "unchanged":
        verdict = f"Nothing new: release {release['release_id']} stays live"
    rejected = f", {report['rows_rejected']:,} rejected (each with its reason)" if report["rows_rejected"] else ""
    return [
        f"[bold green]{verdict}[/] after {report['seconds']:.1f} s, "
        f"at most {report['peak_memory_bytes'] / 1e6:,.0f} MB of memory",
        f"  landed    {report['rows_landed']:,} rows of {landing['files_landed']} new files{rejected}"
        f"{_already(landing['files_already_landed'])}",
        f"  built     {_made_tables(report)}",
        *_warned(detail),
        f"  changed   {_changed(release, detail['former_release'])}",
    ]


def _warned(detail: dict) -> list[str]:
    warnings = (detail["gate"] or {}).get("warnings", [])
    lines = [f"  warned    {each['table']}: {escape(each['message'])}" for each in warnings[:SHOWN]]
    return lines + ([f"            and {len(warnings) - SHOWN} more, listed in the report"] if warnings[SHOWN:] else [])


def _made_tables(report: dict) -> str:
    if since := report["detail"]["unchanged_since"]:
        return f"nothing: all that a build reads is as run {since} found it (--force builds all the same)"
    return (
        f"{len(report['detail']['build']['tables'])} tables and views; {report['tests_passed']:,} dbt tests and "
        f"{report['checks_passed']:,} Soda checks passed"
    )


def _failed(report: dict) -> list[str]:
    detail = report["detail"]
    lines = [f"[bold red]The run failed at step {report['failed_step']}[/] after {report['seconds']:.1f} s"]
    if trouble := detail["trouble"]:
        lines += [f"  {escape(trouble['what'])}", f"  {escape(trouble['fix'])}"]
    broken = (detail["build"] or {}).get("tests", {}).get("broken", [])
    lines += [_broken_test(each) for each in broken[:SHOWN]]
    tables = (detail["build"] or {}).get("tables", [])
    lines += [f"  table  {each['name']}: {escape(each['message'])}" for each in tables if each["status"] == "error"][
        :SHOWN
    ]
    failures = (detail["gate"] or {}).get("failures", [])
    lines += [_broken_check(each) for each in failures[:SHOWN]]
    more = max(0, len(broken) - SHOWN) + max(0, len(failures) - SHOWN)
    lines += [f"  and {more} more, listed in the report"] if more else []
    former = detail["former_release"]
    lines.append(f"Release {former} stays live." if former else "Nothing was published before, so nothing is live.")
    lines.append(
        "Put right what is named above and run the same command again; what is done already is not done twice."
    )
    return lines


def _broken_test(broken: dict) -> str:
    where = ".".join(part for part in (broken["model"], broken["column"]) if part)
    rows = f"{broken['rows']:,} rows" if broken["rows"] is not None else broken["message"]
    return f"  test   {escape(broken['test'])} on {where}: {escape(rows)}{_keys(broken)}"


def _broken_check(failure: dict) -> str:
    return f"  check  {escape(failure['check'])} on {failure['table']}: {escape(failure['message'])}{_keys(failure)}"


def _keys(failure: dict) -> str:
    keys = [as_text(key) for key in failure["sample_keys"][:SHOWN]]
    return escape(f", for example {', '.join(keys)}") if keys else ""


def _changed(release: dict, former: str | None) -> str:
    if former is None:
        return f"first release, {release['tables']} tables with {release['rows']:,} rows"
    if release["unchanged"]:
        return f"nothing since release {former}; the record of runs rides along with the next one"
    changed = [each for each in release["changed"] if each["changed"]]
    named = ", ".join(f"{each['table'].removeprefix('gold.')} {_difference(each)}" for each in changed[:SHOWN])
    more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
    return f"since release {former}, in rows: {named}{more}"


def _difference(change: dict) -> str:
    before, after = change["rows_before"], change["rows_after"]
    if before is None or after is None:
        return "(new)" if before is None else "(gone)"
    return f"{after - before:+,}" if after != before else "(values)"


def _look(report: dict, page: str, home: Home) -> list[str]:
    release, engine = find_release(home, report["detail"]["release"]["release_id"]), report["detail"]["engine"]
    example = _short(release.table_path(EXAMPLE)) + ("/*.parquet" if release.format == DELTA else "")
    warehouse = "the DuckDB file" if engine == DUCKDB else "the folder of Delta tables"
    python = _short(Path(sys.executable))
    return [
        f"[bold]Look[/]   report    {page} (a page for the browser)",
        f"""       tables    {python} -c "import duckdb; duckdb.read_parquet('{example}').show()\"""",
        f"       warehouse {_short(home.warehouse_of(engine))} ({warehouse} that dbt builds into)",
        "       docs      make docs (every table and column explained)",
    ]


def _next() -> list[str]:
    python = _short(Path(sys.executable))
    return [
        "[bold]Next[/]   your files: make run DROPS=DIR GYMHOUSE_HOME=DIR   real samples: make run DROPS=samples/sbit",
        f"       runs so far: {python} -m pipeline runs   roll back: {python} -m release rollback",
    ]


def _landed(landing: dict) -> str:
    counted = file_counts(landing)
    rejected = f", {landing['rows_rejected']:,} rejected" if landing["rows_rejected"] else ""
    already = _already(counted["files_already_landed"])
    return f"{landing['rows_landed']:,} rows landed{rejected} from {counted['files_landed']} new files{already}"


def _already(files: int) -> str:
    return f"; {files} files were in the lake already" if files else ""


def _built(results: dict) -> str:
    kinds = Counter(result["unique_id"].split(".")[0] for result in results["results"])
    tables, tests = (sum(kinds[kind] for kind in wanted) for wanted in (TABLES, TESTS))
    return f"{tables} tables and views built, {tests} tests passed"


def _short(path: Path) -> str:
    """`path` as somebody in the current folder would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
