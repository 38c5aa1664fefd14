"""Going back, cleaning up, and noticing damage."""

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from gymhouse.console import Problem
from gymhouse.home import HOME_VARIABLE
from gymhouse.lock import run_lock
from release.__main__ import main
from release.current import damage, find_release, live_id, open_release, releases
from release.store import next_time, writing

ONE_MORE = "insert into gold.fct_visit values ({0}, 1, 10, date '2026-01-01')"


@pytest.fixture
def three(tiny, released) -> list[str]:
    """Ids of three releases, each with one visit more; the last is live."""
    return [released(sql)["release_id"] for sql in ("", ONE_MORE.format(1000), ONE_MORE.format(1001))]


@pytest.fixture
def run(tiny, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tiny.home.root))
    return lambda *arguments: CliRunner().invoke(main, arguments)


def rows(home) -> int:
    return open_release(home).tables["gold.fct_visit"]["rows"]


def test_rolling_back_goes_one_release_at_a_time(tiny, three, run):
    for expected in (three[1], three[0]):
        done = run("rollback")
        assert done.exit_code == 0, done.output
        assert expected in done.output
        assert live_id(tiny.home) == expected
    assert rows(tiny.home) == 100
    none_left = run("rollback")
    assert none_left.exit_code == 2
    assert "no release older" in none_left.output
    assert live_id(tiny.home) == three[0]
    assert [release.id for release in releases(tiny.home)] == three


def test_rolling_back_to_a_named_release_and_forward_again(tiny, three, run):
    assert run("rollback", three[0]).exit_code == 0
    assert rows(tiny.home) == 100
    assert "nothing to do" in run("rollback", three[0]).output
    assert run("rollback", three[2]).exit_code == 0
    assert rows(tiny.home) == 102
    missing = run("rollback", "20200101T000000Z-00000000")
    assert missing.exit_code == 2
    assert "There is no release" in missing.output


def test_publishing_after_a_rollback_makes_the_newest_data_live_without_a_copy(tiny, three, run, released):
    run("rollback", three[0])
    result = released()
    assert (result["release_id"], result["unchanged"]) == (three[2], False)
    assert live_id(tiny.home) == three[2]
    assert [release.id for release in releases(tiny.home)] == three


DAMAGES = {
    "has another checksum": lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]),
    "bytes instead of": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "is missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("told", DAMAGES)
def test_a_damaged_release_never_becomes_live(tiny, three, run, told):
    path = find_release(tiny.home, three[1]).table_path("fct_visit")
    path.chmod(0o644)
    DAMAGES[told](path)
    refused = run("rollback")
    assert refused.exit_code == 2
    assert told in refused.output
    assert live_id(tiny.home) == three[2]
    assert run("verify").exit_code == 0
    assert run("verify", three[1]).exit_code == 2
    assert damage(find_release(tiny.home, three[0])) == []


def test_an_unreadable_manifest_is_told_and_harms_no_other_release(tiny, three, run, released):
    (tiny.home.releases / three[1] / "manifest.json").write_text("{")
    listed = run("list")
    assert listed.exit_code == 0
    assert "damaged" in listed.output
    assert run("rollback", three[1]).exit_code == 2
    assert run("rollback", three[0]).exit_code == 0
    assert released()["release_id"] == three[2]


def test_a_live_release_that_was_deleted_by_hand_is_told_with_a_way_out(tiny, three, run):
    shutil.rmtree(tiny.home.releases / three[2])
    shown = run("show")
    assert shown.exit_code == 2
    assert "is not there" in shown.output
    assert run("rollback", three[1]).exit_code == 0
    assert run("show").exit_code == 0


def test_retention_keeps_the_newest_and_the_live_one(tiny, three, run, released):
    run("rollback", three[0])
    gone = run("prune", "--keep", "1")
    assert gone.output.strip() == f"removed {three[1]}"
    assert [release.id for release in releases(tiny.home)] == [three[0], three[2]]
    assert run("prune", "--keep", "1").output.strip() == "nothing to remove"
    assert run("prune", "--keep", "0").exit_code == 2


def test_publishing_keeps_as_many_as_asked(tiny, released):
    ids = [released(ONE_MORE.format(1000 + n), keep=2)["release_id"] for n in range(4)]
    assert [release.id for release in releases(tiny.home)] == ids[2:]


def test_ids_grow_even_when_the_clock_goes_back(tiny, three):
    newest = datetime.strptime(three[-1].split("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert next_time(tiny.home, newest - timedelta(days=1)) == newest + timedelta(seconds=1)
    assert next_time(tiny.home, newest + timedelta(days=1)) == newest + timedelta(days=1)
    assert sorted(three) == three
    assert len({release_id.split("-")[0] for release_id in three}) == 3


def test_two_writers_at_once_are_refused(tiny, three, run):
    with writing(tiny.home):
        second = run("rollback")
        assert second.exit_code == 2
        assert "Another command is writing" in second.output
    assert run("rollback").exit_code == 0


def test_rollback_beside_a_run_is_done_and_told(tiny, three, run):
    with run_lock(tiny.home.lock):
        done = run("rollback")
    assert done.exit_code == 0
    assert f"{three[1]} is live instead of {three[2]}" in done.output
    assert f"a run is at work, process {os.getpid()} " in done.output
    assert "a run is at work" not in run("rollback").output


def test_list_and_show_tell_the_truth(tiny, three, run):
    listed = run("list").output.splitlines()
    assert [line.split()[0] for line in listed[1:]] == three[::-1]
    assert listed[1].endswith("live")
    assert not listed[2].rstrip().endswith("live")
    shown = run("show").output
    assert f"{three[2]} (live)" in shown
    assert "gold.fct_visit" in shown
    assert "102" in shown


def test_before_the_first_publish(tiny, run):
    assert "There are no releases" in run("list").output
    for command in ("show", "rollback", "verify"):
        done = run(command)
        assert done.exit_code == 2
        assert "Nothing is published" in done.output
    with pytest.raises(Problem, match="Nothing is published"):
        open_release(tiny.home)
