"""Checks of what was read: what they compared, what they found, and which values they speak for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.ai.figures.value import Figure, Source, Status, Value


class Check(BaseModel):
    """One comparison. `code` is stable, `says` is a sentence for people."""

    code: str
    status: Status
    says: str
    expected: Figure | None = None
    found: Figure | None = None
    difference: Figure | None = None
    #: Which of the documents it is about, counted from 0, and which of its lines where it is about one.
    document: int = 0
    line: int | None = None


def compared(
    code: str,
    says: str,
    *,
    expected: Decimal,
    found: Decimal,
    proves: Iterable[Value[Any] | None] = (),
    concerns: Iterable[Value[Any] | None] = (),
    tolerance: Decimal = Decimal(0),
    line: int | None = None,
) -> Check:
    """Compare two figures and mark the values.

    When they agree, the values that the comparison `proves` are verified: only name those whose wrong reading would
    have made it fail. When they differ, these and those that it merely `concerns` have a discrepancy. A figure that a
    model gives and that stands nowhere may be made to fit: an agreement with it proves nothing.
    """
    difference = found - expected
    status = _marked(code, abs(difference) <= tolerance, _there(proves), _there(concerns))
    return Check(
        code=code,
        status=status,
        says=says,
        expected=expected,
        found=found,
        difference=difference,
        line=line,
    )


def stated(
    code: str,
    says: str,
    *,
    holds: bool,
    proves: Iterable[Value[Any] | None] = (),
    concerns: Iterable[Value[Any] | None] = (),
    line: int | None = None,
) -> Check:
    """Record a check that compares no figures: a check digit, a date inside its period."""
    return Check(code=code, status=_marked(code, holds, _there(proves), _there(concerns)), says=says, line=line)


def impossible(code: str, says: str) -> Check:
    """Record that a check could not be made, and why."""
    return Check(code=code, status=Status.UNVERIFIABLE, says=says)


def whole(checks: Iterable[Check], needed: Iterable[str]) -> Status:
    """The status of a document: verified when all `needed` checks (by code) were made and none at all failed."""
    statuses: dict[str, set[Status]] = {}
    for check in checks:
        statuses.setdefault(check.code, set()).add(check.status)
    if any(Status.DISCREPANCY in found for found in statuses.values()):
        return Status.DISCREPANCY
    proven = all(Status.VERIFIED in statuses.get(code, ()) for code in needed)
    return Status.VERIFIED if proven and statuses else Status.UNVERIFIABLE


def _there(values: Iterable[Value[Any] | None]) -> list[Value[Any]]:
    return [value for value in values if value is not None]


def _marked(code: str, holds: bool, proven: list[Value[Any]], others: list[Value[Any]]) -> Status:
    """Mark the values with what a check says, and return that."""
    for value in (*proven, *others):
        if code not in value.checks:
            value.checks.append(code)
    if not holds:
        for value in (*proven, *others):
            value.status = Status.DISCREPANCY
        return Status.DISCREPANCY
    if any(value.source is Source.MODEL and value.ungrounded for value in (*proven, *others)):
        return Status.UNVERIFIABLE
    for value in proven:
        # A value that one check refutes is not saved by another.
        if value.status is Status.UNVERIFIABLE:
            value.status = Status.VERIFIED
    return Status.VERIFIED
