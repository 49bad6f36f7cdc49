"""Builds the image of the gateway and of every service, with buildah or docker: `make images`.

`BASE` names another base image, `IMAGES="gateway ocr"` builds only these (`ocr-gpu` only when it is named), `BUILDER`
chooses where both are installed, `BUILD_FLAGS` are handed to it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from shared import catalogue

_ROOT = Path(__file__).parents[1]
_BUILDERS = {
    "docker": ["docker", "build"],
    # The format of OCI knows no health checks.
    "buildah": ["buildah", "bud", "--layers", "--format", "docker"],
}

#: The age of every file, 1980-01-01: the same files give the same layers, whichever of them an earlier build has left.
_TIME_S = "315532800"
#: Images that are built only when they are named: the service and the extras that they hold instead of its own.
_VARIANTS = {"ocr-gpu": ("ocr", "ocr,easyocr")}


def main() -> int:
    """Build, and say what was built. Returns the exit code."""
    builder = os.environ.get("BUILDER") or next((name for name in _BUILDERS if shutil.which(name)), None)
    if builder not in _BUILDERS:
        sys.stderr.write(
            "error: neither docker nor buildah is there; remedy: install one, or name one: BUILDER=buildah\n"
        )
        return 2
    usual = ["gateway", *sorted(catalogue.load().services)]
    known = [*usual, *_VARIANTS]
    wanted = os.environ.get("IMAGES", "").split() or usual
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
        service, extras = _VARIANTS.get(name, (name, ""))
        found += ["--build-arg", f"SERVICE={service}"]
        found += ["--build-arg", f"EXTRAS={extras}"] if extras else []
    if base := os.environ.get("BASE"):
        found += ["--build-arg", f"BASE={base}"]
    labels = {"VERSION": version("bindery"), "REVISION": _git("rev-parse", "HEAD"), "SOURCE": _source()}
    for label, value in labels.items():
        found += ["--build-arg", f"{label}={value}"] if value else []
    found += ["--build-arg", f"SOURCE_DATE_EPOCH={_TIME_S}"]
    return [*found, "--timestamp", _TIME_S] if builder == "buildah" else found


def _source() -> str:
    """Where the code is published: an address without credentials, or nothing."""
    remote = urlsplit(_git("remote", "get-url", "origin"))
    return f"https://{remote.hostname}{remote.path}" if remote.scheme == "https" and remote.hostname else ""


def _git(*arguments: str) -> str:
    """What git answers; nothing where this is no checkout."""
    asked = subprocess.run(["git", *arguments], cwd=_ROOT, check=False, capture_output=True, text=True)  # noqa: S607
    return asked.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
