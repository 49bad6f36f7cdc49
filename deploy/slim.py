"""Takes out of an installed environment what no image runs: tests, headers, symbols, spare parts. `python slim.py LIB`.

`strip` spoils libraries that were edited after linking, as those that wheels bring along in `*.libs` are: they stay as
they are, and of others the result is kept only when the loader will take it.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

_FOLDERS = {"tests", "test"}
#: Parts of packages that no operation reaches, below site-packages. Every image tries its operations when it starts,
#: and `bindery verify` from outside: what is missing there would be noticed.
_PARTS = (
    "Crypto/SelfTest",
    "PIL/_avif.*",
    "pillow.libs/libavif-*",
    "fontTools/merge",
    "fontTools/mtiLib",
    "fontTools/qu2cu",
    "fontTools/svgLib",
    "fontTools/ufoLib",
    "fontTools/voltLib",
    "lxml/isoschematron",
    "lxml/objectify.*",
    "numpy/_core/_simd.*",
    "numpy/distutils",
    "numpy/f2py",
    "pypdfium2_cli",
)
_SOURCES = {".pyi", ".pyx", ".pxd", ".c", ".h", ".a"}
_LOAD = 1


def main(root: Path) -> None:
    """Slim everything below `root`."""
    for found in [path for part in _PARTS for path in root.glob(f"python3*/site-packages/{part}")]:
        shutil.rmtree(found) if found.is_dir() else found.unlink()
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_symlink():
            continue
        if path.is_dir():
            if path.name in _FOLDERS:
                shutil.rmtree(path)
        elif path.suffix in _SOURCES:
            path.unlink()
        elif ".so" in path.suffixes and path.parent.suffix != ".libs":
            _strip(path)


def _strip(library: Path) -> None:
    stripped = library.with_name(f"{library.name}.stripped")
    command = ["strip", "--strip-unneeded", "-o", stripped, library]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode == 0 and _is_loadable(stripped.read_bytes()):
        stripped.chmod(library.stat().st_mode)
        stripped.replace(library)
    stripped.unlink(missing_ok=True)


def _is_loadable(elf: bytes) -> bool:
    """Whether each segment of a 64-bit ELF file has the same place in its page in the file and in memory."""
    if elf[:6] != b"\x7fELF\x02\x01":
        return False
    start, size, count = struct.unpack_from("<Q", elf, 32)[0], *struct.unpack_from("<HH", elf, 54)
    for number in range(count):
        kind, _, offset, address, _, _, _, align = struct.unpack_from("<IIQQQQQQ", elf, start + number * size)
        if kind == _LOAD and align and (offset - address) % align:
            return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]))
