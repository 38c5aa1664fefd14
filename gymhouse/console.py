"""How the commands speak: one console, one look for tables, progress and errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gymhouse.home import home

# What no terminal shows is as wide as it needs to be: a pipe or a file has no edge at which to fold a name.
_WIDE = 1_000
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True, width=None if sys.stderr.isatty() else _WIDE)


class Problem(Exception):
    """Something the user can put right: what is wrong and where, and what to do about it.

    Commands that wear `explains_problems` print both sentences and exit 2 instead of a traceback.
    """

    def __init__(self, what: str, fix: str):
        super().__init__(f"{what} {fix}")
        self.what = what
        self.fix = fix


def explains_problems(command: Callable) -> Callable:
    """Decorate a command: a `Problem`, or a full disk, becomes two clear sentences on stderr and exit status 2."""

    @wraps(command)
    def wrapped(*args, **kwargs):
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            _explain(problem)
        except OSError as error:
            from gymhouse.disk import full_disk  # which speaks in problems itself

            if problem := full_disk(home().root, error):
                _explain(problem)
            raise

    return wrapped


def _explain(problem: Problem) -> NoReturn:
    err.print(f"[bold red]error:[/] {escape(problem.what)}")
    err.print(f"[bold]do:[/] {escape(problem.fix)}")
    sys.exit(2)


def progress(unit: str) -> Progress:
    """A progress bar that counts `unit`s; draws nothing when the output is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """An empty table with these column titles; those in `numbers` are right-aligned, and never cut: names fold."""
    made = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(
            column, justify="right" if column in numbers else "left", no_wrap=column in numbers, overflow="fold"
        )
    return made


def size(count: int) -> str:
    """Bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
        count /= 1000
    raise AssertionError("unreachable")
