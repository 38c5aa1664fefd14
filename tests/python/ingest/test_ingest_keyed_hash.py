"""The keyed hash of personal data: the same in every format and place, and its secret shows nowhere."""

from __future__ import annotations

import hmac
import json
import os
import stat
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_lakes import LEDGER, LakeOfTest, columns, make_lake, message, table, told_by_files

from gymhouse.console import Problem
from gymhouse.home import PROJECT
from ingest.contract import Column, Drop
from ingest.keyed_hash import VARIABLE, Secret, find_secret, hash_of

SECRET = "a secret of tests, long enough"
ADDRESSES = [
    "ann@example.org",
    " Ann@Example.ORG\t",
    "o'brien+gym@example.org",
    '"quo""ted"@example.org',
    "JOSÉ@ÉCOLE.fr",
    "İstanbul@ΣΑΣ.gr",
    "日本@例え.jp",
    "a" * 3000 + "@example.org",
    "\u00a0ann@example.org\u2003",
    "  ",
    "",
    None,
]


def people(*drops: Drop, name: str = "people"):
    """A table with a hash of the column `email`."""
    cols = (*columns(id="bigint", email="string"), Column("email_hash", "string", ("email_hash",), hmac_of="email"))
    return table(name, *drops, key=["id"], cols=cols)


TABLES = [
    people(Drop(("people*",), "csv"), Drop(("jpeople*",), "json"), Drop(("ppeople*",), "parquet")),
    people(Drop(("topic*",), "json", message("person")), name="told"),
    table("others", Drop(("topic*",), "json", message("other")), key=["id"], cols=columns(id="bigint")),
    *LEDGER,
]


@pytest.fixture
def lake(tmp_path, monkeypatch) -> LakeOfTest:
    """A lake of tables with hashes; the environment gives no secret."""
    monkeypatch.delenv(VARIABLE, raising=False)
    return make_lake(tmp_path, TABLES)


def drop_all(lake: LakeOfTest, addresses: list[str | None]) -> None:
    """Drop the addresses in each format."""
    rows = list(enumerate(addresses, 1))
    cells = ["" if one is None else '"' + one.replace('"', '""') + '"' for one in addresses]
    lake.drop("people.csv", "id,email\n" + "".join(f"{at},{cell}\n" for at, cell in enumerate(cells, 1)))
    lake.drop("jpeople.json", "".join(json.dumps({"id": at, "email": one}) + "\n" for at, one in rows))
    pq.write_table(pa.table({"id": [at for at, _ in rows], "email": addresses}), lake.drops / "ppeople.parquet")
    values = [json.dumps({"id": at, "email": one}) for at, one in rows]
    told = [{"key": "k", "value": one, "topic": "person", "offset": at} for at, one in enumerate(values)]
    lake.drop("topic.json", "".join(json.dumps(one) + "\n" for one in told))


def expected(address: str | None, secret: str = SECRET) -> str | None:
    """What Python's own hmac says."""
    small = (address or "").strip().lower()
    return hmac.new(secret.encode(), small.encode(), "sha256").hexdigest() if small else None


def test_it_is_python_s_hmac_in_every_format(lake, monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    drop_all(lake, ADDRESSES)
    outcome = lake.land()
    assert [one.rows_rejected for one in outcome.landed] == [0] * 5
    hashes = [(at, expected(one)) for at, one in enumerate(ADDRESSES, 1)]
    assert len({one for _, one in hashes}) == 8
    assert lake.rows("s.people", "id, email_hash") == hashes * 3
    assert lake.rows("s.told", "id, email_hash") == hashes


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_any_text_and_its_small_letters_have_one_hash(text):
    secret = Secret(SECRET.encode())
    assert hash_of(text, secret) == expected(text) == hash_of(f" {text}\n", secret)


def test_a_column_of_that_name_in_the_file_is_not_taken(lake, monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    lake.drop("people.csv", "id,email,email_hash\n1,ann@example.org,forged\n")
    lake.drop("jpeople.json", '{"id": 1, "email": "ann@example.org", "email_hash": "forged"}\n')
    lake.land()
    mine = (expected("ann@example.org"), '{"email_hash":"forged"}')
    assert lake.rows("s.people", "email_hash, _rescued") == [mine, mine]


def test_a_file_without_the_column_has_no_hash_and_its_lack_is_noted_once(lake):
    lake.drop("people.csv", "id\n1\n")
    outcome = lake.land()
    assert lake.rows("s.people", "id, email_hash") == [(1, None)]
    assert outcome.notes == ["s.people: people.csv without the optional email"]


def test_the_same_file_lands_once_under_the_name_of_its_content(lake, monkeypatch):
    drop_all(lake, ADDRESSES)
    names = {one.batch for one in lake.land().landed}
    monkeypatch.setenv(VARIABLE, SECRET)
    again = lake.land()
    assert (again.landed, {one.batch for one in again.already}) == ([], names)


def test_the_file_is_made_once_and_for_its_owner_alone(lake):
    drop_all(lake, ADDRESSES)
    lake.land()
    made = lake.home.secret.read_bytes()
    assert len(made) == 32
    assert stat.S_IMODE(lake.home.secret.stat().st_mode) == 0o600
    assert lake.rows("s.told", "email_hash")[0] == (expected("ann@example.org", made.decode()),)
    lake.drop("people_more.csv", "id,email\n9,ann@example.org\n")
    lake.land()
    assert lake.home.secret.read_bytes() == made
    assert (9, expected("ann@example.org", made.decode())) in lake.rows("s.people", "id, email_hash")


def test_what_the_file_holds_can_be_put_into_the_environment(lake, monkeypatch):
    file = lake.home.secret
    made = find_secret(file, make=True)
    monkeypatch.setenv(VARIABLE, file.read_text())
    assert find_secret(None, make=False) == made
    monkeypatch.delenv(VARIABLE)
    file.write_text(file.read_text() + "\n")
    assert find_secret(file, make=True) == made


def test_processes_that_come_at_once_end_with_one_secret(tmp_path):
    program = f"""
import sys
from pathlib import Path
from ingest.keyed_hash import find_secret
sys.stdin.readline()
print(find_secret(Path({str(tmp_path / "home" / "secret")!r}), make=True).value.decode())
"""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, env=environment, stdin=-1, stdout=-1, text=True)
        for _ in range(4)
    ]
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    assert len({one.communicate()[0] for one in started}) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret"]


def test_no_secret_is_made_for_a_dry_run_or_for_other_tables(lake):
    drop_all(lake, ADDRESSES)
    outcome = lake.land(dry_run=True)
    assert sum(one.rows_landed for one in outcome.landed) == 4 * len(ADDRESSES)
    assert not lake.home.root.exists()
    for path in lake.drops.iterdir():
        path.unlink()
    lake.drop("topic.json", '{"key": "k", "value": "{\\"id\\": 1}", "topic": "other", "offset": 0}\n')
    lake.tables = [one for one in TABLES if one.name != "told"]
    lake.land()
    assert lake.rows("s.others") == [(1,)]
    assert not lake.home.secret.exists()


def test_the_environment_wins(lake, monkeypatch):
    lake.home.root.mkdir()
    lake.home.secret.write_text("the secret of the file, not taken")
    monkeypatch.setenv(VARIABLE, SECRET)
    lake.drop("people.csv", "id,email\n1,ann@example.org\n")
    lake.land()
    assert lake.rows("s.people", "email_hash") == [(expected("ann@example.org"),)]


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_short_secret_is_refused_before_anything_lands(lake, monkeypatch, where, dry_run):
    lake.home.root.mkdir()
    if where == "environment":
        monkeypatch.setenv(VARIABLE, "fifteen bytes..")
    else:
        lake.home.secret.write_text("fifteen bytes..")
    lake.drop("people.csv", "id,email\n1,ann@example.org\n")
    with pytest.raises(Problem, match=r"15 bytes; the secret of the keyed hash needs 16 or more") as raised:
        lake.land(dry_run=dry_run)
    assert "fifteen" not in str(raised.value)
    assert not lake.home.lake.exists()


def test_who_has_neither_is_told(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(Problem, match=f"Set {VARIABLE}"):
        find_secret(None, make=True)


def test_a_place_that_cannot_hold_it_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "home").write_text("a file")
    with pytest.raises(Problem, match="cannot be read or made"):
        find_secret(tmp_path / "home" / "secret", make=True)


def test_a_rejected_row_keeps_its_text_and_gets_no_hash(lake, monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    lake.drop("people.csv", "id,email\nx,ann@example.org\n2,bob@example.org\n")
    [landed] = lake.land().landed
    assert (landed.rows_landed, landed.rows_rejected) == (1, 1)
    assert lake.rejects("s.people", "_text") == [("x,ann@example.org",)]
    assert expected("ann@example.org") not in str(told_by_files(lake.home.lake))


class Watched:
    """A connection of landing that writes down each statement."""

    def __init__(self, connection, heard: list[str]):
        self.connection, self.heard = connection, heard

    def execute(self, sql: str, *arguments):
        """Note the statement, then run it."""
        self.heard.append(sql)
        return self.connection.execute(sql, *arguments)

    def __enter__(self):
        self.connection.__enter__()
        return self

    def __exit__(self, *problem):
        return self.connection.__exit__(*problem)

    def __getattr__(self, name):
        return getattr(self.connection, name)


def test_the_secret_shows_nowhere(lake, monkeypatch, caplog, capfd):
    from ingest import run

    connect, statements = run.connect, []
    monkeypatch.setattr(run, "connect", lambda *given, **options: Watched(connect(*given, **options), statements))
    monkeypatch.setenv(VARIABLE, SECRET)
    drop_all(lake, [*ADDRESSES, "x@example.org"])
    lake.drop("people_bad.csv", 'id,email\nx,"bad@example.org"\n2,"not closed@example.org\n')
    with caplog.at_level(0):
        outcome = lake.land()
    assert any("keyed_hash(" in one for one in statements)
    forms = [SECRET, SECRET.encode().hex(), repr(SECRET.encode())[2:-1]]
    said = [*statements, caplog.text, *capfd.readouterr(), repr(outcome), repr(Secret(SECRET.encode()))]
    assert not [one for one in said for form in forms if form in one]
    for path in (path for path in lake.home.root.rglob("*") if path.is_file()):
        assert SECRET.encode() not in path.read_bytes()
    assert SECRET not in str(told_by_files(lake.home.lake))


def test_the_command_line_tells_nothing_of_it(lake, monkeypatch):
    lake.drop("members_1.csv", "member_id,email,updated_at\n1,ann@example.org,2025-01-01T00:00:00Z\nx,b@example.org,\n")
    environment = {**os.environ, "GYMHOUSE_HOME": str(lake.home.root), VARIABLE: SECRET}
    command = [sys.executable, "-m", "ingest", "files", "--drops", str(lake.drops)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert "people.members" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert expected("ann@example.org") not in done.stdout + done.stderr
    assert lake.rows("people.members", "email_hash") == [(expected("ann@example.org"),)]
    assert not lake.home.secret.exists()
