"""`docs/add-a-source.md`, done as it is written in a copy of the project."""

from __future__ import annotations

import re
from pathlib import Path

from houses import House, copy_of_project, make_house

DOCUMENT = "docs/add-a-source.md"
STEP = re.compile(r"`(models/[\w/.]+)`.*?```\w+\n(.*?)```", re.DOTALL)
EXPORT = re.compile(r"export `([\w.-]+)`:\n\n((?:    .*\n)+)")


def test_the_document_adds_a_source(tmp_path: Path):
    project = copy_of_project(tmp_path / "project")
    house = House(make_house(tmp_path / "home").home, project)
    text = (project / DOCUMENT).read_text()
    steps = dict(STEP.findall(text))
    assert len(steps) == 3
    for path, content in steps.items():
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).write_text(content)
    name, export = EXPORT.search(text).groups()
    drops = tmp_path / "drops"
    drops.mkdir()
    (drops / name).write_text("".join(line.strip() + "\n" for line in export.splitlines()) + "102,1740816000,x,south\n")

    told = house.run("ingest", "files", "--drops", str(drops), "--dry-run")
    assert "facility.cleanings" in told.stdout
    assert "minutes" in told.stdout
    assert not house.home.raw.exists()

    house.run("pipeline", "run", "--drops", str(drops))
    assert house.query(
        "select gym_id, cleaning_minutes, cast(cleaned_at as varchar) from bronze.stg_facility__cleanings"
    ) == [(101, 45, "2025-03-01 08:00:00")]
    assert house.query("select table_name, column_name from gold.rejected_rows") == [("cleanings", "minutes")]
