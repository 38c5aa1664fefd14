"""One run of the pipeline, from the lock to the report."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

from gymhouse.console import Problem, out
from gymhouse.home import SPARK, Home
from gymhouse.lock import run_lock
from jvm.spark import require_spark
from pipeline.dbt import environment
from pipeline.history import new_run
from pipeline.plan import Options, Results, failures_step, plan
from pipeline.record import Course, read_result, record
from pipeline.report import write_report
from pipeline.screen import Screen
from pipeline.step import Ended, Step, run_step
from pipeline.summary import said, summary
from release.current import live_id

INTERRUPTED = 130


def run(options: Options, home: Home) -> int:
    """Take every step in order and report on it.

    Returns the exit status: 0 published (or nothing new), 1 a step failed, 130 interrupted.

    A failed or interrupted run leaves the release that was live before. Whatever ends a run, even a kill, the same
    command finishes the work: each step picks up where it is.

    Raises:
        Problem: there are no such drops, another run holds the lock, or the engine cannot start.
    """
    if options.drops is not None and not options.drops.exists():
        raise Problem(f"There is no {options.drops} to take source files from.", "Name a folder of source files.")
    for needed in (home.warehouse.parent, home.runs):
        needed.mkdir(parents=True, exist_ok=True)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    with run_lock(home.lock) as lock:
        if options.engine == SPARK:
            require_spark(home)
        course = Course(
            folder=new_run(home.runs),
            started_at=datetime.now(UTC),
            drops=options.drops or home.drops,
            engine=options.engine,
            former_release=live_id(home),
        )
        lock.sign(course.folder.name)
        out.print(f"Run {course.folder.name} in {home.root}")
        status = _take(course, options, home, lock.descriptor)
        report = record(course, home)
        write_report(course.folder, report, home)
    out.print()
    for line in summary(report, home):
        out.print(line)
    return status


def _take(course: Course, options: Options, home: Home, lock: int) -> int:
    results = Results(course.folder)
    steps = plan(options, home, results)
    screen = Screen(steps)
    for step in steps:
        ended = _one(course, step, home, lock, screen)
        if ended.interrupted:
            course.failed_step = step.name
            out.print(f"[bold red]✗[/] Interrupted: {step.title}")
            return INTERRUPTED
        if ended.exit_code != 0:
            course.failed_step = step.name
            if step.name == "build":
                _one(course, failures_step(options, results), home, lock, screen)
            screen.failed(ended, is_named=bool(_named(results)))
            return 1
        screen.done(ended, said(step.name, results, home.target_of(options.engine)))
    return 0


def _named(results: Results) -> list[dict]:
    """The failing tests or checks that a step has left by name."""
    return read_result(results.gate).get("failures") or read_result(results.failures) or []


def _one(course: Course, step: Step, home: Home, lock: int, screen: Screen) -> Ended:
    log = Results(course.folder).log(step.name)
    began = course.seconds
    with screen.step(step) as watch:
        ended = run_step(step, environment(home, course.engine), log, lock, watch)
    course.began.append(began)
    course.ended.append(ended)
    return ended


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
