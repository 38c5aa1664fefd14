"""What a run may do to the folder it writes to."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from test_data_gen_bytes import digest

from data_gen.chain.parameters import Parameters
from data_gen.simulate import simulate
from gymhouse.console import Problem

CHAIN = Parameters(members=20, days=4, start=date(2025, 3, 7))
OTHER = replace(CHAIN, days=2, seed=9)


class Killed(BaseException):
    pass


def kill_after(day: int):
    def on_day(written: int) -> None:
        if written == day:
            raise Killed

    return on_day


def files(root) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def root(tmp_path):
    simulate(CHAIN, tmp_path / "drops")
    return tmp_path / "drops"


def test_again_is_up_to_date(root):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert simulate(CHAIN, root).is_up_to_date
    assert before == {path: path.stat().st_mtime_ns for path in root.rglob("*")}


def test_other_parameters_are_refused(root):
    before = digest(root)
    with pytest.raises(Problem, match=r"seed 7 instead of 9.*--replace"):
        simulate(OTHER, root)
    assert digest(root) == before


def test_replace_leaves_what_others_put_there(root, tmp_path):
    (root / "access" / "gym_logins_real.csv").write_text("mac_address,gym,login,logout\n")
    simulate(OTHER, root, replace=True)
    simulate(OTHER, tmp_path / "fresh")
    assert files(root) == files(tmp_path / "fresh") | {"access/gym_logins_real.csv"}
    (root / "access" / "gym_logins_real.csv").unlink()
    assert digest(root) == digest(tmp_path / "fresh")


def test_a_folder_of_others_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"photo")
    with pytest.raises(Problem, match="did not write"):
        simulate(CHAIN, tmp_path, replace=True)
    assert files(tmp_path) == {"holiday.jpg"}


def test_an_answer_key_of_others_is_refused(tmp_path):
    (tmp_path / "_answer_key.json").write_text('{"made_by": "somebody"}')
    with pytest.raises(Problem, match="not written by the simulator"):
        simulate(CHAIN, tmp_path, replace=True)


@pytest.mark.parametrize("day", [0, 2])
def test_a_killed_run_is_finished_by_the_next(tmp_path, root, day):
    killed = tmp_path / "killed"
    with pytest.raises(Killed):
        simulate(CHAIN, killed, on_day=kill_after(day))
    assert not (killed / "_answer_key.json").exists()
    with pytest.raises(Problem, match="instead of"):
        simulate(OTHER, killed)
    assert not simulate(CHAIN, killed).is_up_to_date
    assert digest(killed) == digest(root)


def test_a_killed_replacement_is_finished_by_the_next(tmp_path, root):
    with pytest.raises(Killed):
        simulate(OTHER, root, replace=True, on_day=kill_after(0))
    simulate(OTHER, root)
    simulate(OTHER, tmp_path / "fresh")
    assert digest(root) == digest(tmp_path / "fresh")


def test_half_a_file_never_shows(tmp_path, monkeypatch):
    from data_gen.writing import drops

    def breaks(lines):
        raise Killed

    monkeypatch.setattr(drops, "text_bytes", breaks)
    with pytest.raises(Killed):
        simulate(CHAIN, tmp_path / "drops")
    assert not [name for name in files(tmp_path / "drops") if not name.rpartition("/")[2].startswith(".")]
    monkeypatch.undo()
    simulate(CHAIN, tmp_path / "drops")
    assert not [name for name in files(tmp_path / "drops") if name.rpartition("/")[2].startswith(".")]


def test_a_file_that_went_missing_comes_back(root):
    whole = digest(root)
    (root / "access" / "gym_logins_2025-03-08.csv").unlink()
    assert not simulate(CHAIN, root).is_up_to_date
    assert digest(root) == whole


def test_key_carries_the_parameters(root):
    parameters = json.loads((root / "_answer_key.json").read_text())["parameters"]
    assert parameters == CHAIN.as_json()
    assert parameters["start"] == "2025-03-07"


@pytest.mark.parametrize(("members", "days"), [(1, 1), (2, 3), (7, 2)])
def test_tiny_chains(tmp_path, members, days):
    result = simulate(replace(CHAIN, members=members, days=days), tmp_path / "tiny")
    assert result.key["rows_written"]["club.locations"] == 5
    assert result.key["truth"]["members"]["active"] <= members
