"""UBL 2 invoices and credit notes: Peppol BIS, XRechnung, and the dialects before them."""

from __future__ import annotations

from collections.abc import Iterator

from services.ai.documents.invoice import Invoice, InvoiceLine, Party, TaxLine
from services.ai.electronic.kinds import kind_of
from services.ai.electronic.trees import (
    Element,
    account,
    charged,
    content,
    day,
    every,
    figure,
    figure_of,
    first,
    joined,
    postal,
    text,
)
from services.ai.figures.value import FigureValue, Source, TextValue

_INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
_CREDIT_NOTE = "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
ROOTS = (_INVOICE, _CREDIT_NOTE)
#: Elements of allowances and charges, which of the two, how much.
_CHARGED = ("AllowanceCharge", "ChargeIndicator", "Amount")


def read(root: Element) -> Invoice:
    """The invoice of a tree whose root is one of ROOTS."""
    currency = content(first(root, "DocumentCurrencyCode"))
    seller, buyer = (first(root, f"Accounting{side}Party/Party") for side in ("Supplier", "Customer"))
    return Invoice(
        kind="credit_note" if root.tag == _CREDIT_NOTE else kind_of(content(first(root, "InvoiceTypeCode"))),
        number=text(root, "ID"),
        issue_date=day(root, "IssueDate"),
        due_date=day(root, "DueDate") or day(root, "PaymentMeans/PaymentDueDate"),
        delivery_date=day(root, "Delivery/ActualDeliveryDate"),
        period_start=day(root, "InvoicePeriod/StartDate"),
        period_end=day(root, "InvoicePeriod/EndDate"),
        currency=text(root, "DocumentCurrencyCode"),
        seller=_party(seller),
        buyer=_party(buyer),
        customer_number=text(buyer, "PartyIdentification/ID"),
        purchase_order=text(root, "OrderReference/ID"),
        payment_reference=text(root, "PaymentMeans/PaymentID"),
        iban=account(text(root, "PaymentMeans/PayeeFinancialAccount/ID")),
        bic=text(root, "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID")
        or text(root, "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/FinancialInstitution/ID"),
        lines=[_line(node) for node in every(root, "InvoiceLine|CreditNoteLine")],
        taxes=list(_taxes(root, currency)),
        **_totals(root, currency),
    )


def _party(node: Element | None) -> Party:
    address = first(node, "PostalAddress")
    street = ("StreetName", "AdditionalStreetName", "AddressLine/Line")
    whole = postal(address, street, ("PostalZone", "CityName"), "Country/IdentificationCode")
    return Party(
        name=text(node, "PartyLegalEntity/RegistrationName") or text(node, "PartyName/Name"),
        address=whole,
        vat_id=_registration(node, vat=True),
        tax_number=_registration(node, vat=False),
        email=text(node, "Contact/ElectronicMail"),
    )


def _registration(party: Element | None, *, vat: bool) -> TextValue | None:
    for scheme in every(party, "PartyTaxScheme"):
        named = (content(first(scheme, "TaxScheme/ID")) or "").upper()
        if (named in ("VAT", "GST")) == vat and (found := text(scheme, "CompanyID")):
            return found
    return None


def _line(node: Element) -> InvoiceLine:
    quantity = first(node, "InvoicedQuantity|CreditedQuantity")
    unit = quantity.get("unitCode") if quantity is not None else None
    item, price = first(node, "Item"), first(node, "Price")
    return InvoiceLine(
        position=text(node, "ID"),
        code=text(item, "SellersItemIdentification/ID") or text(item, "StandardItemIdentification/ID"),
        description=joined(item, "Name", "Description"),
        quantity=figure_of(quantity),
        unit=TextValue(value=unit, source=Source.XML) if unit else None,
        unit_price=figure(price, "PriceAmount"),
        price_quantity=figure(price, "BaseQuantity"),
        tax_percent=figure(item, "ClassifiedTaxCategory/Percent"),
        allowance=charged(node, _CHARGED, charge=False),
        charge=charged(node, _CHARGED, charge=True),
        net_amount=figure(node, "LineExtensionAmount"),
    )


def _tax_total(root: Element, currency: str | None) -> Element | None:
    """The tax in the invoice's own currency: it may stand there in that of the books as well (BT-110 and BT-111)."""
    amounts = [(node, first(node, "TaxAmount")) for node in every(root, "TaxTotal")]
    own = [node for node, amount in amounts if amount is not None and amount.get("currencyID") in (None, currency)]
    return own[0] if len(own) == 1 else None


def _taxes(root: Element, currency: str | None) -> Iterator[TaxLine]:
    for node in every(_tax_total(root, currency), "TaxSubtotal"):
        yield TaxLine(
            percent=figure(node, "TaxCategory/Percent") or figure(node, "Percent"),
            base=figure(node, "TaxableAmount"),
            amount=figure(node, "TaxAmount"),
        )


def _totals(root: Element, currency: str | None) -> dict[str, FigureValue | None]:
    sums = first(root, "LegalMonetaryTotal")
    return {
        "lines_total": figure(sums, "LineExtensionAmount"),
        # A document that names its allowances and not their sum has it all the same.
        "allowance_total": figure(sums, "AllowanceTotalAmount") or charged(root, _CHARGED, charge=False),
        "charge_total": figure(sums, "ChargeTotalAmount") or charged(root, _CHARGED, charge=True),
        "net_total": figure(sums, "TaxExclusiveAmount"),
        "tax_total": figure(_tax_total(root, currency), "TaxAmount"),
        "gross_total": figure(sums, "TaxInclusiveAmount"),
        "prepaid": figure(sums, "PrepaidAmount"),
        "rounding": figure(sums, "PayableRoundingAmount"),
        "amount_due": figure(sums, "PayableAmount"),
    }
