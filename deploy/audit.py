"""Asks whether versions of requirements.lock are known to be vulnerable: `python -m deploy.audit`, or `make audit`.

Ends with 0 when every locked version was asked about and none is known to be vulnerable, with 1 when some are. Where
the data cannot be reached that is said loudly, and it ends with 0 too, so that a build without the internet is
possible; with `--must` it ends with 2.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
#: Both are asked for the whole lock; one that knows all of it suffices.
_SERVICES = ("pypi", "osv")
_TIME_LIMIT_S = 120
_NOT_AUDITED = """
*******************************************************************************
*  NOT AUDITED: no vulnerability data could be reached for {count} of the
*  locked versions. Before you release, run `make audit` where PyPI's own advisories
*  or those of OSV can be reached.
*******************************************************************************
"""


def ask(service: str, lock: Path) -> list[dict[str, Any]] | None:
    """What a service says of each locked version; None when it cannot be reached."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip"),
        *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", "--timeout", "15"),
    ]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    try:
        found: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        sys.stderr.write(f"{service}: {(ended.stderr.strip() or 'no answer').splitlines()[-1][:200]}\n")
        return None
    return found


def main() -> int:
    """Audit the lock and say what came of it."""
    lock = Path(sys.argv[-1]) if sys.argv[-1].endswith(".lock") else _ROOT / "requirements.lock"
    unknown = -1
    for service in _SERVICES:
        if (found := ask(service, lock)) is None:
            continue
        vulnerable = [one for one in found if one.get("vulns")]
        for one in vulnerable:
            for each in one["vulns"]:
                mended = ", ".join(each["fix_versions"]) or "no version"
                sys.stdout.write(f"{one['name']} {one['version']}: {each['id']}, mended in {mended}\n")
        if vulnerable:
            return 1
        unknown = sum("skip_reason" in one for one in found)
        if found and not unknown:
            sys.stdout.write(f"{len(found)} locked versions: none is known to be vulnerable ({service}).\n")
            return 0
    sys.stderr.write(_NOT_AUDITED.format(count="any" if unknown < 0 else unknown))
    return 2 if "--must" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
