"""One run of the pipeline, from the lock to the report."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

from gymhouse.console import Problem, out
from gymhouse.disk import full_disk
from gymhouse.files import sweep
from gymhouse.home import SPARK, Home
from gymhouse.lock import RUN_VARIABLE, run_lock
from jvm.spark import require_spark
from pipeline.dbt import environment
from pipeline.history import new_run
from pipeline.parse_ahead import ParseAhead
from pipeline.plan import Options, Results, failures_step, landing_steps, making_steps
from pipeline.record import Course, read_result, record
from pipeline.report import write_report
from pipeline.screen import Screen
from pipeline.settled import Settled, foundation, leave_note, take_note, what_is_new
from pipeline.step import REFUSED, Ended, Step, run_step, tail
from pipeline.summary import said, summary
from release.current import live_id
from warehouse import require_free, warehouse_state

INTERRUPTED = 130
LINES_LOOKED_AT = 200


def run(options: Options, home: Home) -> int:
    """Take every step in order, those that make a release only when something is new, and report on it.

    Returns the exit status: 0 published (or nothing new), 1 a step failed, 130 interrupted.

    A failed or interrupted run leaves the release that was live before. Whatever ends a run, even a kill, the same
    command finishes the work: each step picks up where it is.

    Raises:
        Problem: there are no such drops, another run holds the lock, the engine cannot start, or somebody has its
            tables open.
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
        require_free(home, options.engine)
        for folder in (home.runs, home.quality, home.settled_of(options.engine).parent):
            sweep(folder)
        course = Course(
            folder=new_run(home.runs),
            started_at=datetime.now(UTC),
            drops=options.drops or home.drops,
            engine=options.engine,
            former_release=live_id(home),
        )
        lock.sign(course.folder.name)
        out.print(f"Run {course.folder.name} in {home.root}")
        status = _Run(course, options, home, lock.descriptor).take()
        report = record(course, home)
        write_report(course.folder, report, home)
    out.print()
    for line in summary(report, home):
        out.print(line)
    return status


class _Run:
    """Takes the steps of one run, one after the other."""

    def __init__(self, course: Course, options: Options, home: Home, lock: int):
        self.course, self.options, self.home, self.lock = course, options, home, lock
        self.results = Results(course.folder)
        self.landing = landing_steps(options, home, self.results)
        self.parse = ParseAhead(home, options.engine, self.results.log("parse"))
        self.making = making_steps(options, home, self.results, self.parse.wait)
        self.screen = Screen([*self.landing, *self.making])

    def take(self) -> int:
        """All steps, or those that land when they bring nothing new; returns the exit status."""
        self.parse.begin(self._at(), self.lock)
        try:
            return self._land_and_make()
        finally:
            self.parse.stop()

    def _land_and_make(self) -> int:
        note = take_note(self.home, self.options.engine)
        status = self._each(self.landing)
        if status != 0:
            return status
        now = foundation(self.home, self.options)
        self.course.built_because = what_is_new(self.home, self.options, note, now)
        if not self.course.built_because:
            self._skip(note)
        elif (status := self._each(self.making)) == 0:
            note = self._settled(now)
        if status == 0 and note:
            leave_note(self.home, self.options.engine, note)
        return status

    def _each(self, steps: list[Step]) -> int:
        for step in steps:
            ended = self._one(step)
            if ended.interrupted:
                self.course.failed_step = step.name
                out.print(f"[bold red]✗[/] Interrupted: {step.title}")
                return INTERRUPTED
            if ended.exit_code != 0:
                self._failed(ended)
                return 1
            self.screen.done(ended, said(step.name, self.results, self.home.target_of(self.options.engine)))
        return 0

    def _failed(self, ended: Ended) -> None:
        self.course.failed_step = ended.step.name
        self.course.trouble = full_disk(self.home.root, "\n".join(tail(ended.log, LINES_LOOKED_AT)))
        if ended.step.name == "build" and ended.exit_code != REFUSED:
            self._one(failures_step(self.options, self.results))
        is_named = bool(read_result(self.results.gate).get("failures") or read_result(self.results.failures))
        self.screen.failed(ended, is_named or self.course.trouble is not None)

    def _skip(self, note: Settled) -> None:
        self.course.skipped = self.making
        self.course.settled = note
        for step in self.making:
            self.screen.skipped(step, f"nothing is new since run {note.run_id}")

    def _settled(self, now: dict[str, str]) -> Settled | None:
        """What the next run may rely on; None when the tables are no longer those that the gate judged."""
        gate, release = read_result(self.results.gate), read_result(self.results.publish)
        if gate["warehouse"] != warehouse_state(self.home, self.options.engine):
            return None
        run_id = self.course.folder.name
        return Settled(run_id, now, gate["warehouse"], gate["invocation_id"], release["release_id"])

    def _at(self) -> dict[str, str]:
        return environment(self.home, self.options.engine) | {RUN_VARIABLE: self.course.folder.name}

    def _one(self, step: Step) -> Ended:
        began = self.course.seconds
        with self.screen.step(step) as watch:
            ended = run_step(step, self._at(), self.results.log(step.name), self.lock, watch)
        self.course.began.append(began)
        self.course.ended.append(ended)
        return ended


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
