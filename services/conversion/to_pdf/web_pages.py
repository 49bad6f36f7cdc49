"""HTML as pages by WeasyPrint, which may fetch nothing: what a document holds itself (data: addresses) is all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import ImageFile

from services.conversion.contracts.convert import PageSize
from services.conversion.to_pdf.text_files import encoding_of
from shared.errors import FileProcessingError, TooComplex
from shared.external_program import MissingProgram
from shared.operation import Report, Result, ignore

try:
    import weasyprint  # type: ignore[import-untyped,unused-ignore]
    from weasyprint.urls import URLFetcher, URLFetchingError  # type: ignore[import-untyped,unused-ignore]
except OSError as error:  # Pango is missing: said when somebody needs it, not when the worker starts
    weasyprint, URLFetcher, URLFetchingError = None, object, OSError
    _IMPORT_FAILURE = str(error)
# WeasyPrint lets the whole process take half a picture for a whole one; here that is damage, which has to be said.
ImageFile.LOAD_TRUNCATED_IMAGES = False

PANGO_REMEDY = (
    "Install Debian's packages on the server: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
_MAX_BYTES = 32 << 20
#: Of what was not fetched, so many addresses are named, each cut to so many characters.
_NAMED, _NAMED_CHARACTERS = 10, 200
_RELATIVE = "Relative URI reference without a base URI"

_PAGE = "@page {{ size: {size}; margin: 2cm }}"
_NAMES = {PageSize.FIT: "A4", PageSize.A4: "A4 !important", PageSize.LETTER: "Letter !important"}


class UnrenderableDocument(FileProcessingError):
    """The document cannot be laid out as pages."""

    code = "cannot_lay_out"
    remedy = "Check that the document shows in a browser, and simplify its style sheets."


class _NothingFetched(URLFetcher):  # type: ignore[misc,valid-type,unused-ignore]
    """Refuses every address but `data:`, and remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> Any:
        # The first letters decide, before any part of the library looks at the address.
        if url[:5].lower() != "data:":
            self.refused.append(url)
            raise URLFetchingError("resources are not fetched")
        return super().fetch(url, headers)


class _RelativeReferences(logging.Handler):
    """Collects the references that WeasyPrint cannot follow because the document has no address."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(_RELATIVE):
            self.found.append(message.removeprefix(_RELATIVE).strip(": "))


def html_file_to_pdf(source: Path, target: Path, page_size: PageSize, *, report: Report = ignore) -> Result:
    """Write an HTML file as PDF. The encoding is what the file declares, else what it looks like."""
    if (size := source.stat().st_size) > _MAX_BYTES:
        raise TooComplex(f"The document has {size >> 20} MB; the limit is {_MAX_BYTES >> 20} MB.")
    data = source.read_bytes()
    # The parser knows how HTML declares its encoding; only for files that do not, ours is better than its guess.
    declared = b"charset" in data[:4096].lower() or data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return html_to_pdf(data, target, page_size, encoding=None if declared else encoding_of(data), report=report)


def html_to_pdf(
    html: bytes,
    target: Path,
    page_size: PageSize,
    *,
    encoding: str | None = "utf-8",
    style: str = "",
    report: Report = ignore,
) -> Result:
    """Write HTML as a tagged PDF; headings become its outline. Without a size of its own a document is A4.

    Raises:
        MissingProgram: Pango's libraries are not installed; the remedy names the packages.
        UnrenderableDocument, TooComplex: the layout failed, or is nested too deep.
    """
    if weasyprint is None:
        raise MissingProgram(f"Pango is not installed on this server ({_IMPORT_FAILURE}).", remedy=PANGO_REMEDY)
    fetcher = _NothingFetched()
    with _listening() as relative:
        report(0, 1, "Laying out pages")
        try:
            sheet = weasyprint.CSS(string=_PAGE.format(size=_NAMES[page_size]) + style, url_fetcher=fetcher)
            document = weasyprint.HTML(file_obj=BytesIO(html), encoding=encoding, url_fetcher=fetcher)
            rendered = document.render(stylesheets=[sheet], presentational_hints=True, pdf_tags=True)
            report(0, 1, "Writing pages")
            rendered.write_pdf(target, pdf_tags=True)
        except MemoryError:
            raise
        except RecursionError:
            raise TooComplex("The document is nested too deep.") from None
        except Exception as error:
            # Its layout raises whatever it meets on styles that nobody meant.
            raise UnrenderableDocument() from error
    return {"made_by": f"WeasyPrint {weasyprint.__version__}", "not_fetched": _named(fetcher.refused + relative.found)}


@contextmanager
def _listening() -> Iterator[_RelativeReferences]:
    logger, handler = logging.getLogger("weasyprint"), _RelativeReferences()
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


def _named(addresses: list[str]) -> Result:
    distinct = list(dict.fromkeys(addresses))
    return {"count": len(distinct), "first": [address[:_NAMED_CHARACTERS] for address in distinct[:_NAMED]]}
