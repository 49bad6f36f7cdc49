"""Change what a PDF says of itself: its fields in Info and XMP, its language, how viewers open it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

from services.file_ops.contracts.metadata import Direction, EditMetadataOptions, PageLayout, Panel, ViewerPreferences
from services.file_ops.metadata.document_info import (
    FIELDS,
    DocumentInfo,
    drop_claims,
    read_info,
    remove_info,
    write_info,
)
from services.file_ops.metadata.edited_document import edited
from shared.operation import Result

_LAYOUTS = {
    PageLayout.SINGLE_PAGE: Name.SinglePage,
    PageLayout.ONE_COLUMN: Name.OneColumn,
    PageLayout.TWO_COLUMNS_LEFT: Name.TwoColumnLeft,
    PageLayout.TWO_COLUMNS_RIGHT: Name.TwoColumnRight,
    PageLayout.TWO_PAGES_LEFT: Name.TwoPageLeft,
    PageLayout.TWO_PAGES_RIGHT: Name.TwoPageRight,
}
_PANELS = {
    Panel.NONE: Name.UseNone,
    Panel.OUTLINE: Name.UseOutlines,
    Panel.THUMBNAILS: Name.UseThumbs,
    Panel.LAYERS: Name.UseOC,
    Panel.ATTACHMENTS: Name.UseAttachments,
    Panel.FULL_SCREEN: Name.FullScreen,
}
#: Switches of the options and their keys in the document (ISO 32000-2, table 147).
_SWITCHES = {
    "show_title": "/DisplayDocTitle",
    "hide_toolbar": "/HideToolbar",
    "hide_menu": "/HideMenubar",
    "fit_window": "/FitWindow",
    "center_window": "/CenterWindow",
}


def edit_metadata(source: Path, target: Path, options: EditMetadataOptions, *, password: str | None = None) -> Result:
    """Write the document with the chosen metadata; the result says what it has afterwards.

    Info and XMP say the same afterwards, whatever they said before. A claim to be PDF/A, PDF/X or PDF/UA stays,
    except where own fields are added, which PDF/A forbids without a schema.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    with edited(source, target, password, break_signature=options.break_signature) as document:
        pdf = document.pdf
        found = read_info(pdf)
        before = _told(pdf, found)
        if options.remove_all:
            remove_info(pdf)
            if "/Lang" in pdf.Root:
                del pdf.Root["/Lang"]
        info = DocumentInfo(damaged_xmp=found.damaged_xmp) if options.remove_all else found
        _change(info, options)
        if info.values or info.custom:
            write_info(pdf, info)
        claims = drop_claims(pdf) if options.custom else []
        if options.language is not None:
            _set_language(pdf, options.language)
        if options.viewer is not None:
            _set_viewer(pdf, options.viewer)
        after = _told(pdf, info)
    return {
        "before": before,
        "metadata": after,
        "disagreed": found.disagreeing,
        "xmp_replaced": found.damaged_xmp,
        "claims_removed": claims,
        "signatures_removed": document.signatures_removed,
    }


def _change(info: DocumentInfo, options: EditMetadataOptions) -> None:
    for name in FIELDS:
        value = getattr(options, name)
        if value == "":
            info.values.pop(name, None)
        elif value is not None:
            info.values[name] = value.replace(tzinfo=value.tzinfo or UTC) if isinstance(value, datetime) else value
    for name, text in (options.custom or {}).items():
        if text:
            info.custom[name] = text
        else:
            info.custom.pop(name, None)
    if options.modified is None and not options.remove_all:
        info.values["modified"] = datetime.now(UTC).replace(microsecond=0)


def _set_language(pdf: pikepdf.Pdf, language: str) -> None:
    if language:
        pdf.Root["/Lang"] = String(language)
    elif "/Lang" in pdf.Root:
        del pdf.Root["/Lang"]


def _set_viewer(pdf: pikepdf.Pdf, chosen: ViewerPreferences) -> None:
    if chosen.page_layout is not None:
        pdf.Root["/PageLayout"] = _LAYOUTS[chosen.page_layout]
    if chosen.panel is not None:
        pdf.Root["/PageMode"] = _PANELS[chosen.panel]
    old = pdf.Root.get("/ViewerPreferences")
    preferences: Any = old if isinstance(old, Dictionary) else Dictionary()
    for option, key in _SWITCHES.items():
        if (wanted := getattr(chosen, option)) is not None:
            preferences[key] = wanted
    if chosen.direction is not None:
        preferences["/Direction"] = Name.R2L if chosen.direction is Direction.RIGHT_TO_LEFT else Name.L2R
    if chosen.print_unscaled is not None:
        preferences["/PrintScaling"] = Name("/None") if chosen.print_unscaled else Name.AppDefault
    if len(preferences):
        pdf.Root["/ViewerPreferences"] = preferences


def _told(pdf: pikepdf.Pdf, info: DocumentInfo) -> dict[str, Any]:
    language = pdf.Root.get("/Lang")
    told: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in info.values.items()
    }
    told["language"] = str(language) if isinstance(language, String) else None
    return told | {"custom": dict(info.custom)}
