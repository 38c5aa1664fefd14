"""Which days of arrival one file holds."""

from __future__ import annotations

from dataclasses import dataclass

from data_gen.chain.parameters import Parameters
from gymhouse.console import Problem

# Longer chains write a file a month, so that two years are hundreds of files and not twenty thousand.
_DAYS_IN_DAILY_FILES = 62
_LAST_DAYS = 7
# A month of more readings than this would be a file of gigabytes.
_READINGS_IN_MONTHLY_FILES = 20_000_000


@dataclass(frozen=True)
class Span:
    """The days [first, behind) of one file, and what its name says of them."""

    first: int
    behind: int
    label: str


def spans(chain: Parameters, is_topic: bool = False) -> list[Span]:
    """The spans of all files of a table, in order.

    The first day is a file of its own, for it is the initial export; the last days too, for they are a chain's daily
    work. Files of the topic hold a day each where there are many readings.
    """
    is_daily = chain.files == "day" or (chain.files == "auto" and chain.days <= _DAYS_IN_DAILY_FILES)
    is_daily |= is_topic and chain.files == "auto" and (chain.heart_rate or 0) > _READINGS_IN_MONTHLY_FILES
    found: list[Span] = []
    for day in range(chain.days):
        on = chain.date_of(day)
        if is_daily or day == 0 or day >= chain.days - _LAST_DAYS:
            found.append(Span(day, day + 1, on.isoformat()))
        elif found[-1].label == f"{on:%Y-%m}":
            found[-1] = Span(found[-1].first, day + 1, found[-1].label)
        else:
            found.append(Span(day, day + 1, f"{on:%Y-%m}"))
    return found


def require_whole_files(chain: Parameters, first: int, behind: int) -> None:
    """Raise `Problem` where the days [first, behind) cut a file in two."""
    for option, day in (("--from", first), ("--to", behind)):
        cut = next((span for span in spans(chain) if span.first < day < span.behind), None)
        if cut:
            begins, ends = chain.date_of(cut.first), chain.date_of(cut.behind - 1)
            raise Problem(
                f"{option} cuts the files of {cut.label}, which hold {begins} to {ends}.",
                "Give a range of whole files, or --files day for the whole chain.",
            )
