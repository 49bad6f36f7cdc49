"""Protect, unlock, linearize: what goes in comes out, with the locks that were asked for and no others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pikepdf
import pydantic
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from services.file_ops.contracts.protection import LinearizeOptions, ProtectOptions, UnlockOptions
from services.file_ops.protection.linearize import linearize_pdf
from services.file_ops.protection.protect import protect_pdf
from services.file_ops.protection.unlock import unlock_pdf
from shared.errors import EncryptedPdf, SignedPdf, WrongPassword

_HELVETICA = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def a_document(folder: Path, *texts: str, **how: object) -> Path:
    """A PDF with one page per text."""
    pdf = pikepdf.new()
    for text in texts or ("First page", "Second page"):
        page = pdf.add_blank_page(page_size=(300, 200))
        page.obj.Resources = Dictionary(Font=Dictionary(F=_HELVETICA))
        page.obj.Contents = pdf.make_stream(b"BT /F 14 Tf 20 100 Td (%s) Tj ET" % text.encode())
    pdf.docinfo["/Title"] = "A title"
    pdf.save(folder / "in.pdf", **how)
    return folder / "in.pdf"


def texts_of(path: Path, password: str | None = None) -> list[str]:
    document = pypdfium2.PdfDocument(path, password=password)
    try:
        return [page.get_textpage().get_text_bounded().strip() for page in document]
    finally:
        document.close()


def assert_sound(path: Path, password: str = "") -> None:
    """`qpdf --check` has nothing to say."""
    qpdf = shutil.which("qpdf")
    if qpdf is None:
        pytest.skip("qpdf is not installed: the check by a second program is left out")
    checked = subprocess.run([qpdf, f"--password={password}", "--check", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def _protect(source: Path, **options: object) -> dict[str, object]:
    return protect_pdf(source, source.with_name("protected.pdf"), ProtectOptions(**options))


def test_what_was_protected_and_unlocked_has_the_same_pages(tmp_path: Path) -> None:
    source = a_document(tmp_path)
    _protect(source, user_password="öffnen", owner_password="own")
    assert_sound(tmp_path / "protected.pdf", "öffnen")

    unlock_pdf(tmp_path / "protected.pdf", tmp_path / "open.pdf", UnlockOptions(), password="öffnen")

    assert_sound(tmp_path / "open.pdf")
    assert texts_of(tmp_path / "open.pdf") == texts_of(source)


def test_protection_is_aes_256_and_keeps_out_who_has_no_password(tmp_path: Path) -> None:
    result = _protect(a_document(tmp_path), user_password="user", owner_password="own", allow_copy=False)

    assert result["cipher"] == "AES-256"
    with pytest.raises(pypdfium2.PdfiumError):
        texts_of(tmp_path / "protected.pdf")
    assert b"First page" not in (tmp_path / "protected.pdf").read_bytes()
    with pikepdf.open(tmp_path / "protected.pdf", password="own") as pdf:
        assert pdf.encryption.R == 6
        assert pdf.owner_password_matched


@pytest.mark.parametrize(
    ("option", "bit"),
    [
        ("allow_high_quality_print", "print_highres"),
        ("allow_copy", "extract"),
        ("allow_change", "modify_other"),
        ("allow_annotate", "modify_annotation"),
        ("allow_fill", "modify_form"),
        ("allow_assemble", "modify_assembly"),
    ],
)
def test_each_permission_is_withdrawn_alone(tmp_path: Path, option: str, bit: str) -> None:
    _protect(a_document(tmp_path), owner_password="own", **{option: False})

    with pikepdf.open(tmp_path / "protected.pdf") as pdf:
        withdrawn = [name for name in pdf.allow._fields if not getattr(pdf.allow, name)]
    assert withdrawn == [bit]


def test_without_an_owner_password_nobody_is_owner(tmp_path: Path) -> None:
    _protect(a_document(tmp_path), user_password="user")

    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp_path / "protected.pdf", password="")
    with pikepdf.open(tmp_path / "protected.pdf", password="user") as pdf:
        assert not pdf.owner_password_matched


@pytest.mark.parametrize("readable", [True, False])
def test_metadata_stays_readable_only_by_choice(tmp_path: Path, readable: bool) -> None:
    source = a_document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        with pdf.open_metadata() as xmp:
            xmp["dc:title"] = "Readable title"
        pdf.save(source)

    _protect(source, user_password="user", encrypt_metadata=not readable)

    assert (b"Readable title" in (tmp_path / "protected.pdf").read_bytes()) is readable


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "user_password"),
        ({"user_password": "same", "owner_password": "same"}, "equal"),
        ({"user_password": ""}, "empty"),
        ({"user_password": "x" * 128}, "127"),
        ({"owner_password": "a\tb"}, "control"),
        ({"owner_password": "own", "allow_print": False}, "allow_print"),
    ],
)
def test_passwords_that_would_not_protect_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=said):
        ProtectOptions(**options)


def test_an_earlier_protection_is_replaced_and_named(tmp_path: Path) -> None:
    lock = pikepdf.Encryption(owner="old owner", user="old", R=4, allow=pikepdf.Permissions(extract=False))
    source = a_document(tmp_path, encryption=lock)

    result = protect_pdf(source, tmp_path / "new.pdf", ProtectOptions(user_password="new"), password="old")

    assert result["replaced_protection"]["opened_as"] == "user"
    assert result["replaced_protection"]["permissions"]["copy"] is False
    assert texts_of(tmp_path / "new.pdf", "new") == ["First page", "Second page"]
    with pytest.raises(pypdfium2.PdfiumError):
        texts_of(tmp_path / "new.pdf", "old")


@pytest.mark.parametrize(("password", "opened_as"), [("user", "user"), ("owner", "owner")])
def test_unlocking_says_what_the_lock_was_and_who_opened_it(tmp_path: Path, password: str, opened_as: str) -> None:
    lock = pikepdf.Encryption(owner="owner", user="user", R=6, allow=pikepdf.Permissions(print_highres=False))
    source = a_document(tmp_path, encryption=lock)

    result = unlock_pdf(source, tmp_path / "open.pdf", UnlockOptions(), password=password)

    assert result["had"]["opened_as"] == opened_as
    assert result["had"]["permissions"]["high_quality_print"] is False
    assert result["had"]["permissions"]["copy"] is True
    with pikepdf.open(tmp_path / "open.pdf") as pdf:
        assert not pdf.is_encrypted


def test_a_missing_and_a_wrong_password_are_told_apart(tmp_path: Path) -> None:
    source = a_document(tmp_path, encryption=pikepdf.Encryption(owner="owner", user="user", R=6))

    with pytest.raises(EncryptedPdf):
        unlock_pdf(source, tmp_path / "open.pdf", UnlockOptions())
    with pytest.raises(WrongPassword):
        unlock_pdf(source, tmp_path / "open.pdf", UnlockOptions(), password="guess")


def test_a_file_without_a_lock_comes_back_as_it_was(tmp_path: Path) -> None:
    source = a_document(tmp_path)

    result = unlock_pdf(source, tmp_path / "open.pdf", UnlockOptions(), password="needless")

    assert result["unchanged"] is True
    assert "not needed" in str(result["reason"])
    assert (tmp_path / "open.pdf").read_bytes() == source.read_bytes()


def test_restrictions_alone_are_lifted_and_a_needless_password_is_said(tmp_path: Path) -> None:
    lock = pikepdf.Encryption(owner="owner", user="", R=6, allow=pikepdf.Permissions(extract=False))
    source = a_document(tmp_path, encryption=lock)

    result = unlock_pdf(source, tmp_path / "open.pdf", UnlockOptions(), password="owner")

    assert result["password_was_needed"] is False
    assert result["had"]["permissions"]["copy"] is False


def signed(source: Path) -> Path:
    """The same document with a signature that any change would break."""
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        value = Dictionary(Type=Name.Sig, ByteRange=[0, 10, 20, 30], Contents=pikepdf.String(b"\x30" * 40))
        field = pdf.make_indirect(Dictionary(FT=Name.Sig, T="Signature", V=pdf.make_indirect(value)))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        pdf.save(source)
    return source


def test_signed_files_are_left_alone_unless_the_caller_gives_the_signature_up(tmp_path: Path) -> None:
    source = signed(a_document(tmp_path))

    with pytest.raises(SignedPdf):
        _protect(source, user_password="user")
    with pytest.raises(SignedPdf):
        linearize_pdf(source, tmp_path / "linear.pdf", LinearizeOptions())
    assert _protect(source, user_password="user", break_signature=True)["signatures_removed"] == 1


def test_a_linearized_file_has_page_one_first_and_is_not_written_twice(tmp_path: Path) -> None:
    source = a_document(tmp_path)
    first, second = tmp_path / "linear.pdf", tmp_path / "again.pdf"

    result = linearize_pdf(source, first, LinearizeOptions())
    again = linearize_pdf(first, second, LinearizeOptions())

    assert (result["unchanged"], again["unchanged"]) == (False, True)
    assert result["hint_tables_exact"] is True
    assert second.read_bytes() == first.read_bytes()
    assert_sound(first)
    with pikepdf.open(first) as pdf:
        assert pdf.is_linearized
    assert texts_of(first) == texts_of(source)


def test_linearizing_keeps_the_encryption(tmp_path: Path) -> None:
    source = a_document(tmp_path, encryption=pikepdf.Encryption(owner="owner", user="user", R=6))

    linearize_pdf(source, tmp_path / "linear.pdf", LinearizeOptions(), password="user")

    with pikepdf.open(tmp_path / "linear.pdf", password="user") as pdf:
        assert pdf.is_linearized
        assert pdf.encryption.R == 6
