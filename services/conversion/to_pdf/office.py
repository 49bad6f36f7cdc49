"""Office documents as pages by LibreOffice: a profile of its own per run, no macros, no links, a time limit."""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

import pikepdf

from shared.errors import DamagedFile, FileProcessingError
from shared.external_program import Program
from shared.media_types import DOCX, ODP, ODS, ODT, OLE, PPTX, RTF, XLSX
from shared.operation import Report, Result, ignore

LIBREOFFICE = Program(
    "LibreOffice",
    ("soffice", "libreoffice"),
    remedy="Install it on the server: apt-get install --no-install-recommends libreoffice-writer libreoffice-calc "
    "libreoffice-impress fonts-liberation fonts-crosextra-carlito fonts-crosextra-caladea",
)
_PYTHON = Program("LibreOffice", (sys.executable,), LIBREOFFICE.remedy)
_PROCESS = Path(__file__).with_name("office_process.py")
_NEEDS_PASSWORD = 4
#: Within the operation's own soft limit, so that the answer names LibreOffice.
_TIME_LIMIT_S = 540
_SUFFIXES = {kind.name: kind.suffix for kind in (DOCX, XLSX, PPTX, ODT, ODS, ODP, RTF)}
#: What stands in an encrypted office document: the streams of Office 2007 and later, in UTF-16 as OLE folders have it.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
#: What tells an old document's kind: the name of its main stream.
_OLD_KINDS = (
    ("WordDocument", ".doc"),
    ("Workbook", ".xls"),
    ("Book", ".xls"),
    ("PowerPoint Document", ".ppt"),
)
_PART_BYTES, _MAX_PARTS_BYTES = 1 << 30, 2 << 30
_MANIFEST_BYTES = 16 << 20

#: Macros never run, nothing is fetched, no crash report, no first-start tour, no recovery of another run's files.
_SETTINGS = (
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Common/Save/Document", "AutoSave", "false"),
    ("/org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Common/VCL", "UseSkia", "false"),
)


class EncryptedOfficeDocument(FileProcessingError):
    """The office document is protected with a password."""

    code = "office_encrypted"
    remedy = "Save the document without a password, then send it again."


class UnreadableOfficeDocument(DamagedFile):
    """LibreOffice cannot read the document."""

    code = "office_unreadable"
    remedy = "Check that the document opens in an office program; saving it anew there often helps."


def office_to_pdf(source: Path, target: Path, media_type: str, *, report: Report = ignore) -> Result:
    """Write an office document as PDF with LibreOffice, and return its version and the fonts it used.

    Raises:
        MissingProgram: it is not installed; the remedy names the packages.
        EncryptedOfficeDocument, UnreadableOfficeDocument: refused before, or by, LibreOffice.
        ProgramTimeLimit: it took longer than nine minutes and was killed with all that it had started.
    """
    _program_folder()
    suffix = _SUFFIXES.get(media_type) or _old_suffix(source.read_bytes())
    _check_package(source, media_type)
    report(0, 1, "LibreOffice lays out pages")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="office-") as name:
        folder = Path(name)
        # The name says the kind, and nothing that a client wrote reaches the command line.
        document = folder / f"document{suffix}"
        document.symlink_to(source.resolve())
        profile = _make_profile(folder)
        made = folder / "made.pdf"
        ended = _PYTHON.run(
            ["-I", _PROCESS, _program_folder(), *(path.as_uri() for path in (profile, document, made))],
            folder=folder,
            time_limit_s=_TIME_LIMIT_S,
            environment={
                "SAL_USE_VCLPLUGIN": "svp",
                "SAL_DISABLE_OPENCL": "1",
                "XDG_CACHE_HOME": str(folder),
                # Its own folder of extensions leads to /var/lib, which a sandboxed engine may not read.
                "UNO_SHARED_PACKAGES_CACHE": (folder / "shared").as_uri(),
            },
        )
        if ended.exit_code == _NEEDS_PASSWORD:
            raise EncryptedOfficeDocument()
        if ended.exit_code or not made.is_file():
            raise UnreadableOfficeDocument()
        made.replace(target)
    return _described(target)


def _program_folder() -> Path:
    """Where LibreOffice's libraries stand: beside what the command `soffice` leads to."""
    return LIBREOFFICE.path().resolve().parent


def _old_suffix(data: bytes) -> str:
    """The suffix of a document in the container of before 2007, by the streams that its directory names."""
    if _ENCRYPTED_STREAM in data:
        raise EncryptedOfficeDocument()
    for stream, suffix in _OLD_KINDS:
        if stream.encode("utf-16-le") + b"\0\0" in data:
            if suffix == ".doc" and _is_encrypted_word(data):
                raise EncryptedOfficeDocument()
            return suffix
    raise UnreadableOfficeDocument("The file is in the container of old office programs, but of no kind that is known.")


def _is_encrypted_word(data: bytes) -> bool:
    # [MS-DOC] 2.5.2: the FIB begins with EC A5; bit 8 of the word at offset 10 says encrypted.
    place = data.find(b"\xec\xa5")
    while place >= 0 and place % 512:
        place = data.find(b"\xec\xa5", place + 1)
    return place >= 0 and bool(data[place + 11 : place + 12] and data[place + 11] & 1)


def _check_package(source: Path, media_type: str) -> None:
    """Look into a zipped document: encrypted, torn, or a bomb."""
    if media_type in (OLE.name, RTF.name):
        return
    try:
        with zipfile.ZipFile(source) as package:
            parts = package.infolist()
            if max((part.file_size for part in parts), default=0) > _PART_BYTES:
                raise UnreadableOfficeDocument("A part of the document inflates to more than a gigabyte.")
            if sum(part.file_size for part in parts) > _MAX_PARTS_BYTES:
                raise UnreadableOfficeDocument("The document inflates to more than two gigabytes.")
            if b"encryption-data" in _manifest(package):
                raise EncryptedOfficeDocument()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableOfficeDocument() from error


def _manifest(package: zipfile.ZipFile) -> bytes:
    """The list of parts of an OpenDocument file, which says how each is encrypted."""
    name = "META-INF/manifest.xml"
    if name not in package.namelist() or package.getinfo(name).file_size > _MANIFEST_BYTES:
        return b""
    return package.read(name)


def _described(made: Path) -> Result:
    """What LibreOffice says of itself, and the fonts that it really used."""
    with pikepdf.open(made) as pdf:
        names = {
            str(thing.BaseFont).lstrip("/").rpartition("+")[2]
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font" and "/BaseFont" in thing
        }
        return {"made_by": str(pdf.docinfo.get("/Producer", "LibreOffice")), "fonts": sorted(names)}


def _make_profile(folder: Path) -> Path:
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>"
    )
    return profile
