"""What the command line says when something is wrong, and its exit codes."""

from __future__ import annotations

import sys
from typing import NoReturn

from shared.errors import BinderyError


class SetUpError(BinderyError):
    """This machine lacks something that Bindery needs, or something is in the way."""

    code = "set_up"
    title = "Cannot start"


class GatewayUnreachable(BinderyError):
    """No gateway answers at this address."""

    code = "gateway_unreachable"
    status = 503
    remedy = "Start one with `bindery up`, or name its address in BINDERY_URL."


#: Exit code by the family of an error; docs/api.md lists them too.
_EXIT_CODES = {400: 3, 401: 4, 403: 4, 404: 5, 409: 6, 413: 7, 415: 7, 422: 7, 429: 8, 503: 9, 507: 9}
#: Everything else: the set-up, an inner error, a verification that failed.
EXIT_FAILED = 1
#: A job that ended as failed or cancelled.
EXIT_JOB_FAILED = 10


def exit_code(error: BinderyError) -> int:
    """The exit code of an error's family."""
    return _EXIT_CODES.get(error.status, EXIT_FAILED)


def say(error: BinderyError) -> None:
    """Write an error as two lines on stderr: what is wrong, what to do."""
    sys.stderr.write(f"error [{error.code}]: {error.message}\nremedy: {error.remedy}\n")


def leave(error: BinderyError) -> NoReturn:
    """Say what is wrong and end the process."""
    say(error)
    raise SystemExit(exit_code(error))
