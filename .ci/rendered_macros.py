"""The project's macros and variables for sqlfluff, as DuckDB sees them, without dbt and without a database.

The macros themselves are rendered, so that sqlfluff parses the SQL that dbt would run. `ref` and the like, inside a
macro, become plain table names.
"""

import re
from pathlib import Path

import yaml
from jinja2 import ChainableUndefined, Environment

PROJECT = Path(__file__).resolve().parents[1]
DEFINED = re.compile(r"{%-?\s*macro\s+(\w+)\s*\(")
# A tag of dbt's own; no model's SQL is written by it.
MATERIALIZATION = re.compile(r"{%-?\s*materialization\b.*?endmaterialization\s*-?%}", re.DOTALL)


class _Returned(Exception):
    """How dbt's `return` leaves a macro with a value that is not text."""


class _Adapter:
    def dispatch(self, name, package=None):
        return _call(f"duckdb__{name}" if f"duckdb__{name}" in _MACROS else f"default__{name}")


class _BuiltIn:
    """dbt's own macros: whatever the name, a call of an SQL function of that name."""

    def __getattr__(self, name):
        return lambda *arguments, **named: f"{name}({', '.join(map(str, [*arguments, *named.values()]))})"


def _return(value):
    raise _Returned(value)


def _call(name):
    def call(*arguments, **named):
        try:
            return _MACROS[name](*arguments, **named)
        except _Returned as returned:
            return returned.args[0]

    return call


def var(name, default=None):
    """A variable of `dbt_project.yml`."""
    return _VARIABLES.get(name, default)


_VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text()).get("vars", {})
_MACROS = {}
# What templates may call, by name.
OFFERED = {"var": var}
_FILES = [MATERIALIZATION.sub("", path.read_text()) for path in sorted((PROJECT / "macros").rglob("*.sql"))]
_ENVIRONMENT = Environment(extensions=["jinja2.ext.do"], undefined=ChainableUndefined)
_ENVIRONMENT.globals |= {
    "adapter": _Adapter(),
    "dbt": _BuiltIn(),
    "execute": False,
    "ref": lambda *names: names[-1],
    "return": _return,
    "source": lambda *names: "_".join(names),
    "var": var,
} | {name: _call(name) for text in _FILES for name in DEFINED.findall(text)}

for _text in _FILES:
    _module = _ENVIRONMENT.from_string(_text).module
    for _name in DEFINED.findall(_text):
        _MACROS[_name] = getattr(_module, _name)
        OFFERED[_name] = _call(_name)
