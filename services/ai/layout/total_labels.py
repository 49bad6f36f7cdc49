"""What the label of a sum says that it is."""

from __future__ import annotations

import re
from enum import StrEnum

from services.ai.layout.labels import plain, traits

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,4})?)\s?[%\uff05]")
#: Longer texts are prose in which a sum occurs.
_MAX_LABEL_WORDS = 9
_MAX_LABEL_CHARACTERS = 160


class Sum(StrEnum):
    """A sum of an invoice or a receipt."""

    SUBTOTAL = "subtotal"
    NET = "net"
    TAX = "tax"
    GROSS = "gross"
    #: Of which nothing tells whether tax is in it.
    TOTAL = "total"
    DUE = "due"
    PREPAID = "prepaid"
    ROUNDING = "rounding"
    ALLOWANCE = "allowance"
    CHARGE = "charge"
    #: Only repeats what stands on the page before or behind.
    CARRIED = "carried"


def sum_named(label: str) -> Sum | None:
    """The sum that a label stands for; None for what is no such label."""
    if len(label) > _MAX_LABEL_CHARACTERS:
        return None
    words = plain(re.sub(r"[\d.,%]+", " ", label)).split()
    if not words or len(words) > _MAX_LABEL_WORDS:
        return None
    found = traits(label, "amounts")
    if "carried" in found:
        return Sum.CARRIED
    if "rounding" in found:
        return Sum.ROUNDING
    if "due" in found:
        return Sum.DUE
    if "paid" in found:
        return Sum.PREPAID
    if "tax" in found:
        return _with_tax(label, found)
    return _without_tax(found)


def percent_in(label: str) -> str | None:
    """The digits of the one percentage in a label, with their mark; None where there is none or several."""
    found = set(_PERCENT.findall(label))
    return found.pop() if len(found) == 1 else None


def names_base(label: str) -> bool:
    """Whether a label ends with what says that the next figure is what a tax is reckoned on."""
    words = plain(label).split()
    return bool(words) and "base" in traits(words[-1], "amounts")


def _with_tax(label: str, found: frozenset[str]) -> Sum:
    if "without" in found:
        return Sum.NET
    if "gross" in found:
        # "Total incl. VAT" is a sum with tax in it, "incl. 19 % VAT" the tax.
        alone = percent_in(label) is None and "within" not in found
        return Sum.GROSS if alone or found & {"total", "subtotal"} else Sum.TAX
    if found & {"net", "subtotal"} and percent_in(label) is None and "base" not in found:
        return Sum.NET
    return Sum.TAX


def _without_tax(found: frozenset[str]) -> Sum | None:
    if "allowance" in found:
        return Sum.NET if "after" in found else Sum.ALLOWANCE
    for trait, kind in (
        ("subtotal", Sum.SUBTOTAL),
        ("charge", Sum.CHARGE),
        ("without", Sum.NET),
        ("net", Sum.NET),
        ("gross", Sum.GROSS),
        ("total", Sum.TOTAL),
    ):
        if trait in found:
            return kind
    return None
