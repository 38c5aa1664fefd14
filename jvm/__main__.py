"""`python -m jvm`: get what Spark needs beside Python."""

from __future__ import annotations

import click

from gymhouse.console import explains_problems, out
from gymhouse.home import home
from jvm.jars import require_jars
from jvm.java import require_java


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@explains_problems
def main() -> None:
    """Check Java and fetch the jars that the poms under jvm/ pin, into the home. Repeating it costs nothing."""
    java = require_java()
    jars = require_jars(home())
    out.print(f"{java} and the jars in {jars} are ready.", markup=False)


if __name__ == "__main__":
    main(prog_name="python -m jvm")
