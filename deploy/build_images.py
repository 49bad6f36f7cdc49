"""Builds the image of the gateway and of every service, with buildah or docker: `make images`.

`BASE` names another base image, `IMAGES="gateway ocr"` builds only these, `BUILD_FLAGS` are handed to the builder.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from shared import catalogue

_ROOT = Path(__file__).parents[1]
_BUILDERS = {
    "docker": ["docker", "build"],
    "buildah": ["buildah", "bud", "--layers"],
}


def main() -> int:
    """Build, and say what was built. Returns the exit code."""
    builder = next((name for name in _BUILDERS if shutil.which(name)), None)
    if builder is None:
        sys.stderr.write("error: neither docker nor buildah is installed; remedy: install one\n")
        return 2
    known = ["gateway", *sorted(catalogue.load().services)]
    wanted = os.environ.get("IMAGES", "").split() or known
    if unknown := set(wanted) - set(known):
        sys.stderr.write(f"error: no image {', '.join(sorted(unknown))}; remedy: choose of {', '.join(known)}\n")
        return 2
    for name in wanted:
        tag = f"bindery-{name}:{version('bindery')}"
        subprocess.run([*_BUILDERS[builder], *_arguments(name, builder), "-t", tag, "."], cwd=_ROOT, check=True)
        sys.stdout.write(f"built {tag}\n")
    return 0


def _arguments(name: str, builder: str) -> list[str]:
    file = "gateway" if name == "gateway" else "service"
    found = ["-f", f"deploy/Dockerfile.{file}", *shlex.split(os.environ.get("BUILD_FLAGS", ""))]
    if name != "gateway":
        found += ["--build-arg", f"SERVICE={name}"]
    if base := os.environ.get("BASE"):
        found += ["--build-arg", f"BASE={base}"]
    # The same files give the same layers: their times are that of the last commit.
    at_s = _committed_at_s()
    return [*found, *(["--timestamp", at_s] if builder == "buildah" else ["--build-arg", f"SOURCE_DATE_EPOCH={at_s}"])]


def _committed_at_s() -> str:
    """When the last change was made: what is no checkout is as old as time."""
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"],  # noqa: S607
        cwd=_ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return asked.stdout.strip() or "0"


if __name__ == "__main__":
    sys.exit(main())
