"""The judge of orders judged: it tells a difference from none, and a project that depends on order fails before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from drop_pieces import DropFile
from hard_orders import chain_files, the_newest_first_in_pieces_and_crashes, what_others_need_comes_last
from houses import copy_of_project
from order_house import OrderHouse
from same_tables import differences
from schedules import Schedule

NAMES = ("here", "there")
ROWS = "create schema gold; create table gold.t as from (values (1, 'a'), (2, 'b'), (2, 'b')) as rows(id, text)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("delete from gold.t where id = 1", "1 rows only here"),
        ("insert into gold.t values (1, 'a')", "1 rows only there"),
        ("update gold.t set text = 'c' where id = 1", "1 rows only there"),
        ("drop table gold.t", "columns"),
        ("alter table gold.t drop column text", "columns"),
    ],
)
def test_a_difference_is_told(tmp_path: Path, change: str, told: str):
    files = [tmp_path / "here.duckdb", tmp_path / "there.duckdb"]
    for file in files:
        with duckdb.connect(str(file)) as connection:
            connection.execute(ROWS)
    assert differences(*files, {"gold.t": ()}, NAMES) == []
    with duckdb.connect(str(files[1])) as connection:
        connection.execute(change)
    assert told in "\n".join(differences(*files, {"gold.t": ()}, NAMES))


def test_left_out_columns_are_not_compared(tmp_path: Path):
    files = [tmp_path / "here.duckdb", tmp_path / "there.duckdb"]
    for number, file in enumerate(files):
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"create schema gold; create table gold.t as select 1 as id, {number} as copies")
    assert differences(*files, {"gold.t": ("copies",)}, NAMES) == []


@dataclass(frozen=True)
class Fault:
    """A text of one of the project's files, what to put in its place, the order that shows it, and where."""

    file: str
    right: str
    wrong: str
    order: Callable[[list[DropFile]], Schedule]
    table: str


FAULTS = {
    "the first by name of file": Fault(
        "models/intermediate/devices/int_devices_registered.sql",
        "order by registered_at, mac_address",
        "order by batch, registered_at, mac_address",
        the_newest_first_in_pieces_and_crashes,
        "gold.dim_device",
    ),
    "days that a late day reaches forgotten": Fault(
        "models/marts/wellness/fact_daily.sql",
        "'days': [29, 0]",
        "'days': [1, 0]",
        the_newest_first_in_pieces_and_crashes,
        "gold.fact_daily",
    ),
    "missing devices that come": Fault(
        "models/intermediate/operations/int_rows_quarantined.sql",
        "'int_devices_owned': {'key': 'device_id', 'through': 'this', 'where': 'missing_id'}",
        "'int_devices_owned': 'unwatched'",
        what_others_need_comes_last,
        "silver.int_heart_rate_deduplicated",
    ),
}


@pytest.mark.full
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_project_that_depends_on_order_is_found(fault: Fault, tmp_path: Path):
    project = copy_of_project(tmp_path / "project")
    text = (project / fault.file).read_text()
    assert fault.right in text
    (project / fault.file).write_text(text.replace(fault.right, fault.wrong))
    house = OrderHouse(tmp_path, chain_files(tmp_path), project)
    wrong = house.play(fault.order(house.files))
    assert fault.table in {told.partition(":")[0] for told in wrong}
