"""Retention: old rows leave the lake, what they were stays known, nothing lands again; and a kill costs nothing."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from kept_lakes import DAYS, at_every_step, compacted, copy_of, everything, land_days, raw_files, retired
from landing_lakes import NOTES, TABLES, LakeOfTest, make_lake, require_whole_files

from gymhouse.console import Problem
from ingest import run
from ingest.contract import Retention

AS_OF = date(2023, 4, 10)
# On the 10th, rows of the 1st to the 4th are older than 5 days, rejected rows of the 1st to the 2nd older than 7.
POLICY = Retention(raw_days=5, rejected_days=7)
RAW_GONE, REJECTS_GONE = 4, 2


@pytest.fixture(scope="module")
def landed(tmp_path_factory) -> LakeOfTest:
    """A lake of several days whose notes have a policy, to copy."""
    with pytest.MonkeyPatch.context() as patched:
        tables = [replace(one, retention=POLICY) if one == NOTES else one for one in TABLES]
        lake = make_lake(tmp_path_factory.mktemp("landed"), tables)
        land_days(lake, patched)
        return lake


@pytest.fixture
def days(landed, tmp_path) -> LakeOfTest:
    """A lake of several days whose notes have a policy."""
    return copy_of(landed, tmp_path / "days")


def ledger(lake: LakeOfTest) -> dict[str, tuple]:
    """What the ledger says of the batches of notes, by file: rows landed and rejected, and which of them are gone."""
    counts = "source_file, rows_landed, rows_rejected, retired_at IS NOT NULL, rejects_retired_at IS NOT NULL"
    return {row[0]: row[1:] for row in lake.rows("operations.batches", counts) if row[0].startswith("notes")}


def require_kept(lake: LakeOfTest, raw_gone: int, rejects_gone: int) -> None:
    """The first days are gone, the others whole, and the ledger says so."""
    raw = {row[0] for row in lake.rows("s.notes", "_source")}
    rejects = {row[0] for row in lake.rejects("s.notes", "_source")}
    assert raw == {f"notes_4_{day}.csv" for day in range(raw_gone + 1, DAYS + 1)}
    assert rejects == {f"notes_4_{day}.csv" for day in range(rejects_gone + 1, DAYS + 1)}
    assert ledger(lake) == {
        f"notes_4_{day}.csv": (day, 1, day <= raw_gone, day <= rejects_gone) for day in range(1, DAYS + 1)
    }


def test_old_rows_go_by_the_day_they_landed_and_stay_known(days):
    events = everything(days)["raw/s/events"]
    [done] = retired(days, AS_OF)
    assert (done.raw_before, done.rejected_before) == (date(2023, 4, 5), date(2023, 4, 3))
    assert (done.raw_files, done.batches, done.rows, done.rejected_files) == (4, 4, 1 + 2 + 3 + 4, 2)
    require_kept(days, RAW_GONE, REJECTS_GONE)
    assert everything(days)["raw/s/events"] == events, "a table without a policy"
    assert not days.home.unsettled.exists()


def test_a_second_time_nothing_goes_and_the_time_of_retirement_stays(days, monkeypatch):
    retired(days, AS_OF)
    before, files = everything(days), days.files()
    monkeypatch.setattr("ingest.retire.now", lambda: datetime(2030, 1, 1))  # noqa: DTZ001
    [again] = retired(days, AS_OF)
    assert (again.raw_files, again.rejected_files) == (0, 0)
    assert (everything(days), days.files()) == (before, files)


def test_nothing_that_was_retired_lands_again(days, monkeypatch):
    retired(days, AS_OF)
    monkeypatch.setattr(run, "now", lambda: datetime(2023, 4, 11))  # noqa: DTZ001
    assert days.land().landed == []
    days.drop("under_another_name/notes.csv", (days.drops / "notes_4_1.csv").read_bytes())
    assert days.land().landed == []
    require_kept(days, RAW_GONE, REJECTS_GONE)


def test_a_lost_ledger_still_knows_what_was_retired(days):
    retired(days, AS_OF)
    before = everything(days)
    shutil.rmtree(days.home.raw / "operations")
    days.land()
    assert everything(days) == before


def test_later_more_goes_until_nothing_is_left(days):
    retired(days, AS_OF)
    retired(days, AS_OF + timedelta(days=1))
    require_kept(days, RAW_GONE + 1, REJECTS_GONE + 1)
    retired(days, AS_OF + timedelta(days=100))
    require_kept(days, DAYS, DAYS)
    assert days.land().landed == []


def test_a_compacted_file_goes_when_its_youngest_batch_is_due(days):
    compacted(days)
    [done] = retired(days, AS_OF)
    assert (done.raw_files, done.rejected_files) == (0, 2)
    require_kept(days, 0, REJECTS_GONE)
    assert retired(days, date(2023, 4, DAYS + 5))[0].raw_files == 0
    [done] = retired(days, date(2023, 4, DAYS + 6))
    assert (done.raw_files, done.batches) == (1, DAYS)
    assert raw_files(days, "s.notes") == []
    assert ledger(days)["notes_4_3.csv"] == (3, 1, True, True)
    assert days.land().landed == []


def test_a_dry_run_tells_and_changes_nothing(days):
    files = days.files()
    [done] = retired(days, AS_OF, dry_run=True)
    assert (done.raw_files, done.rows, done.rejected_files) == (4, 10, 2)
    assert days.files() == files


def test_without_a_policy_everything_stays(days):
    days.tables = TABLES
    assert retired(days, AS_OF) == []
    require_kept(days, 0, 0)


def test_the_future_is_refused(days):
    with pytest.raises(Problem, match="is in the future"):
        retired(days, datetime.now(UTC).date() + timedelta(days=1))
    require_kept(days, 0, 0)


def test_killed_at_any_step_the_next_landing_knows_and_the_same_command_finishes(landed, tmp_path):
    expected, numbers, seen = everything(landed), itertools.count(), set()

    def check(lake: LakeOfTest) -> None:
        require_whole_files(lake.home)
        assert lake.land().landed == [], "what was going was taken for new"
        # Settled: of every batch all rows lie there, or none and the ledger says so.
        raw, rejects = ([row[0] for row in read("s.notes", "_source")] for read in (lake.rows, lake.rejects))
        for file, (landed_rows, rejected_rows, gone, rejects_gone) in ledger(lake).items():
            assert raw.count(file) == (0 if gone else landed_rows)
            assert rejects.count(file) == (0 if rejects_gone else rejected_rows)
        assert len(ledger(lake)) == DAYS
        assert not lake.home.unsettled.exists()
        seen.add(len(set(raw)))
        retired(lake, AS_OF)
        require_kept(lake, RAW_GONE, REJECTS_GONE)
        assert everything(lake)["raw/s/events"] == expected["raw/s/events"]

    command = f"""
from dataclasses import replace
from datetime import date
from ingest.contract import Retention
lake.tables = [replace(one, retention={POLICY}) if one.name == "notes" else one for one in lake.tables]
kept_lakes.retired(lake, date{AS_OF.timetuple()[:3]})
"""
    steps = at_every_step(lambda: copy_of(landed, tmp_path / str(next(numbers))), command, check)
    assert steps > RAW_GONE + REJECTS_GONE
    assert seen == {DAYS, DAYS - RAW_GONE}


def test_rejected_rows_of_a_landing_that_never_ended_go_after_a_day(days, monkeypatch):
    """Killed between its two renames, and its drop taken away: nobody else would ever delete them."""
    lost = days.drops / "notes_4_7.csv"
    [raw] = [path for path in raw_files(days, "s.notes") if "04-07" in str(path)]
    raw.unlink()
    lost.unlink()
    for today, left in ((date(2023, 4, 7), DAYS), (date(2023, 4, 8), DAYS), (date(2023, 4, 9), DAYS - 1)):
        monkeypatch.setattr("ingest.settle.now", lambda today=today: datetime(today.year, today.month, today.day, 1))  # noqa: DTZ001
        days.land()
        assert len(days.rejects("s.notes")) == left
    assert len(ledger(days)) == DAYS - 1
