"""Who may be published: a whole build without a failure, judged by a gate that passed on just that build."""

from __future__ import annotations

import json
from pathlib import Path

from gymhouse.artifacts import Build, rebuild
from gymhouse.console import Problem
from gymhouse.home import Home
from gymhouse.warehouse import warehouse_state

REGATE = "Run `python -m quality gate` again; publish when it has passed."


def admit(home: Home, build: Build, gate_path: Path) -> dict:
    """The verdict at `gate_path`, if the build may be published; raises `Problem` with the reason otherwise."""
    gate = _verdict(gate_path)
    if not gate["passed"]:
        tables = sorted({failure["table"] for failure in gate["failures"]})
        raise Problem(
            f"The gate did not pass: {len(gate['failures'])} checks failed on {', '.join(tables[:5])}"
            f"{' …' if len(tables) > 5 else ''}.",
            "`python -m quality gate` shows them with keys of the rows; the live release stays as it is.",
        )
    if not gate["complete"]:
        raise Problem(f"The gate of {gate_path} looked at some tables only.", REGATE)
    if gate["invocation_id"] != build.invocation_id:
        raise Problem("The gate judged another build than the one in the warehouse.", REGATE)
    if not home.warehouse.exists() or gate["warehouse"] != warehouse_state(home):
        raise Problem(f"{home.warehouse} was changed since the gate looked at it.", f"{rebuild(home)} Then gate again.")
    if missing := build.not_run():
        some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        raise Problem(
            f"`dbt {build.command}` left {len(missing)} models or tests unbuilt or failed: {some}.",
            f"{rebuild(home)} `python -m quality failures` shows what failed.",
        )
    return gate


def _verdict(path: Path) -> dict:
    try:
        verdict = json.loads(path.read_text())
        missing = {"passed", "complete", "invocation_id", "warehouse", "failures", "rows"} - set(verdict)
    except FileNotFoundError:
        raise Problem(f"There is no verdict of the gate at {path}.", "Run `python -m quality gate` first.") from None
    except (json.JSONDecodeError, TypeError):
        raise Problem(f"{path} is not a verdict of the gate.", REGATE) from None
    if missing:
        raise Problem(f"{path} is not a verdict of the gate: it lacks {', '.join(sorted(missing))}.", REGATE)
    return verdict
