"""The contract of `ocr`: which pages to read, in which languages, what becomes of them, and what is written."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from services.ocr.contracts.languages import AUTO, SYNTAX, Languages
from services.ocr.service import SERVICE
from shared.media_types import BMP, JPEG, JSON, PDF, PNG, TEXT, TIFF, WEBP, XML
from shared.media_types import HTML as HOCR
from shared.operation import Options, Step
from shared.pdf.page_ranges import SYNTAX as PAGE_SYNTAX
from shared.pdf.page_ranges import PageRanges

#: What can be read.
READABLE = (PDF, PNG, JPEG, TIFF, WEBP, BMP)


class Engine(StrEnum):
    """Who reads."""

    AUTO = "auto"
    PPOCR = "ppocr"
    TESSERACT = "tesseract"
    EASYOCR = "easyocr"


class Mode(StrEnum):
    """What happens to pages that have text already."""

    SKIP_TEXT = "skip-text"
    REDO = "redo"
    FORCE = "force"


class Clean(StrEnum):
    """What paper, shadows and specks are taken off."""

    NO = "no"
    READ = "read"
    SHOW = "show"


class Sidecar(StrEnum):
    """A file with the text beside the PDF."""

    TXT = "txt"
    JSON = "json"
    HOCR = "hocr"
    ALTO = "alto"


class Output(StrEnum):
    """The kind of PDF that comes out at the end."""

    PDF = "pdf"
    PDFA_2B = "pdfa-2b"


class OcrOptions(Options):
    """Which pages to read, how, and what to write."""

    languages: Languages = Field(AUTO, description=f"Languages of the document. {SYNTAX}")
    mode: Mode = Field(
        Mode.SKIP_TEXT,
        description="skip-text: leave pages that have text as they are. redo: take earlier invisible text off and read "
        "anew, beside text that is visible. force: read each page as it looks; with visible text it becomes a picture.",
    )
    pages: PageRanges | None = Field(None, description=f"Pages to read; all by default. {PAGE_SYNTAX}")
    engine: Engine = Field(Engine.AUTO, description="Who reads; auto: the first engine that knows all the languages.")
    rotate_pages: bool = Field(False, description="Turn pages upright whose text runs another way.")
    deskew: bool = Field(
        False,
        description="Straighten pages whose lines are tilted: their content is drawn turned and stays coded as it is.",
    )
    clean: Clean = Field(
        Clean.NO,
        description="Take the paper's colour, shadows and specks off. read: only from what the engine sees. show: also "
        "from scanned pages themselves, which are encoded anew.",
    )
    output: Output = Field(Output.PDF, description="pdf, or pdfa-2b: converted to PDF/A-2b in a further step.")
    optimise: bool = Field(
        False, description="Make the result smaller in a further step: images are compressed, nothing is read again."
    )
    sidecars: tuple[Sidecar, ...] = Field(
        (), max_length=4, description="Files beside the PDF: txt, json (words, boxes, confidences), hocr, alto."
    )
    break_signature: bool = Field(False, description="Accept that a digital signature is lost.")


OCR = SERVICE.operation(
    "ocr",
    "Make scanned pages searchable: the recognised text lies invisibly where it is seen.",
    options=OcrOptions,
    accepts=READABLE,
    produces=(PDF, TEXT, JSON, HOCR, XML),
    soft_time_limit_s=3600,
    hard_time_limit_s=3900,
    followed_by=(
        # Last comes what the result must conform to.
        Step(
            "compress",
            "if `optimise` is set",
            applies=lambda chosen: chosen.optimise,
            options=lambda chosen: {"break_signature": chosen.break_signature},
            takes=(PDF,),
        ),
        Step(
            "convert",
            "if `output` is `pdfa-2b`",
            applies=lambda chosen: chosen.output is Output.PDFA_2B,
            options=lambda chosen: {"to": chosen.output.value, "break_signature": chosen.break_signature},
            takes=(PDF,),
        ),
    ),
)
