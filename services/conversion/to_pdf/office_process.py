"""Converts one office document in a process of its own, through LibreOfficeKit, LibreOffice's C interface.

Started as `python -I office_process.py PROGRAM-FOLDER PROFILE-ADDRESS DOCUMENT-ADDRESS TARGET-ADDRESS`; exit code 0
for done, 3 for a document that cannot be loaded, 4 for one that needs a password, 5 for one that cannot be written.

Why not `soffice --convert-to`: that opens a socket in /tmp, wherever TMPDIR leads, which a sandboxed engine may not;
and it starts two processes more and takes twice as long. LibreOfficeKit never runs macros unless it is told to.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

_LOADS, _NEEDS_PASSWORD, _WRITES = 3, 4, 5
#: Where functions stand in LibreOfficeKit.h's LibreOfficeKitClass and LibreOfficeKitDocumentClass (since 5.0).
_GET_ERROR, _LOAD_WITH_OPTIONS, _SAVE_AS = 3, 4, 2
#: Debian builds one merged library; other builds have the parts.
_LIBRARIES = ("libmergedlo.so", "libsofficeapp.so")
#: What LibreOffice says when it would ask for a password.
_PASSWORD_WORDS = ("password", "encrypt")


def _function(owner: int, place: int, kind: Any) -> Any:
    table = ctypes.cast(ctypes.cast(owner, ctypes.POINTER(ctypes.c_void_p))[0], ctypes.POINTER(ctypes.c_void_p))
    return kind(table[place])


def main() -> int:
    """Convert, and return the exit code."""
    program, profile, document, target = sys.argv[1:]
    library = next(path for name in _LIBRARIES if (path := Path(program) / name).exists())
    start = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL).libreofficekit_hook_2
    start.restype, start.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
    kit = start(program.encode(), profile.encode())
    text, address = ctypes.c_char_p, ctypes.c_void_p
    error = ctypes.CFUNCTYPE(text, address)
    load = ctypes.CFUNCTYPE(address, address, text, text)
    save = ctypes.CFUNCTYPE(ctypes.c_int, address, text, text, text)
    opened = _function(kit, _LOAD_WITH_OPTIONS, load)(kit, document.encode(), b"")
    if not opened:
        said = (_function(kit, _GET_ERROR, error)(kit) or b"").decode(errors="replace")
        sys.stderr.write(f"{said}\n")
        return _NEEDS_PASSWORD if any(word in said.lower() for word in _PASSWORD_WORDS) else _LOADS
    written = _function(opened, _SAVE_AS, save)(opened, target.encode(), b"pdf", None)
    return 0 if written else _WRITES


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Its threads and exit handlers have nothing left to do, and on odd documents crash while they do it.
    os._exit(code)
