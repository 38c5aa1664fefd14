"""The nodes of a build in the order that dbt kept: what ran, how long, and what it had to wait for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from graphlib import TopologicalSorter

from gymhouse.artifacts import Build
from pipeline.built import TABLES, TESTS

KINDS = (*TABLES, *TESTS)


@dataclass(frozen=True)
class Node:
    """A model, seed, snapshot or test that ran. Times are seconds after the first node began.

    `waits_for` are the ids of those that had to end before it: what it reads, and the tests of that.
    """

    unique_id: str
    name: str
    kind: str
    seconds: float
    began: float
    thread: str
    waits_for: frozenset[str]


def nodes_of(build: Build) -> dict[str, Node]:
    """What ran in the build, by unique id. What was skipped, and hooks, are left out."""
    known = build.manifest["nodes"] | build.manifest.get("unit_tests", {})
    ran = {
        unique_id: result
        for unique_id, result in build.results.items()
        if unique_id in known and known[unique_id]["resource_type"] in KINDS and result["timing"]
    }
    reads = {unique_id: frozenset(known[unique_id].get("depends_on", {}).get("nodes", ())) for unique_id in known}
    waits = _waits(reads, [unique_id for unique_id in ran if known[unique_id]["resource_type"] in TESTS])
    zero = min((_began(result) for result in ran.values()), default=None)
    return {
        unique_id: Node(
            unique_id=unique_id,
            name=known[unique_id].get("alias") or known[unique_id]["name"],
            kind=known[unique_id]["resource_type"],
            seconds=result["execution_time"],
            began=(_began(result) - zero).total_seconds(),
            thread=result["thread_id"],
            waits_for=waits[unique_id] & ran.keys(),
        )
        for unique_id, result in ran.items()
    }


def critical_path(nodes: dict[str, Node]) -> list[Node]:
    """The chain of nodes, each waiting for the one before, that takes longest."""
    best: dict[str, tuple[float, str | None]] = {}
    for unique_id in TopologicalSorter({each.unique_id: each.waits_for for each in nodes.values()}).static_order():
        former = max(nodes[unique_id].waits_for, key=lambda each: best[each][0], default=None)
        before = best[former][0] if former else 0.0
        best[unique_id] = (before + nodes[unique_id].seconds, former)
    chain, last = [], max(best, key=lambda each: best[each][0], default=None)
    while last:
        chain.append(nodes[last])
        last = best[last][1]
    return chain[::-1]


def _waits(reads: dict[str, frozenset[str]], tests: list[str]) -> dict[str, frozenset[str]]:
    """What each node waits for. `dbt build` lets nobody read a table before the tests of that table have ended."""

    @cache
    def above(unique_id: str) -> frozenset[str]:
        return reads.get(unique_id, frozenset()).union(*map(above, reads.get(unique_id, ())))

    of_table: dict[str, set[str]] = {}
    for test in tests:
        for table in reads[test]:
            of_table.setdefault(table, set()).add(test)
    waits = {}
    for unique_id, read in reads.items():
        judges = set() if unique_id in tests else set().union(*(of_table.get(table, ()) for table in read))
        waits[unique_id] = read | {test for test in judges if reads[test] <= above(unique_id)}
    return waits


def _began(result: dict) -> datetime:
    return datetime.fromisoformat(min(each["started_at"] for each in result["timing"]))
