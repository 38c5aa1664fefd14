"""Day by day on Spark as on DuckDB: after each instalment every table of both engines is the same.

The comparison of engines runs over a build in two steps in every test run. This one goes on for as many as it takes for
what others need to come last.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hard_orders import chain_files, what_others_need_comes_last
from houses import House


@pytest.mark.full
def test_each_instalment_gives_the_same_on_both_engines(spark_house: House, tmp_path: Path):
    files = chain_files(tmp_path)
    for number, instalment in enumerate(what_others_need_comes_last(files).instalments(files)):
        drops = spark_house.home.drops / str(number)
        drops.mkdir(parents=True)
        for name, content in instalment.items():
            (drops / name).write_bytes(content)
        spark_house.run("ingest", "files", "--drops", str(drops))
        done = spark_house.run("pipeline", "parity", expect=None)
        assert done.returncode == 0, f"after instalment {number}:\n{done.stdout}\n{done.stderr[-3000:]}"
