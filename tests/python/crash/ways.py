"""A chain whose files arrive over some days, and its home after each arrival as no kill ever touched it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from crash.homes_compared import Digest, lake_of, published_by, warehouse_of
from crash.killing import profile_of, run_command
from houses import House, make_house

from gymhouse.home import Home
from release.current import releases

CHAIN = ["--members", "25", "--days", "6", "--heart-rate", "3000", "--start", "2025-03-03"]
# Days of the chain by arrival: some come late.
ARRIVALS = (("03", "04", "06"), ("05", "07", "08"))


@dataclass(frozen=True)
class Station:
    """A home after an arrival: what it held, and how long each part of the run that led there took."""

    home: Home
    drops: Path
    lake: dict[str, Digest]
    warehouse: dict[str, Digest]
    published: dict[str, Digest]
    releases: int
    profile: dict[str, float]

    def continued(self, root: Path) -> Home:
        """A copy of the home at this station, to go on from."""
        shutil.copytree(self.home.root, root, symlinks=True)
        return Home(root)


def run_whole(home: Home, drops: Path) -> str:
    """Run to a good end; returns what was said."""
    done = subprocess.run(**run_command(home, drops), text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def take_way(root: Path) -> list[Station]:
    """Run after each arrival, without a kill. Before the first one lies an empty home."""
    source = make_house(root / "source")
    source.run("data_gen", *CHAIN)
    home, drops = Home(root / "way"), root / "drops"
    home.root.mkdir()
    stations = [Station(_kept(home, root / "station_0"), drops, {}, {}, {}, 0, {})]
    for number, days in enumerate(ARRIVALS, 1):
        arrived = root / f"drops_{number}"
        if drops.exists():
            shutil.copytree(drops, arrived)
        _arrive(source, days, arrived)
        drops = arrived
        run_whole(home, drops)
        station = Station(
            home=_kept(home, root / f"station_{number}"),
            drops=drops,
            lake=lake_of(home),
            warehouse=warehouse_of(home),
            published=published_by(home),
            releases=len(releases(home)),
            profile=profile_of(home),
        )
        stations.append(station)
    return stations


def _kept(home: Home, root: Path) -> Home:
    shutil.copytree(home.root, root, symlinks=True)
    return Home(root)


def _arrive(source: House, days: tuple[str, ...], drops: Path) -> None:
    for path in sorted(source.home.drops.rglob("*_2025-03-*.*")):
        # The app writes its last day by the hour: 08T17.
        if path.stem.rpartition("-")[2][:2] in days:
            to = drops / path.relative_to(source.home.drops)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
