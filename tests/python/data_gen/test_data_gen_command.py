"""The command as people type it."""

from __future__ import annotations

import json

from click.testing import CliRunner

from data_gen.__main__ import main
from data_gen.writing.defect_plan import RATES

SMALL = ["--members", "20", "--days", "3"]


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_help_tells_every_knob():
    shown = run("--help")
    assert shown.exit_code == 0
    for knob in (
        "--out",
        "--members",
        "--months",
        "--days",
        "--start",
        "--from",
        "--to",
        "--files",
        "--as-of",
        "--workers",
        "--seed",
        "--heart-rate",
        "--defects",
        "--replace",
        "--json",
    ):
        assert knob in shown.output
    for kind in RATES:
        assert kind in shown.output


def test_writes_to_the_home_by_default(tmp_path, monkeypatch):
    monkeypatch.setenv("GYMHOUSE_HOME", str(tmp_path))
    assert run(*SMALL).exit_code == 0
    assert (tmp_path / "drops" / "_answer_key.json").exists()


def test_result_as_json(tmp_path):
    arguments = ["--out", str(tmp_path / "drops"), *SMALL, "--json", str(tmp_path / "result.json")]
    assert run(*arguments).exit_code == 0
    first = json.loads((tmp_path / "result.json").read_text())
    assert not first["up_to_date"]
    assert first["rows"] == sum(table["rows"] for table in first["tables"])
    assert run(*arguments).exit_code == 0
    second = json.loads((tmp_path / "result.json").read_text())
    assert second["up_to_date"]
    assert (second["rows"], second["files"]) == (first["rows"], first["files"])


def test_says_what_is_wrong_and_what_to_do(tmp_path):
    for arguments, told in (
        (["--members", "0"], "--members 0"),
        (["--days", "0"], "--days 0"),
        (["--defects", "lots"], "one of off, default, heavy"),
        ([*SMALL, "--heart-rate", "99999999"], "raise --members, --months or --days"),
    ):
        said = run("--out", str(tmp_path / "drops"), *arguments)
        assert said.exit_code == 2
        assert told in " ".join(said.stderr.split())
    assert not list(tmp_path.glob("drops/*"))
