"""What the command line says when something is wrong, and its exit codes."""

from __future__ import annotations

import sys
from typing import NoReturn

from shared.errors import BinderyError


class SetUpError(BinderyError):
    """This machine lacks something that Bindery needs, or something is in the way."""

    code = "set_up"
    title = "Cannot start"


class UsageError(BinderyError):
    """The command was not understood."""

    status = 400
    code = "usage"
    remedy = "`bindery COMMAND --help` shows what a command takes."


class NoSuchFile(UsageError):
    """A file is not there or cannot be read."""

    code = "no_such_file"
    remedy = "Check the path."


class FileInTheWay(UsageError):
    """A file of this name is there already."""

    code = "file_in_the_way"
    remedy = "Choose another name, or let it be replaced with --overwrite."


class ExtraMissing(SetUpError):
    """What the engine needs is not installed here."""

    code = "extra_missing"
    title = "Not installed"


class JobFailed(BinderyError):
    """The job that was waited for failed or was cancelled."""

    code = "job_failed"
    #: No status of HTTP: it tells this family from all others.
    status = 599
    title = "The job did not complete"


class GatewayUnreachable(BinderyError):
    """No gateway answers at this address."""

    code = "gateway_unreachable"
    status = 503
    remedy = "Start one with `bindery up`, or name its address in BINDERY_URL."


class NotAGateway(GatewayUnreachable):
    """Something else than a Bindery gateway answers at this address."""

    code = "not_a_gateway"
    remedy = "Name the gateway's address in BINDERY_URL."


class TransferFailed(BinderyError):
    """What arrived is not what the gateway keeps."""

    code = "transfer_failed"
    status = 503
    remedy = "Download it again; if it happens again, the operator must look at the storage."


#: The job that was waited for ended as failed or cancelled.
EXIT_JOB_FAILED = 9
#: Exit code by the family (HTTP status) of an error; docs/command-line.md explains them.
EXIT_CODES = {
    **{400: 2, 401: 3, 403: 3, 404: 4, 408: 8, 409: 5, 413: 6, 415: 6, 422: 6, 429: 7, 503: 8, 507: 8},
    JobFailed.status: EXIT_JOB_FAILED,
}
#: Everything else: the set-up, an inner error, a verification that failed.
EXIT_FAILED = 1
#: Ctrl-C.
EXIT_INTERRUPTED = 130


def exit_code(error: BinderyError) -> int:
    """The exit code of an error's family."""
    return EXIT_CODES.get(error.status, EXIT_FAILED)


def say(error: BinderyError) -> None:
    """Write an error as two lines on stderr: what is wrong, what to do."""
    sys.stderr.write(f"error [{error.code}]: {error.message}\nremedy: {error.remedy}\n")


def leave(error: BinderyError) -> NoReturn:
    """Say what is wrong and end the process."""
    say(error)
    raise SystemExit(exit_code(error))
