"""Keep values of rows out of messages and reports: databases quote them in their errors."""

from __future__ import annotations

import re
from collections.abc import Collection

QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*\"""")
LONG_NUMBER = re.compile(r"(?<![\w.-])\d{6,}(?![\w-])")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
MASK = "…"
BEFORE_ROWS = {"Binder", "Catalog", "Parser"}
# `[CLASS.SUBCLASS] what is wrong`
SPARK_SAID = re.compile(r"\[([A-Z][A-Z0-9_]+)(?:\.[A-Z0-9_]+)*\] [^\n]*")
SPARK_BEFORE_ROWS = {
    "COLUMN_NOT_FOUND",
    "DATATYPE_MISMATCH",
    "PARSE_SYNTAX_ERROR",
    "SCHEMA_NOT_FOUND",
    "TABLE_OR_VIEW_NOT_FOUND",
    "UNRESOLVED_COLUMN",
    "UNRESOLVED_ROUTINE",
}
SPARK_FREE_TEXT = "USER_RAISED_EXCEPTION"
CONTRACT = "enforced contract"
# | column | type in the SQL | type in the contract | what is wrong |
MISMATCH = re.compile(r"^\s*\| (?!column_name)(\w+)\s*\|([^|]*)\|([^|]*)\| (\w[^|]*?)\s*\|", re.MULTILINE)


def mask(text: str, names: Collection[str] = ()) -> str:
    """`text` with every quoted piece, e-mail address and long number replaced by `…`.

    Quoted pieces that are in `names` (tables, columns, files: things we named ourselves) stay.
    """

    def hide(match: re.Match) -> str:
        quoted = match.group()
        return quoted if quoted[1:-1] in names else quoted[0] + MASK + quoted[-1]

    return LONG_NUMBER.sub(MASK, E_MAIL.sub(MASK, QUOTED.sub(hide, text)))


def engine_said(message: str, names: Collection[str] = ()) -> str:
    """The one line of `message` that holds the engine's error (else its first line), masked.

    Errors that an engine finds before it reads a row stay whole: they name the column or table that is wrong. So does
    what dbt finds when it compares a model with its enforced contract.
    """
    if CONTRACT in message:
        found = [f"{name} ({wrong})" for name, _, _, wrong in MISMATCH.findall(message)]
        return f"its columns are not those of its {CONTRACT}: {', '.join(found) or 'see the log'}"
    if said := re.search(r"\b(\w+) Error: .*", message):
        return said.group() if said.group(1) in BEFORE_ROWS else mask(said.group(), names)
    if said := SPARK_SAID.search(message):
        if said.group(1) == SPARK_FREE_TEXT:
            return f"[{SPARK_FREE_TEXT}] {MASK}"
        return said.group() if said.group(1) in SPARK_BEFORE_ROWS else mask(said.group(), names)
    return mask(next((line for line in message.splitlines() if line.strip()), ""), names)
