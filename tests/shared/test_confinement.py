"""What a sandbox takes away holds for root and for ordinary users alike."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_NOBODY = 65534
_ENGINE = """
import encodings.idna, json, os, socket, sys
from pathlib import Path
from shared import confinement
user, scratch = int(sys.argv[1]), Path(sys.argv[2])
if user != os.geteuid():
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
apart = confinement.separate_processes()
given_up = confinement.confine_host(scratch)
pid = os.fork()
if not pid:
    folder = scratch / "job"
    folder.mkdir()
    missing = confinement.confine(folder, confinement.Limits(1 << 31, 10, 1 << 30), given_up)
    worked = []
    for name, attempt in {
        "own folder": lambda: (folder / "x").write_text("x"),
        "scratch": lambda: (scratch / "x").write_text("x"),
        "network": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2),
        "datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    }.items():
        try:
            attempt()
            worked.append(name)
        except OSError:
            pass
    print(json.dumps({"apart": apart, "missing": missing, "worked": worked}), flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.mark.parametrize("user", [os.geteuid(), _NOBODY], ids=["as ourselves", "as an ordinary user"])
def test_a_confined_engine_reaches_its_own_folder_and_no_network(user: int):
    if user != os.geteuid() and os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    # Not in pytest's folder: that is its user's alone.
    with tempfile.TemporaryDirectory() as scratch, socket.create_server(("127.0.0.1", 0)) as server:
        Path(scratch).chmod(0o777)
        port = server.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-c", _ENGINE, str(user), scratch, str(port)],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout, ended.stderr
    found = json.loads(ended.stdout)

    if not found["apart"]:
        pytest.skip("this kernel lets this user make no namespaces: there is nothing to test")
    assert found["worked"] == ["own folder"]
    assert found["missing"] == []
