"""Runs in a network of its own, which holds a DNS server, a public and an inside web server, and a gateway.

`unshare --net --mount ... python -m tests.gateway.walled_inside FOLDER PORT`; see walled_gateway.py for the folder.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from tests.gateway.walled_gateway import PUBLIC

_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
_UP_AND_RUNNING = 0x1 | 0x40
_BIND = 4096
_A, _AAAA = 1, 28


def _make_network() -> None:
    """Loopback, and one address of the public internet that is this network's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for name, address in ((b"lo", "127.0.0.1"), (b"lo:1", PUBLIC)):
            place = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(any_socket, _SIOCSIFADDR, struct.pack("16s16s", name, place))
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", name, _UP_AND_RUNNING))


def _use_resolver(folder: Path) -> None:
    """Every program of this mount namespace asks our DNS server."""
    config = folder / "resolv.conf"
    config.write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
    target = Path("/etc/resolv.conf").resolve()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(os.fsencode(config), os.fsencode(target), None, _BIND, None):
        raise OSError(ctypes.get_errno(), f"cannot mount over {target}")


def _serve_names(folder: Path) -> None:
    """Answer from zone.json: of a name with several answers, each question for its A record gets the next one."""
    asked: Counter[str] = Counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        while True:
            question, client = server.recvfrom(4096)
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1 : at + 1 + question[at]].decode())
                at += question[at] + 1
            name, kind = ".".join(labels).lower(), struct.unpack("!H", question[at + 1 : at + 3])[0]
            answers = json.loads((folder / "zone.json").read_text()).get(name)
            if kind == _A:
                asked[name] += 1
                with (folder / "lookups.log").open("a") as log:
                    log.write(f"{name}\n")
            chosen = answers[min(max(asked[name] - 1, 0), len(answers) - 1)] if answers else []
            packed = [
                ip_address(each).packed for each in chosen if ip_address(each).version == (6 if kind == _AAAA else 4)
            ]
            records = b"".join(
                b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(each)) + each
                for each in packed
                if kind in (_A, _AAAA)
            )
            flags = 0x8180 if answers else 0x8183
            head = question[:2] + struct.pack("!HHHHH", flags, 1, len(packed), 0, 0)
            server.sendto(head + question[12 : at + 5] + records, client)


def _serve_web(folder: Path, host: str, port: int) -> None:
    """Answer with the raw bytes of `answers/<path>`, and note who was asked for what."""
    listener = socket.create_server((host, port))
    while True:
        connection, _ = listener.accept()
        with (folder / "hits.log").open("a") as log:
            log.write(f"{host}:{port}\n")
        threading.Thread(target=_answer, args=(folder, connection), daemon=True).start()


def _answer(folder: Path, connection: socket.socket) -> None:
    with connection, suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request and (piece := connection.recv(4096)):
            request += piece
        path = request.split(b" ")[1].decode().split("?")[0].strip("/") if request else "nothing"
        connection.sendall((folder / "answers" / path.replace("/", "_")).read_bytes())


def _relay(folder: Path, port: int) -> None:
    """A way in from outside: a Unix socket that leads to the gateway."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "new.sock"))
        listener.listen(64)
        # It appears when it is ready.
        (folder / "new.sock").rename(folder / "gateway.sock")
        while True:
            outside, _ = listener.accept()
            threading.Thread(target=_join, args=(outside, port), daemon=True).start()


def _join(outside: socket.socket, port: int) -> None:
    with outside, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as inside:
        back = threading.Thread(target=_copy, args=(inside, outside), daemon=True)
        back.start()
        _copy(outside, inside)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def main() -> None:
    """Make the network and run the gateway in it until it ends."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    _make_network()
    _use_resolver(folder)
    for served in ((PUBLIC, 80), ("127.0.0.1", 80), ("127.0.0.2", 80)):
        threading.Thread(target=_serve_web, args=(folder, *served), daemon=True).start()
    threading.Thread(target=_serve_names, args=(folder,), daemon=True).start()
    threading.Thread(target=_relay, args=(folder, port), daemon=True).start()
    gateway = subprocess.Popen([sys.executable, "-m", "gateway.server"], stdin=subprocess.PIPE)
    # The test closes our standard input when it is done, and also when it dies.
    sys.stdin.read()
    gateway.terminate()
    gateway.wait()


if __name__ == "__main__":
    main()
