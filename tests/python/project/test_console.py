"""What the commands print can be read, whatever the width of the screen."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from gymhouse.console import table


@pytest.mark.parametrize("width", [60, 80, 120])
def test_numbers_are_never_cut(width):
    shown = table("table", "rows", "bytes", numbers=("rows", "bytes"))
    name = f"silver.int_{'of_a_long_name_' * 8}"
    shown.add_row(name, "1,070,306", "65.0 MB")
    written = StringIO()
    Console(file=written, width=width, soft_wrap=True).print(shown)
    said = written.getvalue()
    assert "1,070,306" in said
    assert "65.0 MB" in said
    folded = "".join(line[: line.find("  ")] if "  " in line else line for line in said.splitlines()[1:])
    assert folded == name
