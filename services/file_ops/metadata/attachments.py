"""Attach files to a PDF, and take out the files that it carries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, String

from services.file_ops.contracts.metadata import AttachOptions
from services.file_ops.metadata.damage import DAMAGE, damage_is_told
from services.file_ops.metadata.edited_document import edited
from services.file_ops.metadata.embedded_files import EmbeddedFile, embed, embedded_files, name_of_file
from services.file_ops.metadata.name_trees import read_names, write_names
from shared import names
from shared.errors import FileProcessingError
from shared.media_types import ANY, PDF, SNIFFED_BYTES, recognise
from shared.operation import InputFile, Result, Task
from shared.pdf.open_document import open_document


class FirstIsNoPdf(FileProcessingError):
    """The first file is no PDF, so that there is nothing to attach the others to."""

    code = "first_is_no_pdf"
    remedy = "Send the PDF first, then the files to attach."


class NothingToAttach(FileProcessingError):
    """Only the PDF was sent, and no file to attach to it."""

    code = "nothing_to_attach"
    remedy = "Send the PDF first, then at least one file to attach, in one request."


class DescriptionsDoNotMatchFiles(FileProcessingError):
    """The option 'descriptions' does not have one entry for each attached file."""

    code = "descriptions_do_not_match_files"
    remedy = "Give 'descriptions' one entry for each file after the PDF, in their order; null for none."


def attach(
    document: InputFile,
    files: Sequence[InputFile],
    target: Path,
    options: AttachOptions,
    *,
    password: str | None = None,
) -> Result:
    """Write the document with the files attached to it.

    Raises:
        FirstIsNoPdf, NothingToAttach, DescriptionsDoNotMatchFiles.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, SignedPdf, TooComplex: see `shared.errors`.
    """
    descriptions = _descriptions(document, files, options)
    with edited(document.path, target, password, break_signature=options.break_signature) as opened:
        pdf = opened.pdf
        before = _attached(pdf)
        wanted = [names.safe(file.name, otherwise=f"file-{n}") for n, file in enumerate(files, start=1)]
        replaced = [name for name, _ in before if options.replace and name in wanted]
        kept = [(name, specification) for name, specification in before if name not in replaced]
        taken = [name for name, _ in kept]
        chosen = names.unique([*taken, *wanted])[len(taken) :]
        made = [
            embed(
                pdf,
                file.path.read_bytes(),
                name,
                media_type=file.media_type,
                description=description or "",
                relationship=options.relationship.value,
            )
            for file, name, description in zip(files, chosen, descriptions, strict=True)
        ]
        _write(pdf, [*kept, *zip(chosen, made, strict=True)], made, [s for name, s in before if name in replaced])
    return {
        "attached": [
            {"name": name, "bytes": file.path.stat().st_size, "media_type": file.media_type}
            for name, file in zip(chosen, files, strict=True)
        ],
        "replaced": replaced,
        "attachments_count": len(kept) + len(made),
        "signatures_removed": opened.signatures_removed,
    }


def _descriptions(document: InputFile, files: Sequence[InputFile], options: AttachOptions) -> list[str | None]:
    """The description of each file, after the request was found to be whole."""
    if document.media_type != PDF.name:
        raise FirstIsNoPdf()
    if not files:
        raise NothingToAttach()
    descriptions: list[str | None] = list(options.descriptions or [None] * len(files))
    if len(descriptions) != len(files):
        raise DescriptionsDoNotMatchFiles(f"'descriptions' has {len(descriptions)} entries for {len(files)} files.")
    return descriptions


def _attached(pdf: pikepdf.Pdf) -> list[tuple[str, Any]]:
    tree = pdf.Root.get("/Names")
    entries = read_names(tree.get("/EmbeddedFiles")) if isinstance(tree, Dictionary) else ()
    found = [(key, each) for key, each in entries if isinstance(each, Dictionary)]
    return [(name_of_file(each) or str(String(key)), each) for key, each in found]


def _write(pdf: pikepdf.Pdf, attached: list[tuple[str, Any]], made: list[Any], gone: list[Any]) -> None:
    if not isinstance(pdf.Root.get("/Names"), Dictionary):
        pdf.Root["/Names"] = Dictionary()
    # Keys are what the tree is sorted by; viewers show the names within.
    keys = names.unique(name for name, _ in attached)
    entries = ((bytes(String(key)), each) for key, (_, each) in zip(keys, attached, strict=True))
    pdf.Root["/Names"]["/EmbeddedFiles"] = write_names(pdf, entries)
    old = pdf.Root.get("/AF")
    ids = {each.objgen for each in gone}
    associated = [each for each in old if each.objgen not in ids] if isinstance(old, Array) else []
    pdf.Root["/AF"] = Array([*associated, *made])


def extract_attachments(task: Task) -> Result:
    """Write each embedded file to an output of the task under a safe name that no other has.

    A document without embedded files gives no output; the result says so.

    Raises:
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex: see `shared.errors`.
    """
    with open_document(task.input.path, task.password) as pdf:
        with damage_is_told():
            found = list(embedded_files(pdf))
        safe = names.unique(names.safe(file.name, otherwise=f"attachment-{n}") for n, file in enumerate(found, start=1))
        told, damaged = [], []
        for number, (file, name) in enumerate(zip(found, safe, strict=True)):
            task.report(number, len(found), "Taking out files")
            try:
                data = file.stream.read_bytes()
            except DAMAGE:
                damaged.append(name)
                continue
            kind = recognise(data[:SNIFFED_BYTES], name) or ANY
            task.output(name, kind).write_bytes(data)
            told.append(_told(file, name, data))
    return {
        "files": told,
        "files_count": len(told),
        "damaged": damaged,
        "message": None if found else "The document carries no files.",
    }


def _told(file: EmbeddedFile, name: str, data: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "name_in_document": file.name,
        "bytes": len(data),
        "description": file.description,
        "relationship": file.relationship,
        "claimed_media_type": file.media_type,
        "page": None if file.page is None else file.page + 1,
        "checksum_matches": _checksum_matches(file, data),
    }


def _checksum_matches(file: EmbeddedFile, data: bytes) -> bool | None:
    """Whether the data is what the document says it was; None where it says nothing."""
    parameters = file.stream.get("/Params")
    checksum = parameters.get("/CheckSum") if isinstance(parameters, Dictionary) else None
    if not isinstance(checksum, String) or len(bytes(checksum)) != 16:
        return None
    return hashlib.md5(data, usedforsecurity=False).digest() == bytes(checksum)
