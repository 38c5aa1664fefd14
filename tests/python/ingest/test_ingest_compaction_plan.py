"""Which files compaction merges: enough of a size, of one month, each row seldom, and then no more."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ingest.compaction_plan import groups_to_merge
from ingest.contents import RawFile

TARGET, LEAST = 1000, 4

sizes = st.integers(1, 2 * TARGET)
days = st.dates().map(lambda day: f"2026-{1 + day.month % 3:02}-{1 + day.day % 28:02}")
lakes = st.lists(st.tuples(days, sizes), max_size=60)


def files_of(lake: list[tuple[str, int]]) -> list[RawFile]:
    named = enumerate(lake)
    return [RawFile(f"t/landed_date={day}/{at:03}.parquet", size, frozenset({str(at)})) for at, (day, size) in named]


def merged(files: list[RawFile], groups: list[tuple[RawFile, ...]]) -> list[RawFile]:
    """The lake afterwards, a merged file being as large as its parts."""
    gone = {file for group in groups for file in group}
    made = [
        RawFile(
            f"t/landed_date={max(file.day for file in group)}/{max(group[-1].batches)}_made.parquet",
            sum(file.size for file in group),
            frozenset().union(*(file.batches for file in group)),
        )
        for group in groups
    ]
    return [file for file in files if file not in gone] + made


@given(lakes)
def test_groups_are_small_files_of_one_month_that_fit_together(lake):
    files = files_of(lake)
    groups = groups_to_merge(files, TARGET, LEAST)
    assert max(Counter(file for group in groups for file in group).values(), default=1) == 1
    for group in groups:
        assert len(group) > 1
        assert len({file.day[:7] for file in group}) == 1
        assert sum(file.size for file in group) <= TARGET
        assert all(file.size < TARGET / 2 for file in group)


@given(lakes)
def test_a_second_time_there_is_nothing_to_do(lake):
    files = files_of(lake)
    after = merged(files, groups_to_merge(files, TARGET, LEAST))
    assert groups_to_merge(after, TARGET, LEAST) == []


@given(lakes)
def test_few_files_stay_of_each_month(lake):
    files = files_of(lake)
    after = merged(files, groups_to_merge(files, TARGET, LEAST))
    for month in {file.day[:7] for file in files}:
        small = [file for file in after if file.day.startswith(month) and file.size < TARGET / 2]
        # Over: one remainder. Still open: fewer than LEAST in each of the five classes of size from half to a 1024th.
        over = month != max(file.day for file in files)[:7]
        assert len(small) <= (1 if over else 5 * (LEAST - 1))


def test_a_row_is_written_anew_a_handful_of_times_however_often_compaction_runs():
    """Four files a day for two years, compacted after each."""
    files, written = [], Counter()
    for number in range(24 * 30 * 4):
        month, day = divmod(number // 4, 30)
        at = f"{2024 + month // 12}-{1 + month % 12:02}-{1 + day:02}"
        files.append(RawFile(f"t/landed_date={at}/{number:05}.parquet", 3, frozenset({f"{number:05}"})))
        while groups := groups_to_merge(files, TARGET, LEAST):
            for group in groups:
                written.update(batch for file in group for batch in file.batches)
            files = merged(files, groups)
    # Once into each of the four classes above its own, and once more when its month was over.
    assert max(written.values()) <= 5
    assert len(files) <= 24 + 4 * LEAST


def test_files_of_very_many_batches_are_full_though_small(monkeypatch):
    monkeypatch.setattr("ingest.compaction_plan.MAX_BATCHES", 10)
    many = [
        RawFile(f"t/landed_date=2026-01-01/{at}.parquet", 1, frozenset(f"{at}-{one}" for one in range(4)))
        for at in range(8)
    ]
    groups = groups_to_merge(many, TARGET, LEAST)
    assert [len(group) for group in groups] == [2, 2, 2, 2]
