"""In which order a chain's files arrive, in which pieces, how often, and what is built between: drawn, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drop_pieces import CUTS, DropFile
from hypothesis import strategies as st


def _as_repr(self, printer, cycle: bool) -> None:
    """Hypothesis, too, prints what `repr` says."""
    printer.text(repr(self))


@dataclass(frozen=True, repr=False)
class Arrival:
    """How one file arrives. Each part of it comes `later` instalments after its day's (the last wraps to the first).

    `again`: every third row comes once more in a file of its own, so many instalments after its day's.
    """

    later: tuple[int, ...] = (0,)
    cut: str | None = None
    backwards: bool = False
    again: int | None = None

    def __repr__(self) -> str:
        said = [f"{self.cut}, " if self.cut else "", "late by " + ", ".join(map(str, self.later)) + " instalments"]
        said += [", backwards"] * self.backwards
        said += [f", every third row again {self.again} later"] if self.again is not None else []
        return "".join(said)

    _repr_pretty_ = _as_repr

    def pieces(self, file: DropFile, due: int, instalments: int) -> list[tuple[int, str, bytes]]:
        """(instalment, name, content) of each piece of `file`, which is due in the instalment `due`."""
        rows = list(reversed(file.rows)) if self.backwards else list(file.rows)
        parts = CUTS[self.cut](rows) if self.cut else [rows]
        named = [
            (f"part{number}", part, later) for number, (part, later) in enumerate(zip(parts, self.later, strict=False))
        ]
        # A cut gives as many parts as the file has to offer; the last delay stands for the rest.
        named += [(f"part{number}", parts[number], self.later[-1]) for number in range(len(named), len(parts))]
        if self.again is not None:
            named.append(("again", rows[::3], self.again))
        return [((due + later) % instalments, *file.piece(part, rows)) for part, rows, later in named if rows]


PLAIN = Arrival()


@dataclass(frozen=True)
class Build:
    """A dbt command, perhaps stopped: at its `stop_at`-th statement, by an error of that statement or by `kill -9`."""

    arguments: tuple[str, ...] = ("run",)
    stop_at: int | None = None
    is_killed: bool = False

    def __str__(self) -> str:
        stop = ", killed at" if self.is_killed else ", a failure at"
        return f"dbt {' '.join(self.arguments)}" + (f"{stop} statement {self.stop_at}" if self.stop_at else "")


@dataclass(frozen=True)
class Keeping:
    """A command that keeps house in the lake: `compact`, or `retire`, here of all rejected rows."""

    command: str

    def __str__(self) -> str:
        return f"ingest {self.command}"


COMPACT, RETIRE_REJECTS = Keeping("compact"), Keeping("retire")
WHOLE = Build()
FRESH = Build(("run", "--full-refresh"))


@dataclass(frozen=True, repr=False)
class Schedule:
    """`arrivals` by file name, for those that do not arrive whole and in time; `steps` after each instalment."""

    arrivals: dict[str, Arrival]
    steps: tuple[tuple[Build | Keeping, ...], ...]

    _repr_pretty_ = _as_repr

    def instalments(self, files: Sequence[DropFile]) -> list[dict[str, bytes]]:
        """The files of each instalment: content by name."""
        count = len(self.steps)
        found: list[dict[str, bytes]] = [{} for _ in self.steps]
        for file in files:
            arrival = self.arrivals.get(file.name, PLAIN)
            for at, name, content in arrival.pieces(file, due_in(file, files, count), count):
                found[at][name] = content
        return found

    def __repr__(self) -> str:
        odd = [f"  {name}: {arrival}" for name, arrival in self.arrivals.items() if arrival != PLAIN]
        done = [
            f"  instalment {at}: {'; '.join(map(str, some)) or 'nothing built'}" for at, some in enumerate(self.steps)
        ]
        return "\n".join([f"Schedule of {len(done)} instalments", *done, *(odd or ["  all files whole and in time"])])


def due_in(file: DropFile, files: Sequence[DropFile], instalments: int) -> int:
    """In which instalment `file` is due, when the days of `files` are spread over so many."""
    return file.day * instalments // (1 + max(each.day for each in files))


def arrivals(instalments: int) -> st.SearchStrategy[Arrival]:
    """How one file may arrive among so many instalments; the simplest is whole and in time."""
    later = st.integers(0, instalments - 1)
    moved = st.builds(Arrival, later=st.tuples(later), backwards=st.booleans(), again=st.none() | later)
    cut = st.builds(
        Arrival,
        later=st.tuples(later, later, later),
        cut=st.sampled_from(sorted(CUTS)),
        backwards=st.booleans(),
        again=st.none() | later,
    )
    return st.one_of(st.just(PLAIN), moved, cut)


def builds(models: Sequence[str], dates: Sequence[str]) -> st.SearchStrategy[Build]:
    """A build of everything, of some `models`, as of one of `dates`, or one that stops in the middle."""
    one = st.sampled_from(models)
    selector = st.builds(
        lambda before, model, behind: f"{before}{model}{behind}",
        st.sampled_from(["", "+"]),
        one,
        st.sampled_from(["", "+"]),
    )
    some = st.lists(selector, min_size=1, max_size=4, unique=True)
    statement = st.integers(1, 500)
    return st.one_of(
        st.just(WHOLE),
        some.map(lambda chosen: Build(("run", "--select", *chosen))),
        some.map(lambda chosen: Build(("run", "--exclude", *chosen))),
        st.builds(Build, stop_at=statement),
        st.builds(Build, stop_at=statement, is_killed=st.just(True)),
        st.just(FRESH),
        st.sampled_from(dates).map(lambda day: Build(("run", "--vars", f"as_of: {day}"))),
    )


@st.composite
def schedules(
    draw: st.DrawFn, files: Sequence[DropFile], models: Sequence[str], dates: Sequence[str], least: int = 2
) -> Schedule:
    """Any schedule; what it shrinks to is day after day in the `least` instalments, with only that odd which must."""
    count = draw(st.integers(least, 4))
    keepings = st.sampled_from([COMPACT, RETIRE_REJECTS])
    between = st.lists(builds(models, dates) | keepings, max_size=2).map(tuple)
    # The first instalment is always built: without a table there is nothing to be wrong in.
    done = [(WHOLE, *draw(between)), *(draw(between) for _ in range(count - 1))]
    return Schedule({file.name: draw(arrivals(count)) for file in files}, tuple(done))
