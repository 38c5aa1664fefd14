"""What is wrong with a statement for Databricks, as far as a machine tells without a workspace: grammar, names."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pyspark.sql.functions
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

DIALECT = sqlglot.Dialect.get_or_raise("databricks")

# sqlglot says on its log that it takes a statement for opaque text; here that is a finding.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# Kinds of statements that sqlglot takes apart. Anything else, its opaque `Command` above all, must have one of SHAPES.
TAKEN_APART = (
    exp.Alter,
    exp.Create,
    exp.Delete,
    exp.Describe,
    exp.Drop,
    exp.Grant,
    exp.Insert,
    exp.Merge,
    exp.Query,
    exp.Revoke,
    exp.Update,
)

_NAME = r"`[^`]+`\.`[^`]+`\.`[^`]+`"
# Statements that Databricks documents and sqlglot does not know, word for word.
SHAPES = re.compile(
    rf"list '[^']+'|optimize {_NAME}|show schemas in `[^`]+`|show grants on {_NAME}|show create table {_NAME}"
    rf"|alter table {_NAME} alter column `[^`]+` set mask {_NAME}",
    re.IGNORECASE,
)

# How the names of temporary views end: dbt's own, and what a sliced model holds while it is built.
TEMPORARY = ("__dbt_tmp", "__known", "__now", "__changed", "__mapped", "__before")

# What may stand before a bracket: Spark's functions, and what else Databricks documents.
FUNCTIONS = {name.lower() for name in pyspark.sql.functions.__all__} | {
    "cast",
    "decimal",
    "if",
    "is_account_group_member",
    "read_files",
    "timestampadd",
}


def faults(sql: str, catalog: str) -> list[str]:
    """What is wrong with one statement, each as `line 3: …`; none is fine.

    `catalog` is what the name of every relation must begin with, in three parts (`system` is the workspace's own).
    """
    try:
        tokens = DIALECT.tokenize(sql)
        trees = DIALECT.parser(error_level=sqlglot.ErrorLevel.RAISE).parse(tokens, sql)
    except SqlglotError as error:
        place = error.errors[0] if getattr(error, "errors", None) else {}
        said = place.get("description") or str(error).splitlines()[0]
        return [f"line {place.get('line', 1)}: {said}: {_line(sql, place.get('line', 1))}"]
    if len(trees) != 1 or trees[0] is None:
        return [f"line 1: {sum(tree is not None for tree in trees)} statements where one is sent at a time"]
    return _opaque(sql, trees[0]) + _unknown_functions(sql, tokens) + _short_names(trees[0], catalog)


def faults_of_files(folder: Path, catalog: str) -> list[str]:
    """What is wrong with the statements in all SQL files below a folder, each as `path, line 3: …`.

    Empty files are hooks, which send their statements themselves.
    """
    return [
        f"{path.relative_to(folder)}, {fault}"
        for path in sorted(folder.rglob("*.sql"))
        if path.read_text().strip()
        for fault in faults(path.read_text(), catalog)
    ]


def _opaque(sql: str, tree: exp.Expression) -> list[str]:
    words = " ".join(sql.split())
    if SHAPES.fullmatch(words):
        return []
    if not isinstance(tree, TAKEN_APART) or tree.find(exp.Command):
        return [f"line 1: no statement that Databricks is known to take: {words[:120]}"]
    return []


def _unknown_functions(sql: str, tokens: list[Token]) -> list[str]:
    found = []
    for before, name, bracket in zip([None, *tokens], tokens, tokens[1:], strict=False):
        called = bracket.token_type == TokenType.L_PAREN and name.end + 1 == bracket.start and name.text.isidentifier()
        named = before is not None and before.token_type in (TokenType.DOT, TokenType.ALIAS, TokenType.R_PAREN)
        if called and not named and name.text.lower() not in FUNCTIONS:
            found.append(f"line {name.line}: Spark has no function {name.text}: {_line(sql, name.line)}")
    return found


def _short_names(tree: exp.Expression, catalog: str) -> list[str]:
    within = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = []
    for table in tree.find_all(exp.Table):
        own = table.catalog == "" and table.db == "" and (table.name in within or table.name.endswith(TEMPORARY))
        of_catalog = table.catalog in (catalog, "system") and table.db and table.name
        if isinstance(table.this, exp.Identifier) and not own and not of_catalog:
            line = table.this.meta.get("line", 1)
            found.append(f"line {line}: {table.sql('databricks')} is not of the form {catalog}.schema.table")
    return found


def _line(sql: str, number: int) -> str:
    lines = sql.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
