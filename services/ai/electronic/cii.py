"""Cross Industry Invoices: Factur-X, XRechnung and ZUGFeRD 2 in every profile, and ZUGFeRD 1.0."""

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

#: Of ZUGFeRD 2 and Factur-X, and of ZUGFeRD 1.0.
ROOTS = (
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice",
    "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument",
)
_AGREEMENT = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
_DELIVERY = "ApplicableHeaderTradeDelivery|ApplicableSupplyChainTradeDelivery"
_SETTLEMENT = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
_SUMMATION = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_LINE_AGREEMENT = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"
_LINE_DELIVERY = "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery"
_LINE_SETTLEMENT = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
_LINE_SUMMATION = "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
_NET_PRICE = "NetPriceProductTradePrice"
#: Elements of allowances and charges, which of the two, how much.
_CHARGED = ("SpecifiedTradeAllowanceCharge", "ChargeIndicator/Indicator", "ActualAmount")
_RATE = "RateApplicablePercent|ApplicablePercent"


def read(root: Element) -> Invoice:
    """The invoice of a tree whose root is one of ROOTS. What a profile leaves out is null."""
    head = first(root, "ExchangedDocument|HeaderExchangedDocument")
    trade = first(root, "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction")
    agreement, delivery, settlement = (first(trade, path) for path in (_AGREEMENT, _DELIVERY, _SETTLEMENT))
    buyer = first(agreement, "BuyerTradeParty")
    means = "SpecifiedTradeSettlementPaymentMeans"
    return Invoice(
        kind=kind_of(content(first(head, "TypeCode"))),
        number=text(head, "ID"),
        issue_date=day(head, "IssueDateTime/DateTimeString"),
        due_date=day(settlement, "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"),
        delivery_date=day(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString"),
        period_start=day(settlement, "BillingSpecifiedPeriod/StartDateTime/DateTimeString"),
        period_end=day(settlement, "BillingSpecifiedPeriod/EndDateTime/DateTimeString"),
        currency=text(settlement, "InvoiceCurrencyCode"),
        seller=_party(first(agreement, "SellerTradeParty")),
        buyer=_party(buyer),
        customer_number=text(buyer, "ID"),
        purchase_order=text(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID|ID"),
        payment_reference=text(settlement, "PaymentReference"),
        iban=account(text(settlement, f"{means}/PayeePartyCreditorFinancialAccount/IBANID")),
        bic=text(settlement, f"{means}/PayeeSpecifiedCreditorFinancialInstitution/BICID"),
        lines=list(_lines(trade)),
        taxes=list(_taxes(settlement)),
        **_totals(first(settlement, _SUMMATION), content(first(settlement, "InvoiceCurrencyCode"))),
    )


def _party(node: Element | None) -> Party:
    address = first(node, "PostalTradeAddress")
    whole = postal(address, ("LineOne", "LineTwo", "LineThree"), ("PostcodeCode", "CityName"), "CountryID")
    return Party(
        name=text(node, "Name"),
        address=whole,
        vat_id=_registration(node, "VA"),
        tax_number=_registration(node, "FC"),
        email=text(node, "DefinedTradeContact/EmailURIUniversalCommunication/URIID") or _electronic_address(node),
    )


def _registration(party: Element | None, scheme: str) -> TextValue | None:
    for node in every(party, "SpecifiedTaxRegistration/ID"):
        if node.get("schemeID") == scheme and content(node):
            return TextValue(value=content(node), source=Source.XML)
    return None


def _electronic_address(party: Element | None) -> TextValue | None:
    """An electronic address of scheme EM is a mail address (EAS code list)."""
    node = first(party, "URIUniversalCommunication/URIID")
    if node is None or node.get("schemeID") != "EM" or not content(node):
        return None
    return TextValue(value=content(node), source=Source.XML)


def _lines(trade: Element | None) -> Iterator[InvoiceLine]:
    for node in every(trade, "IncludedSupplyChainTradeLineItem"):
        product = first(node, "SpecifiedTradeProduct")
        price = first(node, f"{_LINE_AGREEMENT}/{_NET_PRICE}")
        quantity = first(node, f"{_LINE_DELIVERY}/BilledQuantity")
        settlement = first(node, _LINE_SETTLEMENT)
        unit = quantity.get("unitCode") if quantity is not None else None
        amount = figure(settlement, f"{_LINE_SUMMATION}/LineTotalAmount")
        if amount is None and product is None:
            # ZUGFeRD 1.0 writes notes as lines.
            continue
        yield InvoiceLine(
            position=text(node, "AssociatedDocumentLineDocument/LineID"),
            code=text(product, "SellerAssignedID") or text(product, "GlobalID"),
            description=joined(product, "Name", "Description"),
            quantity=figure(node, f"{_LINE_DELIVERY}/BilledQuantity"),
            unit=TextValue(value=unit, source=Source.XML) if unit else None,
            unit_price=figure(price, "ChargeAmount"),
            price_quantity=figure(price, "BasisQuantity"),
            tax_percent=figure(settlement, f"ApplicableTradeTax/{_RATE}"),
            allowance=charged(settlement, _CHARGED, charge=False),
            charge=charged(settlement, _CHARGED, charge=True),
            net_amount=amount,
        )


def _taxes(settlement: Element | None) -> Iterator[TaxLine]:
    for node in every(settlement, "ApplicableTradeTax"):
        yield TaxLine(
            percent=figure(node, _RATE),
            base=figure(node, "BasisAmount"),
            amount=figure(node, "CalculatedAmount"),
        )


def _totals(summation: Element | None, currency: str | None) -> dict[str, FigureValue | None]:
    return {
        "lines_total": figure(summation, "LineTotalAmount"),
        "allowance_total": figure(summation, "AllowanceTotalAmount"),
        "charge_total": figure(summation, "ChargeTotalAmount"),
        "net_total": figure(summation, "TaxBasisTotalAmount"),
        "tax_total": _tax_total(summation, currency),
        "gross_total": figure(summation, "GrandTotalAmount"),
        "prepaid": figure(summation, "TotalPrepaidAmount"),
        "rounding": figure(summation, "RoundingAmount"),
        "amount_due": figure(summation, "DuePayableAmount"),
    }


def _tax_total(summation: Element | None, currency: str | None) -> FigureValue | None:
    """The tax in the invoice's own currency: it may stand there in that of the books as well (BT-110 and BT-111)."""
    own = [node for node in every(summation, "TaxTotalAmount") if node.get("currencyID") in (None, currency)]
    return figure_of(own[0]) if len(own) == 1 else None
