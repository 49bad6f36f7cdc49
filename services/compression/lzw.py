"""Decodes PDF's variant of LZW within a budget: no library at hand can be told when to stop."""

from __future__ import annotations

_CLEAR = 256
_END = 257


class LzwDamaged(ValueError):
    """The data uses a code that was never defined, or decodes to more than the budget."""


def lzw_decode(data: bytes, limit_bytes: int, *, early_change: int = 1) -> bytes:
    """Return `data` decoded (ISO 32000-1, 7.4.4). `early_change` is 1 where codes grow one entry too soon.

    Raises:
        LzwDamaged: an undefined code, or more than `limit_bytes`.
    """
    singles = [bytes((value,)) for value in range(256)] + [b"", b""]
    table = list(singles)
    out: list[bytes] = []
    out_bytes = 0
    width, held, held_bits = 9, 0, 0
    previous = b""
    for byte in data:
        held = (held << 8) | byte
        held_bits += 8
        if held_bits < width:
            continue
        held_bits -= width
        code = held >> held_bits
        held &= (1 << held_bits) - 1
        if code == _CLEAR:
            table = list(singles)
            width, previous = 9, b""
            continue
        if code == _END:
            break
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            raise LzwDamaged("undefined code")
        out.append(entry)
        out_bytes += len(entry)
        if out_bytes > limit_bytes:
            raise LzwDamaged("beyond the limit")
        if previous and len(table) < 4096:
            table.append(previous + entry[:1])
        previous = entry
        filled = len(table) + early_change
        width = 9 if filled < 512 else 10 if filled < 1024 else 11 if filled < 2048 else 12
    return b"".join(out)
