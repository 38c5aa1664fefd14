"""Each macro that stands in an expression, in a query over rows on which the engines' own functions differ."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from dataclasses import dataclass
from itertools import product

import pyarrow as pa

from gymhouse.home import PROJECT


@dataclass(frozen=True)
class Case:
    """A query with macros, and the columns that tell its rows apart."""

    sql: str
    key: tuple[str, ...] = ("id",)


CASES = {
    "lower_trimmed": Case(
        "select code, {{ lower_trimmed('letter') }} as alone, {{ lower_trimmed('ending') }} as ending from letters",
        ("code",),
    ),
    "trimmed": Case("select code, {{ trimmed('blank') }} as blank from letters", ("code",)),
    "exact_decimal": Case(
        "select id, {{ exact_decimal('number', 9, 3) }} as three, {{ exact_decimal('number', 12, 4) }} as four"
        " from doubles"
    ),
    "epoch_to_timestamp": Case(
        "select seconds, {{ epoch_to_timestamp('seconds') }} as moment from epochs", ("seconds",)
    ),
    "seconds_between": Case("select id, {{ seconds_between('earlier', 'later') }} as seconds from moments"),
    "add_seconds": Case("select id, {{ add_seconds('earlier', '6 * 3600 - id') }} as later from moments"),
    "local_date": Case(
        "select zone, id, {{ local_date('at_utc', 'zone') }} as day from zones cross join instants", ("zone", "id")
    ),
    "local_time": Case(
        "select zone, id, {{ local_time('at_utc', 'zone') }} as shown from zones cross join instants", ("zone", "id")
    ),
    "zoned_time": Case(
        "with visits as (select zone as time_zone, id, at_utc from zones cross join instants),"
        " zone_days as ({{ zone_days('visits', 'at_utc') }})"
        " select visits.time_zone as zone, visits.id, {{ zoned_time('visits', 'at_utc') }} as shown"
        " from visits left join zone_days on {{ on_zone_day('visits', 'at_utc') }}",
        ("zone", "id"),
    ),
    "add_days": Case("select id, {{ add_days('day', 'days') }} as later from days"),
    "day_number": Case("select id, {{ day_number('day') }} as number from days"),
    "explode_days": Case(
        "select id, {{ explode_days('day', add_days('day', 'days')) }} as day from days where days < 999", ("id", "day")
    ),
    "explode_numbers": Case(
        "select id, {{ explode_numbers('days') }} as number from days where days < 999", ("id", "number")
    ),
    "sorted_list": Case("select id, {{ sorted_list('word') }} as words from words group by id"),
    "first_known": Case(
        "select id, number, {{ first_known('word') }} over (partition by id order by number) as word from words",
        ("id", "number"),
    ),
    "bits_set": Case(
        "select word, cast({{ bits_set('id % 60') }} as int) as different from words group by word", ("word",)
    ),
    "whole_quotient": Case("select id, {{ whole_quotient('days', '7') }} as weeks from days"),
    "half_up": Case("select id, {{ half_up('days', '52', '12') }} as monthly from days"),
    "amount_of_cents": Case("select id, {{ amount_of_cents('days') }} as amount from days"),
    "matches": Case(
        "select id, number, {{ matches('word', \"'^([ab]|ä)$'\") }} as alone,"
        " {{ matches(\"'ab0O'\", 'word') }} as inside"
        " from words",
        ("id", "number"),
    ),
    "running_product": Case(
        "select id, number, {{ running_product('1 - number / 100.0e0', 'id', 'number') }} as share from words",
        ("id", "number"),
    ),
    "surrogate_key": Case(
        "select id, number, {{ surrogate_key(['id', 'word', 'number', 'price', 'day']) }} as key from words",
        ("id", "number"),
    ),
    "age_in_years": Case("select id, {{ age_in_years('day', \"cast('2024-02-29' as date)\") }} as age from days"),
    # How many digits a product of decimals may have is each engine's own rule: a column of a table names its type.
    "max_heart_rate": Case("select id, cast({{ max_heart_rate('days') }} as decimal(12, 2)) as beats from days"),
    "clamp": Case("select id, {{ clamp('number', -5, 5) }} as held from doubles"),
    "basal_metabolic_rate": Case(
        "select id, {{ basal_metabolic_rate('number', 'number * 1e6', 'id', \"'m'\") }} as kcal from doubles"
    ),
}
EPOCHS = [-62135510401, -62135510400, -1, 0, 1, 253402214399, 253402214400, -(2**63), 2**63 - 1, None]
DOUBLES = [0.0, -0.0, 1e-5, -1e-9, 0.0005, 1.0005, 2.675, 99999.9999499999, 999.9995, 123456.7895, None]
WORDS = ["b", "B", "ä", "", None, "a", "a", "𝒳", "\uffee", "a "]
DAYS = ["0001-01-01", "0999-12-31", "1969-12-31", "2000-02-29", "2024-03-01"]
MOMENTS = ["0001-01-02 00:00:00", "1582-10-10 00:00:00", "1969-12-31 23:59:59.500000", "2025-03-09 06:59:59.999999"]
MOMENTS += ["2025-03-09 07:00:00", "9999-12-30 00:00:00"]


def inputs() -> dict[str, pa.Table]:
    """The rows that the cases read, by table."""
    draw = random.Random(7)
    doubles = [draw.randrange(10**8) / 10 ** draw.choice([3, 4, 5]) for _ in range(50_000)]
    doubles += [round(draw.uniform(-300, 300), draw.choice([3, 4])) + 0.0005 for _ in range(50_000)]
    moments = [None, *map(dt.datetime.fromisoformat, MOMENTS)]
    pairs = list(product(moments, moments))
    moved = list(product([None, *map(dt.date.fromisoformat, DAYS)], [-1, 0, 1, 366, 10_000, None]))
    return {
        "letters": _letters(),
        "doubles": _numbered({"number": DOUBLES + doubles}),
        "epochs": pa.table({"seconds": EPOCHS + [draw.randrange(-(10**11), 10**11) for _ in range(1000)]}),
        "moments": _numbered({"earlier": _instants([a for a, _ in pairs]), "later": _instants([b for _, b in pairs])}),
        "days": _numbered({"day": [day for day, _ in moved], "days": [days for _, days in moved]}),
        "words": _words(),
        "zones": pa.table({"zone": (PROJECT / "seeds" / "time_zones.csv").read_text().split()[1:]}),
        "instants": _numbered({"at_utc": _years(1979, 2100)}),
    }


def _letters() -> pa.Table:
    # What is assigned in the Unicode that Python knows is old enough for every engine.
    codes = [code for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Cs"}]
    letters = [chr(code) for code in codes]
    endings, blanks = [f"ab{letter}" for letter in letters], [f"{letter} x{letter}" for letter in letters]
    return pa.table({"code": codes, "letter": letters, "ending": endings, "blank": blanks})


def _words() -> pa.Table:
    """One group of words, and one that has none."""
    more = len(WORDS) + 1
    return pa.table(
        {
            "id": [*[1] * len(WORDS), 2, 2],
            "number": [*range(len(WORDS)), 0, 1],
            "word": [*WORDS, None, None],
            "price": pa.array([None, *range(more)], pa.decimal128(9, 2)),
            "day": pa.array([None, *range(-719_162, -719_162 + more)], pa.date32()),
        }
    )


def _years(first: int, last: int) -> pa.Array:
    """Instants a month and some odd minutes apart. Before 1979 engines tell the past of a few zones differently."""
    begin, end = (dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp() for year in (first, last))
    return pa.array(range(int(begin) * 10**6, int(end) * 10**6, 2_677_777 * 10**6), pa.timestamp("us", "UTC"))


def _numbered(columns: dict) -> pa.Table:
    return pa.table({"id": range(len(next(iter(columns.values())))), **columns})


def _instants(moments: list) -> pa.Array:
    return pa.array(moments, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
