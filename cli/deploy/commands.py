"""What `bindery deploy render` and `bindery deploy check` print."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.deploy import check as checks
from cli.deploy.found import read, read_text
from cli.deploy.plan import FOLDER
from cli.deploy.render import write

_EXIT_WRONG = 1
_STANDARD_INPUT = Path("-")


def render(folder: Path | None) -> None:
    """Write the manifests and name those that changed."""
    for name in (changed := write(folder or FOLDER)):
        sys.stdout.write(f"wrote {name}\n")
    if not changed:
        sys.stdout.write("nothing to do: every manifest is as it should be\n")


def check(folder: Path | None) -> int:
    """Print what is wrong in a folder, or in what another command printed (`-`). Returns the exit code."""
    platforms = read_text(sys.stdin.read()) if folder == _STANDARD_INPUT else read(folder or FOLDER)
    found = checks.check(platforms)
    for finding in found:
        sys.stdout.write(f"{finding.place}: {finding.message} [{finding.rule}]\n")
    sys.stdout.write(f"{len(found)} findings\n" if found else "every queue has a consumer; limits agree\n")
    return _EXIT_WRONG if found else 0
