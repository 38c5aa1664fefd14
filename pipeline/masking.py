"""Keep values of rows out of reports: databases quote them in their error messages."""

from __future__ import annotations

import re
from collections.abc import Collection

QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*\"""")
LONG_NUMBER = re.compile(r"(?<![\w.-])\d{6,}(?![\w-])")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
MASK = "…"


def mask(text: str, names: Collection[str] = ()) -> str:
    """`text` with every quoted piece, e-mail address and long number replaced by `…`.

    Quoted pieces that are in `names` (tables, columns, files: things we named ourselves) stay.
    """

    def hide(match: re.Match) -> str:
        quoted = match.group()
        return quoted if quoted[1:-1] in names else quoted[0] + MASK + quoted[-1]

    return LONG_NUMBER.sub(MASK, E_MAIL.sub(MASK, QUOTED.sub(hide, text)))
