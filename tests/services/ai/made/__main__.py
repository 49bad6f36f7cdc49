"""Writes made documents and their truth: `python -m tests.services.ai.made --out FOLDER [--kind ...] [--count N]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.services.ai.made.catalogue import KINDS, SEEDS, layouts, written
from tests.services.ai.made.fonts import FontMissing


def main() -> None:
    """Write what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.services.ai.made", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--count", type=int, default=SEEDS, help="documents of each layout")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for each in layouts(seen=True, kinds=tuple(chosen.kind)):
        try:
            for seed in range(1, chosen.count + 1):
                print(written(each, seed, chosen.out))
        except FontMissing as missing:
            print(f"left out {each.kind} {each.name}: no font {missing} here", file=sys.stderr)


if __name__ == "__main__":
    main()
