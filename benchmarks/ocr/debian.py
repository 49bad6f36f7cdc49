"""Files of Debian packages, fetched by apt into a folder of the benchmark; nothing is installed."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from functools import cache
from pathlib import Path

_CACHE = Path(__file__).parents[1] / "results" / "debian"
_LIMIT_S = 300


def debian_file(package: str, path: str) -> Path | None:
    """A file of a package, unpacked when it is gzipped; None, with a line that says so, where it cannot be had."""
    root = _unpacked(package)
    if root is None:
        return None
    found = root / path
    if found.suffix != ".gz":
        return found
    plain = found.with_suffix("")
    if not plain.exists():
        plain.write_bytes(gzip.decompress(found.read_bytes()))
    return plain


@cache
def _unpacked(package: str) -> Path | None:
    root = _CACHE / package
    if root.is_dir():
        return root
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        print(f"NOT MEASURED: pages of the Debian package {package}; this machine has no apt")
        return None
    fetched = _CACHE / f"{package}.part"
    shutil.rmtree(fetched, ignore_errors=True)
    fetched.mkdir(parents=True)
    try:
        subprocess.run(
            ["apt-get", "download", "-q", package], cwd=fetched, check=True, capture_output=True, timeout=_LIMIT_S
        )
        (archive,) = fetched.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", str(archive), str(fetched)], check=True, timeout=_LIMIT_S)
    except (subprocess.SubprocessError, ValueError) as error:
        print(f"NOT MEASURED: pages of the Debian package {package}: {error}")
        return None
    archive.unlink()
    return fetched.rename(root)
