"""Raw files keep to the encodings that every engine reads rightly."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from corners import write_corners
from houses import House

# Spark 4.0 refuses BYTE_STREAM_SPLIT, and reads texts in DELTA_LENGTH_BYTE_ARRAY shifted, without a word.
READ_BY_ALL = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}


def encodings(file: Path) -> set[str]:
    footer = pq.ParquetFile(file).metadata
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    return {name for group in groups for at in range(group.num_columns) for name in group.column(at).encodings}


def test_landed_files_hold_no_encoding_that_an_engine_misreads(house: House, tmp_path: Path):
    drops = write_corners(tmp_path / "corners")
    (drops / "corners_gym_logins_broken.csv").write_text(
        "mac_address,gym,login,logout\naa,one,noon,\nbb,1,1741503599,\n"
    )
    house.run("ingest", "files", "--drops", str(drops))
    files = [*house.home.lake.glob("*/*/*/*/*.parquet")]
    assert len(files) > 8
    assert any("rejected" in file.parts for file in files)
    assert {file.name: found for file in files if (found := encodings(file) - READ_BY_ALL)} == {}
