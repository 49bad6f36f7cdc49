"""What cannot or must not be compressed ends in an error that says so, and bombs do not go off."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.compression.compress import compress_pdf
from services.compression.operations import CompressOptions
from shared.errors import DamagedFile, EncryptedPdf, FileProcessingError, NoPages, SignedPdf, TooComplex, WrongPassword
from shared.pdf import open_document
from tests.services.compression.image_documents import add_page, image_stream, photograph, save

AS_IT_IS = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}
PERMISSIONS = pikepdf.Permissions(extract=False, print_highres=False)


def _photo_document(folder: Path, **how: object) -> Path:
    pdf = pikepdf.new()
    add_page(pdf, image_stream(pdf, photograph(500, 500).tobytes(), 500, 500, Name.DeviceRGB))
    return save(pdf, folder / "in.pdf", **how)


def _compress(source: Path, password: str | None = None, **options: object) -> dict[str, object]:
    return compress_pdf(source, source.with_name("out.pdf"), CompressOptions(**options), password=password)


def _locked(folder: Path, revision: int = 6) -> Path:
    lock = pikepdf.Encryption(owner="owner", user="user", R=revision, aes=revision >= 4, allow=PERMISSIONS)
    if revision < 4:
        lock = pikepdf.Encryption(owner="owner", user="user", R=revision, aes=False, metadata=False, allow=PERMISSIONS)
    return _photo_document(folder, encryption=lock)


def test_a_locked_file_without_its_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncryptedPdf):
        _compress(_locked(tmp_path))


def test_a_wrong_password_is_told_from_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(WrongPassword):
        _compress(_locked(tmp_path), password="guess")


@pytest.mark.parametrize("revision", [3, 4, 6])
@pytest.mark.parametrize("password", ["user", "owner"])
def test_encryption_stays_with_its_passwords_and_permissions(tmp_path: Path, revision: int, password: str) -> None:
    source = _locked(tmp_path, revision)

    result = _compress(source, password=password)

    assert result["unchanged"] is False
    for opened_with in ("user", "owner"):
        with pikepdf.open(tmp_path / "out.pdf", password=opened_with) as pdf:
            assert revision == pdf.encryption.R
            assert pdf.allow.extract is False
            assert pdf.owner_password_matched is (opened_with == "owner")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp_path / "out.pdf")


def test_a_password_for_an_open_file_does_no_harm(tmp_path: Path) -> None:
    assert _compress(_photo_document(tmp_path), password="needless")["unchanged"] is False


def _signed_document(folder: Path, *, certified: bool = False) -> Path:
    pdf = pikepdf.new()
    add_page(pdf, image_stream(pdf, photograph(500, 500).tobytes(), 500, 500, Name.DeviceRGB))
    value = pdf.make_indirect(
        Dictionary(Type=Name.Sig, ByteRange=[0, 10, 20, 30], Contents=pikepdf.String(b"\x30" * 40))
    )
    field = pdf.make_indirect(Dictionary(T="Signature", V=value, Kids=[]))
    parent = pdf.make_indirect(Dictionary(FT=Name.Sig, T="Group", Kids=[field]))
    pdf.Root.AcroForm = Dictionary(Fields=[parent], SigFlags=3)
    if certified:
        pdf.Root.Perms = Dictionary(DocMDP=value)
    return save(pdf, folder / "signed.pdf")


@pytest.mark.parametrize("certified", [False, True])
def test_a_signed_file_is_refused_unless_the_caller_gives_the_signature_up(tmp_path: Path, certified: bool) -> None:
    source = _signed_document(tmp_path, certified=certified)

    with pytest.raises(SignedPdf):
        _compress(source)
    result = _compress(source, break_signature=True)

    assert result["steps"]["signatures_removed"] == 1
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        (group,) = pdf.Root.AcroForm.Fields
        assert "/V" not in group.Kids[0]
        assert str(group.Kids[0].T) == "Signature"


def test_an_empty_signature_field_is_no_signature(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, image_stream(pdf, photograph(500, 500).tobytes(), 500, 500, Name.DeviceRGB))
    pdf.Root.AcroForm = Dictionary(Fields=[pdf.make_indirect(Dictionary(FT=Name.Sig, T="Sign here"))])

    assert _compress(save(pdf, tmp_path / "unsigned.pdf"))["unchanged"] is False


def test_a_file_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoPages):
        _compress(save(pikepdf.new(), tmp_path / "none.pdf"))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"not a pdf at all" * 100, b"%PDF-1.4\n" + bytes(5000)])
def test_what_no_repair_can_open_is_damaged(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "in.pdf"
    source.write_bytes(content)

    with pytest.raises(DamagedFile):
        _compress(source)


def test_a_truncated_file_ends_in_a_result_or_in_an_error_of_ours(tmp_path: Path) -> None:
    whole = _photo_document(tmp_path).read_bytes()
    for share in (0.05, 0.3, 0.6, 0.9, 0.99):
        source = tmp_path / "cut.pdf"
        source.write_bytes(whole[: int(len(whole) * share)])
        try:
            result = _compress(source)
        except FileProcessingError:
            continue
        assert result["bytes_after"] <= result["bytes_before"]


def test_an_image_of_billions_of_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, image_stream(pdf, bytes(5000), 60_000, 60_000, Name.DeviceRGB))

    with pytest.raises(TooComplex, match="60000 x 60000"):
        _compress(save(pdf, tmp_path / "huge.pdf"))


def test_a_stream_that_inflates_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_document, "MAX_STREAM_BYTES", 20 << 20)
    pdf = pikepdf.new()
    pdf.add_blank_page()
    bomb = zlib.compress(zlib.compress(b" " * (30 << 20), 9), 9)
    pdf.pages[0].Contents = pdf.make_stream(bomb, Filter=Array([Name.FlateDecode, Name.FlateDecode]))

    with pytest.raises(TooComplex, match="inflates"):
        _compress(save(pdf, tmp_path / "bomb.pdf", **AS_IT_IS))


def test_forms_that_draw_each_other_without_end_are_survived(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    image = image_stream(pdf, photograph(300, 300).tobytes(), 300, 300, Name.DeviceRGB)
    form = pdf.make_stream(b"q 100 0 0 100 0 0 cm /I Do Q /F Do")
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 200])
    form.Resources = Dictionary(XObject=Dictionary(I=image, F=form))
    pdf.add_blank_page()
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(F=form))
    pdf.pages[0].Contents = pdf.make_stream(b"/F Do")

    assert _compress(save(pdf, tmp_path / "loop.pdf"))["unchanged"] is False


def test_forms_that_multiply_are_refused(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    below = image_stream(pdf, photograph(64, 64).tobytes(), 64, 64, Name.DeviceRGB)
    for _ in range(8):
        form = pdf.make_stream(b"/X Do " * 10)
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, 1, 1])
        form.Resources = Dictionary(XObject=Dictionary(X=below))
        below = form
    pdf.add_blank_page()
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(X=below))
    pdf.pages[0].Contents = pdf.make_stream(b"/X Do")

    with pytest.raises(TooComplex, match="Forms"):
        _compress(save(pdf, tmp_path / "laughs.pdf"))


@pytest.mark.parametrize(
    "entries",
    [
        {"BitsPerComponent": 7},
        {"Width": -5},
        {"ColorSpace": Array([Name.Indexed, Name.DeviceRGB, 255, pikepdf.String(b"abc")])},
        {"ColorSpace": Array([Name.ICCBased, Dictionary(N=9)])},
        {"ColorSpace": Array([Name.Indexed])},
        {"Decode": Array([Name.Wrong])},
        {"SMask": Dictionary()},
        {"Filter": Name.DCTDecode},
        {"Filter": Name.JPXDecode},
        {"Filter": Name.CCITTFaxDecode},
        {"Height": 5000},
    ],
    ids=str,
)
def test_a_malformed_image_is_left_and_its_neighbour_is_recoded(tmp_path: Path, entries: dict[str, object]) -> None:
    pdf = pikepdf.new()
    noise = np.random.default_rng(3).integers(0, 256, (90, 90, 3), np.uint8)
    broken = image_stream(pdf, noise.tobytes(), 90, 90, Name.DeviceRGB)
    for key, value in entries.items():
        broken["/" + key] = value
    add_page(pdf, broken)
    add_page(pdf, image_stream(pdf, photograph(600, 600).tobytes(), 600, 600, Name.DeviceRGB))

    result = _compress(save(pdf, tmp_path / "broken.pdf"))

    assert result["images"]["recoded"] == 1
    assert sum(result["images"]["left"].values()) == 1
