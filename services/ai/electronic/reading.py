"""Read the machine-readable invoice of a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from services.ai.documents.invoice import Invoice
from services.ai.electronic import cii, ubl
from services.ai.electronic.attachments import attached_xml
from services.ai.electronic.trees import Element, content, first, parsed
from shared.errors import BinderyError, FileProcessingError


class NotAnInvoice(FileProcessingError):
    """The XML is no invoice that Bindery knows."""

    code = "not_an_invoice"
    remedy = "Send UBL 2 (Invoice or CreditNote), Factur-X, XRechnung or ZUGFeRD."


@dataclass(frozen=True)
class ElectronicInvoice:
    """An invoice in XML."""

    invoice: Invoice
    #: `cii` or `ubl`.
    syntax: str
    #: What the sender says that it follows, as `urn:cen.eu:en16931:2017`.
    profile: str | None
    #: Of the attachment; None for a plain file.
    file_name: str | None = None
    #: Sentences for people: attachments that could not be taken.
    notes: list[str] = field(default_factory=list)


def read_xml(data: bytes, file_name: str | None = None) -> ElectronicInvoice:
    """Read a plain XML invoice.

    Raises:
        DamagedFile, UnsafeXml, TooComplex: see `parsed`.
        NotAnInvoice: it is XML of another kind: an order (Order-X), a page, a feed.
    """
    root = parsed(data)
    if root.tag in cii.ROOTS:
        return ElectronicInvoice(cii.read(root), "cii", _profile(root), file_name)
    if root.tag in ubl.ROOTS:
        return ElectronicInvoice(ubl.read(root), "ubl", content(first(root, "CustomizationID")), file_name)
    raise NotAnInvoice()


def read_embedded(source: Path, password: str | None = None) -> ElectronicInvoice | None:
    """Read the XML invoice inside a PDF; None where it has none.

    Where it has several, one with a name that a standard prescribes is taken; if they do not tell the same number and
    totals, a note says so.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `attached_xml`.
    """
    found: list[ElectronicInvoice] = []
    notes: list[str] = []
    for attachment in attached_xml(source, password):
        try:
            found.append(read_xml(attachment.data, attachment.name))
        except NotAnInvoice:
            continue
        except BinderyError as error:
            notes.append(f"An attached XML file could not be read: {error.message}")
    if not found:
        return None
    chosen = found[0]
    if any(_essence(other.invoice) != _essence(chosen.invoice) for other in found[1:]):
        notes.append("The document carries several XML invoices that differ; the first was taken.")
    return ElectronicInvoice(chosen.invoice, chosen.syntax, chosen.profile, chosen.file_name, notes)


def _essence(invoice: Invoice) -> tuple[object, ...]:
    values = (invoice.number, invoice.issue_date, invoice.gross_total, invoice.amount_due, invoice.iban)
    return tuple(value.value if value is not None else None for value in values)


def _profile(root: Element) -> str | None:
    context = "ExchangedDocumentContext|SpecifiedExchangedDocumentContext"
    return content(first(root, f"{context}/GuidelineSpecifiedDocumentContextParameter/ID"))
