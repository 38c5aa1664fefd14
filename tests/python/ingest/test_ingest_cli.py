"""The commands as people type them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gymhouse.home import HOME_VARIABLE, PROJECT
from ingest.__main__ import main

SBIT = str(PROJECT / "samples" / "sbit")


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Runs `python -m ingest …` in a home of its own; gives exit status and what was said."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr("gymhouse.console.out.width", 200)

    def ask(*arguments: str, capsys):
        result = CliRunner().invoke(main, list(arguments))
        said = capsys.readouterr()
        return result.exit_code, said.out + said.err + result.output

    return ask


def test_landing_says_what_it_did(command, capsys, tmp_path):
    status, said = command("files", "--drops", SBIT, "--json", str(tmp_path / "r.json"), capsys=capsys)
    assert status == 0
    for words in ("devices.workouts", "total", "36", "temporary files): 2 files."):
        assert words in said
    result = json.loads((tmp_path / "r.json").read_text())
    assert (result["files"], result["rows_read"], result["rows_landed"], result["rows_rejected"]) == (4, 36, 36, 0)
    assert {batch["table"] for batch in result["batches"]} >= {"workouts", "gym_logins"}
    status, said = command("files", "--drops", SBIT, "--json", str(tmp_path / "r.json"), capsys=capsys)
    assert status == 0
    assert "Nothing new: all 4 files had landed before" in said
    again = json.loads((tmp_path / "r.json").read_text())
    assert (again["already_landed"], again["rows_read"]) == (4, 0)
    assert all(batch["already_landed"] for batch in again["batches"])


def test_a_dry_run(command, capsys, tmp_path):
    status, said = command("files", "--drops", SBIT, "--dry-run", capsys=capsys)
    assert status == 0
    assert "would land" in said
    assert "Dry run: nothing was written." in said
    assert not (tmp_path / "home").exists()


def test_rejects_are_no_failure_and_are_listed(command, capsys, tmp_path):
    drops = tmp_path / "drops"
    drops.mkdir()
    (drops / "gym_logins.csv").write_text("mac_address,gym,login\na,1,2\nsecret,1,2.7\n")
    status, said = command("files", "--drops", str(drops), capsys=capsys)
    assert status == 0
    for words in ("login", "not a whole number of 64 bits", "lake/rejected"):
        assert words in said
    assert "secret" not in said


def test_problems_exit_2_with_what_and_do(command, capsys, tmp_path):
    drops = tmp_path / "drops"
    drops.mkdir()
    (drops / "gym_lojins[1].csv").write_text("x\n")
    status, said = command("files", "--drops", str(drops), capsys=capsys)
    assert status == 2
    for words in ("error:", "do:", "gym_lojins[1].csv", "access.gym_logins"):
        assert words in said


def test_an_empty_drop_folder_is_no_failure(command, capsys, tmp_path):
    (tmp_path / "drops").mkdir()
    status, said = command("files", "--drops", str(tmp_path / "drops"), capsys=capsys)
    assert status == 0
    assert "nothing to land" in said


def test_sources_are_listed(command, capsys):
    status, said = command("sources", capsys=capsys)
    assert status == 0
    for words in ("lifelog.daily", "[0-9][0-9]", "*gym_logins*", "user_id, date", "written by ingest"):
        assert words in said


@pytest.mark.parametrize("arguments", [("files", "--engine", "spark"), ("stream", "--once")])
def test_spark_without_java_says_what_to_install(command, capsys, monkeypatch, tmp_path, arguments):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    status, said = command(*arguments, "--drops", SBIT, capsys=capsys)
    assert status == 2
    assert "Spark needs Java, and there is none in JAVA_HOME" in said
    assert "Install Java 17" in said
