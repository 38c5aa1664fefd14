"""The pictures of the report: small inline SVGs, as wide as their place and as legible on a phone.

Words stand beside the pictures, in the page, so that no text is stretched with them. Colours are classes of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

WIDTH = 1000
LEAST = 3
FEWEST_COLUMNS = 24


def bar(parts: Sequence[tuple[float, str]], whole: float, start: float = 0, title: str = "") -> Markup:
    """One horizontal bar: `parts` (length, class) from left to right after `start`, where `whole` is the full width.

    A part longer than nothing is always visible.
    """
    scale = WIDTH / whole if whole else 0
    left, drawn = start * scale, []
    for length, kind in parts:
        if length > 0:
            width = max(length * scale, LEAST)
            left = min(left, WIDTH - width)
            drawn.append(f'<rect class="{kind}" x="{left:.1f}" y="0" width="{width:.1f}" height="10"/>')
            left += width
    return _svg("bar", 10, title, "".join(drawn))


def line(values: Sequence[float | None], title: str) -> Markup:
    """A line through `values` from left (oldest) to right, over a floor of zero; None leaves a gap."""
    height = 100
    top = 1.2 * max((value for value in values if value is not None), default=0) or 1
    step = WIDTH / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{place * step:.1f},{height - 5 - (height - 10) * value / top:.1f}")
    drawn = "".join(_stroke(points) for points in runs if points)
    return _svg("line", height, title, drawn)


def columns(values: Sequence[tuple[float, str, str]], title: str) -> Markup:
    """Upright columns, oldest left: each (height, class, what it says when pointed at); a bare one keeps a foot."""
    height = 100
    top = max((value for value, _, _ in values), default=0) or 1
    width = WIDTH / max(len(values), FEWEST_COLUMNS)
    drawn = []
    for place, (value, kind, told) in enumerate(values):
        tall = max(height * value / top, LEAST)
        drawn.append(
            f'<rect class="{kind}" x="{place * width + 3:.1f}" y="{height - tall:.1f}" '
            f'width="{width - 6:.1f}" height="{tall:.1f}"><title>{escape(told)}</title></rect>'
        )
    return _svg("columns", height, title, "".join(drawn))


def _stroke(points: list[str]) -> str:
    joined = " ".join(points if len(points) > 1 else points * 2)
    return f'<polyline points="{joined}"/>'


def _svg(kind: str, height: int, title: str, drawn: str) -> Markup:
    named = f'role="img" aria-label="{escape(title)}"' if title else 'aria-hidden="true"'
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" {named}>{drawn}</svg>'
    )
