"""The folder of an embedded server's Unix socket: in the var folder, or elsewhere when its path is too long."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from cli.child_process import User
from cli.errors import SetUpError

#: The kernel takes 107 bytes for a socket's path; this leaves room for the longest file name, `.s.PGSQL.5432`.
_LONGEST_BYTES = 90


def make(var_dir: Path, server: str, owner: User | None = None) -> Path:
    """Make the folder that a server (`postgres`, `redis`) listens in, open to its owner only.

    Raises:
        SetUpError: somebody else owns a folder of that name.
    """
    folder = var_dir / "run" / server
    if len(os.fsencode(folder)) > _LONGEST_BYTES:
        folder = _short(var_dir, server, {os.geteuid(), owner.uid if owner else os.geteuid()})
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if owner:
        os.chown(folder, owner.uid, owner.gid)
    folder.chmod(0o700)
    return folder


def _short(var_dir: Path, server: str, owners: set[int]) -> Path:
    # The same var folder finds the same sockets again; others cannot collide.
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"bindery-{digest}-{server}"
    # Anybody may make folders there: one that was prepared for us is a trap.
    folder.mkdir(exist_ok=True, mode=0o700)
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise SetUpError(f"The folder {folder} belongs to somebody else.", remedy=f"Remove {folder}.")
    return folder
