"""The console during a run: one line a step, with a spinner and the seconds on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner

from gymhouse.console import out
from pipeline.step import Ended, Step, tail

TAIL_LINES = 20


class Screen:
    """Shows the steps of one run as they begin, go on and end."""

    def __init__(self, steps: list[Step]):
        self._names = [step.name for step in steps]

    @contextmanager
    def step(self, step: Step) -> Iterator[Watch]:
        """Show that `step` runs; yields what `run_step` calls with the seconds so far."""
        watch = Watch(f"{self._place(step)} {step.title}")
        with watch.live:
            yield watch

    def done(self, ended: Ended, said: str) -> None:
        """The step ended well; `said` is its result in a few words."""
        self._line("[green]✓[/]", ended, said)

    def skipped(self, step: Step, why: str) -> None:
        """The step was not taken."""
        out.print(f"[dim]–[/] {self._place(step)} {step.title:<38} {'skipped':>18}   {escape(why)}")

    def failed(self, ended: Ended, is_named: bool) -> None:
        """The step failed: show where all that it said is, and the last of it unless the summary names what failed."""
        self._line("[bold red]✗[/]", ended, f"failed (exit {ended.exit_code})")
        for line in tail(ended.log, 0 if is_named else TAIL_LINES):
            out.print(f"      [dim]│[/] {escape(line)}")
        out.print(f"      [dim]╰ all of it: {escape(str(ended.log))}[/]")

    def _line(self, mark: str, ended: Ended, said: str) -> None:
        measured = f"{ended.seconds:6.1f} s {ended.peak_memory_bytes / 1e6:6,.0f} MB"
        out.print(f"{mark} {self._place(ended.step)} {ended.step.title:<38} {measured}   {escape(said)}")

    def _place(self, step: Step) -> str:
        """`2/5`, or as many blanks for a step that is not of the plan."""
        number = self._names.index(step.name) + 1 if step.name in self._names else None
        return f"{number}/{len(self._names)}" if number else "   "


class Watch:
    """A line that turns while a step runs; draws nothing when the output is not a terminal."""

    def __init__(self, text: str):
        self._text = text
        self._spinner = Spinner("dots", text)
        # Not refreshed by a thread of its own: a step is forked off, and forks and threads do not go together.
        self.live = Live(self._spinner, console=out, transient=True, auto_refresh=False)

    def __call__(self, seconds: float) -> None:
        """Redraw with the seconds so far."""
        if out.is_terminal:
            self._spinner.update(text=f"{self._text}  {seconds:.0f} s")
            self.live.refresh()
