"""UBL 2.1: an invoice or a credit note for programs that take electronic invoices."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

from services.ai.documents.invoice import Invoice, InvoiceLine, Party, TaxLine
from services.ai.exports.xml_files import Element, ExportImpossible, one_line, written
from services.ai.figures.value import FigureValue, Value

_ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
_AGGREGATE = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_BASIC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
#: More than any product of two figures has.
_DIGITS = 100
#: Of UNTDID 1001.
_INVOICE, _CREDIT_NOTE = "380", "381"
#: UNECE Recommendation 20 by what documents print; for other words no code is made up.
_UNITS = {
    **dict.fromkeys(("c62", "h87", "pc", "pcs", "pce", "piece", "pieces", "ea", "each", "stk", "st", "unit"), "C62"),
    **dict.fromkeys(("hur", "h", "hr", "hrs", "hour", "hours", "std", "stunden"), "HUR"),
    **dict.fromkeys(("day", "day(s)", "days", "tag", "tage", "jours"), "DAY"),
    **dict.fromkeys(("mon", "month", "months", "monat", "monate"), "MON"),
    **dict.fromkeys(("kgm", "kg"), "KGM"),
    **dict.fromkeys(("mtr", "m"), "MTR"),
    **dict.fromkeys(("ltr", "l"), "LTR"),
}  # fmt: skip
#: Of UNTDID 4461: a bank transfer.
_TRANSFER = "30"


def export(invoice: Invoice, warning: str | None) -> bytes:
    """The file of one document.

    Raises:
        ExportImpossible: it has no number, date, currency, total or line, or a line without a net amount.
    """
    return _Writer(invoice).document(warning)


class _Writer:
    def __init__(self, invoice: Invoice) -> None:
        self._invoice = invoice
        self._is_credit = invoice.kind == "credit_note"
        self._currency = _needed(invoice.currency, "currency; the option currency names it")

    def document(self, warning: str | None) -> bytes:
        invoice = self._invoice
        name = "CreditNote" if self._is_credit else "Invoice"
        namespaces = {None: _ROOT.format(name), "cac": _AGGREGATE, "cbc": _BASIC}
        root = etree.Element(etree.QName(_ROOT.format(name), name), nsmap=namespaces)
        _basic(root, "ID", _needed(invoice.number, "number"))
        _basic(root, "IssueDate", _needed(invoice.issue_date, "date"))
        if not self._is_credit:
            _basic(root, "DueDate", invoice.due_date)
        _basic(root, f"{name}TypeCode", _CREDIT_NOTE if self._is_credit else _INVOICE)
        if warning:
            _basic(root, "Note", warning)
        _basic(root, "DocumentCurrencyCode", self._currency)
        if invoice.period_start or invoice.period_end:
            period = _aggregate(root, "InvoicePeriod")
            _basic(period, "StartDate", invoice.period_start)
            _basic(period, "EndDate", invoice.period_end)
        if invoice.purchase_order:
            _basic(_aggregate(root, "OrderReference"), "ID", invoice.purchase_order)
        _party(_aggregate(root, "AccountingSupplierParty"), invoice.seller, None)
        _party(_aggregate(root, "AccountingCustomerParty"), invoice.buyer, invoice.customer_number)
        if invoice.delivery_date:
            _basic(_aggregate(root, "Delivery"), "ActualDeliveryDate", invoice.delivery_date)
        self._payment(root)
        self._allowances(root)
        self._taxes(root)
        self._totals(root)
        if not invoice.lines:
            raise ExportImpossible("the invoice shows no lines")
        for number, line in enumerate(invoice.lines, start=1):
            self._line(_aggregate(root, f"{name}Line"), number, line)
        return written(root, warning=warning)

    def _payment(self, root: Element) -> None:
        invoice = self._invoice
        if not invoice.iban:
            return
        means = _aggregate(root, "PaymentMeans")
        _basic(means, "PaymentMeansCode", _TRANSFER)
        if self._is_credit:
            _basic(means, "PaymentDueDate", invoice.due_date)
        _basic(means, "PaymentID", invoice.payment_reference)
        account = _aggregate(means, "PayeeFinancialAccount")
        _basic(account, "ID", "".join(invoice.iban.value.split()))
        if invoice.bic:
            _basic(_aggregate(account, "FinancialInstitutionBranch"), "ID", invoice.bic)

    def _allowances(self, parent: Element) -> None:
        for is_charge, total in ((False, self._invoice.allowance_total), (True, self._invoice.charge_total)):
            self._allowance(parent, is_charge, total)

    def _allowance(
        self, parent: Element, is_charge: bool, total: FigureValue | None, percent: FigureValue | None = None
    ) -> None:
        if total and total.value:
            entry = _aggregate(parent, "AllowanceCharge")
            _basic(entry, "ChargeIndicator", "true" if is_charge else "false")
            _basic(entry, "MultiplierFactorNumeric", percent)
            self._amount(entry, "Amount", total)

    def _taxes(self, root: Element) -> None:
        invoice = self._invoice
        amounts = [each.amount.value for each in invoice.taxes if each.amount]
        if not (invoice.tax_total or amounts):
            return
        tax = _aggregate(root, "TaxTotal")
        self._amount(tax, "TaxAmount", invoice.tax_total or FigureValue(value=sum(amounts, Decimal(0))))
        for each in invoice.taxes:
            if each.amount:
                self._subtotal(_aggregate(tax, "TaxSubtotal"), each)

    def _subtotal(self, parent: Element, tax: TaxLine) -> None:
        self._amount(parent, "TaxableAmount", tax.base)
        self._amount(parent, "TaxAmount", tax.amount)
        _tax_category(parent, "TaxCategory", tax.percent)

    def _totals(self, root: Element) -> None:
        invoice = self._invoice
        totals = _aggregate(root, "LegalMonetaryTotal")
        self._amount(totals, "LineExtensionAmount", invoice.lines_total or invoice.net_total)
        self._amount(totals, "TaxExclusiveAmount", invoice.net_total)
        self._amount(totals, "TaxInclusiveAmount", invoice.gross_total)
        self._amount(totals, "AllowanceTotalAmount", invoice.allowance_total)
        self._amount(totals, "ChargeTotalAmount", invoice.charge_total)
        self._amount(totals, "PrepaidAmount", invoice.prepaid)
        self._amount(totals, "PayableRoundingAmount", invoice.rounding)
        payable = invoice.amount_due or invoice.gross_total
        if not payable:
            raise ExportImpossible("the invoice shows no total")
        self._amount(totals, "PayableAmount", payable)

    def _line(self, parent: Element, number: int, line: InvoiceLine) -> None:
        if not line.net_amount:
            raise ExportImpossible(f"line {number} shows no net amount")
        _basic(parent, "ID", line.position.value if line.position else number)
        if line.quantity:
            quantity = _basic(parent, "CreditedQuantity" if self._is_credit else "InvoicedQuantity", line.quantity)
            if code := _UNITS.get(line.unit.value.casefold().rstrip(".")) if line.unit else None:
                quantity.set("unitCode", code)
        self._amount(parent, "LineExtensionAmount", line.net_amount)
        self._allowance(parent, False, line.allowance or _discount(line), line.discount_percent)
        self._allowance(parent, True, line.charge)
        item = _aggregate(parent, "Item")
        _basic(item, "Name", line.description.value if line.description else str(number))
        if line.code:
            _basic(_aggregate(item, "SellersItemIdentification"), "ID", line.code)
        if line.tax_percent:
            _tax_category(item, "ClassifiedTaxCategory", line.tax_percent)
        if line.unit_price:
            price = _aggregate(parent, "Price")
            self._amount(price, "PriceAmount", line.unit_price)
            _basic(price, "BaseQuantity", line.price_quantity)

    def _amount(self, parent: Element, name: str, value: FigureValue | None) -> None:
        if value:
            _basic(parent, name, value).set("currencyID", self._currency)


def _discount(line: InvoiceLine) -> FigureValue | None:
    """What a discount in percent takes off, which the format demands as an amount: price less what is left."""
    if not (line.discount_percent and line.quantity and line.unit_price and line.net_amount):
        return None
    many = line.price_quantity.value if line.price_quantity else Decimal(1)
    if not many:
        return None
    with localcontext(prec=_DIGITS):
        full = (line.quantity.value * line.unit_price.value / many).quantize(line.net_amount.value)
        return FigureValue(value=full - line.net_amount.value)


def _party(parent: Element, party: Party, number: Value[Any] | None) -> None:
    found = _aggregate(parent, "Party")
    if number:
        _basic(_aggregate(found, "PartyIdentification"), "ID", number)
    if party.name:
        _basic(_aggregate(found, "PartyName"), "Name", party.name)
    if party.address:
        address = _aggregate(found, "PostalAddress")
        for line in party.address.value.splitlines():
            _basic(_aggregate(address, "AddressLine"), "Line", line)
    for identifier, scheme in ((party.vat_id, "VAT"), (party.tax_number, "TAX")):
        if identifier:
            entry = _aggregate(found, "PartyTaxScheme")
            _basic(entry, "CompanyID", identifier)
            _basic(_aggregate(entry, "TaxScheme"), "ID", scheme)
    if party.name:
        _basic(_aggregate(found, "PartyLegalEntity"), "RegistrationName", party.name)
    if party.email:
        _basic(_aggregate(found, "Contact"), "ElectronicMail", party.email)


def _tax_category(parent: Element, name: str, percent: FigureValue | None) -> None:
    category = _aggregate(parent, name)
    # Why nothing is taxed (exempt, reverse charge, zero rate) the figures do not tell.
    if percent and percent.value:
        _basic(category, "ID", "S")
    _basic(category, "Percent", percent)
    _basic(_aggregate(category, "TaxScheme"), "ID", "VAT")


def _needed(value: Value[Any] | None, what: str) -> Any:
    if value is None:
        raise ExportImpossible(f"the invoice shows no {what}")
    return value.value


def _aggregate(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, etree.QName(_AGGREGATE, name))


def _basic(parent: Element, name: str, value: object) -> Element:
    """Append a simple element, or nothing where there is no value."""
    plain = value.value if isinstance(value, Value) else value
    if plain is None:
        return None
    child = etree.SubElement(parent, etree.QName(_BASIC, name))
    child.text = format(plain, "f") if isinstance(plain, Decimal) else one_line(str(plain))
    return child
