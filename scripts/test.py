"""Check the whole project, or the stages that are named: python scripts/test.py lint types.

Exit status: 0 nothing failed, 1 a stage failed, 2 no such stage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import machine
import site_links
from console import Console
from stages import Stage, run, run_stages, sum_up, tool

ROOT = Path(__file__).resolve().parent.parent


def lint() -> bool:
    """Check style and layout; both are reported, whatever the first one says."""
    style = run(tool("ruff"), "check")
    layout = run(tool("ruff"), "format", "--check")
    return style and layout


def types() -> bool:
    """Check the types of what pyproject.toml names."""
    return run(tool("mypy"))


def site() -> bool:
    """Build the site, every warning an error, and follow its links."""
    return run(tool("mkdocs"), "build", "--strict") and site_links.check(ROOT / "site")


def lessons() -> bool:
    """Prove every lesson whole: solution, starter, mutants, variants, page, notebook."""
    return run(tool("taller"), "author", "check")


def tests() -> bool:
    """Run the tests of the tool itself; those in tests/lessons grade learners and belong to the stage before."""
    # One more than there are cores: much of a test is waiting for servers and for deadlines.
    workers = min((os.cpu_count() or 1) + 1, 4)
    # A test that hangs is ended, and told where it did.
    patience = ["--override-ini=faulthandler_timeout=300", "--override-ini=faulthandler_exit_on_timeout=true"]
    # A file's tests share what they have started, so they stay together.
    return run(
        tool("pytest"), "tests/taller", f"--numprocesses={workers}", "--dist=loadfile", "--durations=10", *patience
    )


STAGES = (
    Stage("machine", "a browser, RabbitMQ and promtool", machine.prepare),
    Stage("lint", "ruff", lint),
    Stage("types", "mypy", types),
    Stage("site", "mkdocs and its links", site),
    Stage("tool", "pytest tests/taller", tests),
    Stage("lessons", "taller author check", lessons),
)


def main() -> int:
    """Run the stages of the command line, or all; returns the exit status."""
    parser = argparse.ArgumentParser(description="Check the project, stage by stage.")
    names = [stage.name for stage in STAGES]
    parser.add_argument(
        "stages",
        nargs="*",
        metavar="STAGE",
        help=f"one of {', '.join(names)}; all of them when none is named",
    )
    wanted = parser.parse_args().stages
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        parser.error(f"no stage {', '.join(unknown)}; there are {', '.join(names)}")
    os.chdir(ROOT)
    console = Console(sys.stdout)
    try:
        return sum_up(run_stages([stage for stage in STAGES if not wanted or stage.name in wanted], console), console)
    except KeyboardInterrupt:
        console.line("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
