"""Find a Java that Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from gymhouse.console import Problem

SUPPORTED = (17, 21)  # by Spark 4.0
INSTALL = "Install Java 17 (Debian: apt-get install openjdk-17-jre-headless), or point JAVA_HOME at one."


def require_java() -> Path:
    """The `java` that Spark will start; raises `Problem` where there is none, or one that Spark does not run on."""
    home = os.environ.get("JAVA_HOME")
    found = Path(home, "bin", "java") if home else shutil.which("java")
    if found is None or not Path(found).is_file():
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise Problem(f"Spark needs Java, and there is none {where}.", INSTALL)
    version = _version(Path(found))
    if version not in SUPPORTED:
        told = f"Java {version}" if version else "no Java that tells its version"
        raise Problem(f"Spark needs Java {' or '.join(map(str, SUPPORTED))}; {found} is {told}.", INSTALL)
    return Path(found)


def _version(java: Path) -> int | None:
    """The major version; `1.8` is 8."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(number[1]) if number else None
