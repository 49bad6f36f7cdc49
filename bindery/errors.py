"""What can go wrong between a program and a gateway."""

from __future__ import annotations

from typing import Any


class ClientError(Exception):
    """Something went wrong; `code` is stable, `remedy` says what to do."""

    code = "client_error"
    remedy = ""


class Unreachable(ClientError):
    """No gateway answers at this address, or something else does."""

    code = "gateway_unreachable"
    remedy = "Start a gateway with `bindery up`, or name the address of one."


class NotAGateway(Unreachable):
    """Something else than a Bindery gateway answers at this address."""

    code = "not_a_gateway"
    remedy = "Name the address of a gateway."


class Refused(ClientError):
    """The gateway refused a request. `problem` is its answer, RFC 9457 problem details."""

    def __init__(self, status: int, problem: dict[str, Any], retry_after_s: float | None = None) -> None:
        super().__init__(str(problem.get("detail", "")))
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        self.remedy = str(problem.get("remedy", ""))
        #: How long the gateway asks to wait before the next try.
        self.retry_after_s = retry_after_s


class NotCompleted(ClientError):
    """A job ended as failed or cancelled, so that it has no result. `record` is its record."""

    code = "not_completed"

    def __init__(self, record: Any, message: str, *, code: str | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.record = record
        self.code, self.remedy = code or self.code, remedy


class TransferFailed(ClientError):
    """What arrived is not what the gateway keeps."""

    code = "transfer_failed"
    remedy = "Download it again."
