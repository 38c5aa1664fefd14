"""The jars that a pom pins, copied to the home once and used without a network from then on."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
from pathlib import Path

from gymhouse.console import Problem, err
from gymhouse.files import sync, write_atomic
from gymhouse.home import PROJECT, Home

POMS = PROJECT / "jvm"
SPARK = "spark"
CONTENTS = "contents.json"
COPY = ("dependency:copy-dependencies", "-DincludeScope=runtime", "-Dstyle.color=never")


def require_jars(home: Home, part: str = SPARK) -> Path:
    """The folder with the jars of `jvm/<part>/pom.xml`; fetches them with Maven when they are not there yet.

    The folder appears in one step, and a changed pom or a lost jar makes it anew. Raises `Problem` where Maven is
    missing or could not fetch them.
    """
    folder, pom = home.jars / part, POMS / part / "pom.xml"
    if _is_whole(folder, pom):
        return folder
    home.jars.mkdir(parents=True, exist_ok=True)
    with (home.jars / f".{part}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever waited finds the jars there
        if not _is_whole(folder, pom):
            _fetch(folder, pom)
    return folder


def _is_whole(folder: Path, pom: Path) -> bool:
    """Whether the folder holds every jar of just this pom."""
    try:
        contents = json.loads((folder / CONTENTS).read_text())
    except (OSError, json.JSONDecodeError):
        return False
    jars = {path.name: path.stat().st_size for path in folder.glob("*.jar")}
    return contents == {"pom": pom.read_text(), "jars": jars}


def _fetch(folder: Path, pom: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Problem(
            f"The jars of {pom.relative_to(PROJECT)} are not in {folder}, and there is no Maven to fetch them.",
            "Install Maven (Debian: apt-get install maven), or copy that folder from a machine that has it.",
        )
    err.print(f"Fetching the jars of {pom.relative_to(PROJECT)} into {folder} (once)", markup=False)
    aside = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    command = [maven, "--batch-mode", "--quiet", "--file", str(pom), *COPY, f"-DoutputDirectory={aside}"]
    told = subprocess.run(command, capture_output=True, text=True)
    if told.returncode != 0:
        # Maven remembers a failure for a day unless told to ask again.
        told = subprocess.run([*command, "--update-snapshots"], capture_output=True, text=True)
    if told.returncode != 0:
        shutil.rmtree(aside, ignore_errors=True)
        raise Problem(
            f"Maven could not fetch the jars of {pom.relative_to(PROJECT)}: {_reason(told.stdout + told.stderr)}",
            "Check the network, and the mirror in ~/.m2/settings.xml if you have one, then repeat;"
            f" or copy {folder} from a machine that has it.",
        )
    jars = {path.name: path.stat().st_size for path in aside.glob("*.jar")}
    for jar in jars:
        sync(aside / jar)
    write_atomic(aside / CONTENTS, json.dumps({"pom": pom.read_text(), "jars": jars}, indent=2) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    sync(folder.parent)


def _reason(said: str) -> str:
    """Maven's first line of error, without its decoration."""
    error = re.search(r"\[ERROR\] (\S.*)", said)
    return error[1] if error else said.strip()[-300:] or "it did not say why"
