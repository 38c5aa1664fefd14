"""Which package may import which: the arrows between folders, read from the source."""

from __future__ import annotations

import ast

import pytest

from gymhouse.home import PROJECT

OWN = {
    "benchmarks",
    "data_gen",
    "gymhouse",
    "ingest",
    "jvm",
    "ml",
    "pipeline",
    "quality",
    "release",
    "serve",
    "warehouse",
}
# The last part of an entry may name one module: `release.current` is the side of releases that readers see.
MAY_IMPORT = {
    "gymhouse": set(),
    "jvm": {"gymhouse"},
    "data_gen": {"gymhouse"},
    "ingest": {"gymhouse", "jvm"},
    "warehouse": {"gymhouse", "jvm"},
    "release": {"gymhouse", "warehouse"},
    "quality": {"gymhouse", "release.current", "warehouse"},
    "pipeline": {"gymhouse", "jvm", "release.current", "warehouse"},
}


def imports(source: str) -> set[str]:
    """Every module that this source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def breaches(package: str, source: str) -> set[str]:
    """Modules of the project that `source`, a file of `package`, imports and may not."""
    allowed = MAY_IMPORT[package] | {package}
    own = {module for module in imports(source) if module.split(".")[0] in OWN}
    return {module for module in own if not any(module == may or module.startswith(f"{may}.") for may in allowed)}


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_package_imports_only_what_it_may(package):
    files = sorted((PROJECT / package).rglob("*.py"))
    assert files, f"{package}/ holds no Python file"
    found = {str(file.relative_to(PROJECT)): bad for file in files if (bad := breaches(package, file.read_text()))}
    assert not found, (
        f"{package} may import {sorted(MAY_IMPORT[package])} of the project; call commands instead. {found}"
    )


def test_every_package_is_known():
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert packages <= set(MAY_IMPORT), "say in MAY_IMPORT what the new package may import"


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("data_gen", "from ingest.contract import read"),
        ("data_gen", "def late():\n    import ingest"),
        ("pipeline", "from release import store"),
        ("quality", "import release.publish"),
    ],
)
def test_breach_is_found(package, source):
    assert breaches(package, source)


@pytest.mark.parametrize("source", ["from release.current import live_id", "import json", "from pipeline import plan"])
def test_allowed_import_is_fine(source):
    assert not breaches("pipeline", source)
