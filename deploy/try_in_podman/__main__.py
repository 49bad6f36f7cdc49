"""`python -m deploy.try_in_podman`: the rendered manifests as pods on this machine, and what they must withstand.

Needs root, podman 4 or newer, buildah, kubectl, and the images of `make images BUILDER=buildah`. `BASE` and
`BUILD_FLAGS` are as there.
`SCENES="verified rolled"` tries only these; `KEEP=1` leaves the pods where they are in the end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from deploy.try_in_podman.platform import Platform
from deploy.try_in_podman.pods import STORES
from deploy.try_in_podman.scenes import SCENES, Failed

_EXIT_FAILED, _EXIT_MISSING = 1, 2
_HERE = Path(__file__).parent


def main() -> int:
    """Try everything and print a line for each. Returns the exit code."""
    if missing := [name for name in ("podman", "buildah", "kubectl") if shutil.which(name) is None]:
        sys.stderr.write(f"error: {', '.join(missing)} not found; remedy: install it\n")
        return _EXIT_MISSING
    _make_stores()
    wanted = os.environ.get("SCENES", "").split()
    failed = 0
    began = time.monotonic()
    with Platform(keep=bool(os.environ.get("KEEP"))) as platform:
        sys.stdout.write(f"up: {len(platform.pods)} pods, every queue served after {time.monotonic() - began:.0f} s\n")
        for scene in SCENES:
            if wanted and scene.__name__ not in wanted:
                continue
            try:
                sys.stdout.write(f"{scene.__name__}: {scene(platform)}\n")
            except (Failed, TimeoutError, RuntimeError) as error:
                failed += 1
                sys.stdout.write(f"{scene.__name__}: FAILED: {error}\n")
            sys.stdout.flush()
    return _EXIT_FAILED if failed else 0


def _make_stores() -> None:
    """Build PostgreSQL and Redis from Debian's packages, once."""
    if subprocess.run(["podman", "image", "exists", STORES], check=False).returncode == 0:  # noqa: S607
        return
    base = os.environ.get("BASE", "python:3.12-slim-bookworm")
    flags = os.environ.get("BUILD_FLAGS", "").split()
    command = ["buildah", "bud", *flags, "--build-arg", f"BASE={base}", "-t", STORES]
    subprocess.run([*command, "-f", _HERE / "Dockerfile.stores", _HERE], check=True)


if __name__ == "__main__":
    sys.exit(main())
