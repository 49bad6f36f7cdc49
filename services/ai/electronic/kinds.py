"""Which document types are credit notes."""

from __future__ import annotations

from typing import Literal

#: UNTDID 1001: credit notes for goods, for charges, self-billed, factored, consolidated, and what corrects by credit.
_CREDIT_NOTES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})


def kind_of(code: str | None) -> Literal["invoice", "credit_note"]:
    """The kind that a code of UNTDID 1001 stands for. A corrected invoice (384) is an invoice."""
    return "credit_note" if code in _CREDIT_NOTES else "invoice"
