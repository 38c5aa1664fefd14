"""Who may be published: a whole build without a failure, judged by a gate that passed on just that build."""

from __future__ import annotations

import json
from pathlib import Path

from gymhouse.artifacts import Build, rebuild
from gymhouse.console import Problem
from gymhouse.home import DUCKDB, Home
from warehouse import warehouse_state


def admit(home: Home, build: Build, gate_path: Path, engine: str = DUCKDB) -> dict:
    """The verdict at `gate_path`, if the build of `engine` may be published; else raises `Problem` with the reason."""
    gate = _verdict(gate_path, engine)
    if not gate["passed"]:
        tables = sorted({failure["table"] for failure in gate["failures"]})
        raise Problem(
            f"The gate did not pass: {len(gate['failures'])} checks failed on {', '.join(tables[:5])}"
            f"{' …' if len(tables) > 5 else ''}.",
            f"`{gate_command(engine)}` shows them with keys of the rows; the live release stays as it is.",
        )
    if not gate["complete"]:
        raise Problem(f"The gate of {gate_path} looked at some tables only.", regate(engine))
    if gate["invocation_id"] != build.invocation_id:
        raise Problem("The gate judged another build than the one in the warehouse.", regate(engine))
    require_unchanged(home, gate, engine)
    if missing := build.not_run():
        some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        raise Problem(
            f"`dbt {build.command}` left {len(missing)} models or tests unbuilt or failed: {some}.",
            f"{rebuild(home, engine)} `python -m quality failures{_option(engine)}` shows what failed.",
        )
    return gate


def require_unchanged(home: Home, gate: dict, engine: str = DUCKDB) -> None:
    """Raise `Problem` unless the tables of `engine` are still those that the gate judged."""
    state = warehouse_state(home, engine)
    if state is None or gate["warehouse"] != state:
        raise Problem(
            f"{home.warehouse_of(engine)} was changed since the gate looked at it.",
            f"{rebuild(home, engine)} Then gate again.",
        )


def gate_command(engine: str) -> str:
    """The command that judges the build of `engine`."""
    return f"python -m quality gate{_option(engine)}"


def regate(engine: str) -> str:
    """What to do about a verdict that says nothing of the build of `engine`."""
    return f"Run `{gate_command(engine)}` again; publish when it has passed."


def _option(engine: str) -> str:
    return "" if engine == DUCKDB else f" --engine {engine}"


def _verdict(path: Path, engine: str) -> dict:
    try:
        verdict = json.loads(path.read_text())
        missing = {"passed", "complete", "invocation_id", "warehouse", "failures", "rows"} - set(verdict)
    except FileNotFoundError:
        raise Problem(f"There is no verdict of the gate at {path}.", f"Run `{gate_command(engine)}` first.") from None
    except (json.JSONDecodeError, TypeError):
        raise Problem(f"{path} is not a verdict of the gate.", regate(engine)) from None
    if missing:
        raise Problem(f"{path} is not a verdict of the gate: it lacks {', '.join(sorted(missing))}.", regate(engine))
    return verdict
