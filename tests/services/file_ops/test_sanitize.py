"""Sanitizing takes out what runs, reaches out, hides or tells; what people see stays."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from services.file_ops.contracts.protection import SanitizeOptions
from services.file_ops.protection.sanitizing.removal import remove
from services.file_ops.protection.sanitizing.sanitize import NotSanitized, sanitize_pdf
from shared.errors import SignedPdf
from tests.services.file_ops.test_protection_locks import a_document, assert_sound, signed, texts_of
from tests.services.file_ops.test_redact import drawn, everything_in, pixels_of

_SCRIPT = Dictionary(S=Name.JavaScript, JS="app.alert('hello')")


def _sanitize(source: Path, **options: object) -> dict[str, object]:
    return sanitize_pdf(source, source.with_name("out.pdf"), SanitizeOptions(**options))


def a_dangerous_document(folder: Path) -> Path:
    """A document with everything that the options know."""
    source = a_document(folder)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        first = pdf.pages[0].obj
        launch = Dictionary(S=Name.Launch, F="calc.exe")
        far = Dictionary(S=Name.GoToR, F="other.pdf", Next=Array([_SCRIPT, Dictionary(S=Name.GoTo, D=[first])]))
        pdf.Root.OpenAction = Dictionary(dict(_SCRIPT.items()))
        pdf.Root.AA = Dictionary(WC=Dictionary(dict(_SCRIPT.items())))
        first.AA = Dictionary(O=launch, C=Dictionary(S=Name.SubmitForm, F="https://example.org"))
        names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(dict(_SCRIPT.items()))])))
        pdf.Root.Names = names
        pdf.attachments["secret.txt"] = b"attached words"
        field = pdf.make_indirect(Dictionary(FT=Name.Tx, T="field", AA=Dictionary(K=Dictionary(dict(_SCRIPT.items())))))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=pdf.make_stream(b"<xdp>words</xdp>"))
        links = [
            Dictionary(Subtype=Name.Link, A=far),
            Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="file:///etc/passwd")),
            Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="https://example.org/page")),
            Dictionary(Subtype=Name.Link, Dest=Array([first, Name.Fit])),
            Dictionary(Subtype=Name.Highlight, Contents="a comment"),
            Dictionary(Subtype=Name.FileAttachment, FS=Dictionary(Type=Name.Filespec, F="x", EF=Dictionary())),
            Dictionary(Subtype=Name.Screen, A=Dictionary(S=Name.Rendition, JS="playmovie")),
        ]
        for link in links:
            link.Type, link.Rect = Name.Annot, Array([10, 10, 20, 20])
        first.Annots = Array([pdf.make_indirect(link) for link in links])
        first.Thumb = pdf.make_stream(b"\0", Width=1, Height=1, ColorSpace=Name.DeviceGray, BitsPerComponent=8)
        first.PieceInfo = Dictionary(Program=Dictionary(Private="notes of the program"))
        with pdf.open_metadata() as xmp:
            xmp["dc:creator"] = ["An author"]
        # Tags reach annotations that no page lists any more.
        pdf.Root.StructTreeRoot = pdf.make_indirect(
            Dictionary(Type=Name.StructTreeRoot, K=Dictionary(S=Name.Annot, K=Dictionary(Obj=first.Annots[4])))
        )
        pdf.save(source)
    return source


_MARKS = {
    "scripts": (b"/JavaScript", b"app.alert", b"playmovie", b"/XFA", b"<xdp>"),
    "actions": (b"/Launch", b"calc.exe", b"/SubmitForm", b"/GoToR", b"other.pdf", b"/etc/passwd"),
    "embedded_files": (b"attached words", b"/EmbeddedFile", b"/FileAttachment", b"/Screen"),
    "metadata": (b"An author", b"/Thumb", b"/PieceInfo", b"notes of the program", b"/Metadata"),
    "external_links": (b"example.org/page",),
    "annotations": (b"a comment",),
}


@pytest.mark.parametrize("choice", sorted(_MARKS))
def test_each_choice_takes_its_own_things_and_only_those(tmp_path: Path, choice: str) -> None:
    source = a_dangerous_document(tmp_path)
    before = everything_in(source)

    _sanitize(source, **{name: name == choice for name in (*_MARKS, "hidden_layers")})

    after = everything_in(tmp_path / "out.pdf")
    for name, marks in _MARKS.items():
        for mark in marks:
            assert mark in before, "the document has it"
            # The player's script goes with the player, and with the action that starts it.
            goes = name == choice or (mark == b"playmovie" and choice in ("actions", "embedded_files"))
            assert (mark in after) is not goes, (choice, mark)
    assert_sound(tmp_path / "out.pdf")


def test_by_default_what_is_dangerous_goes_and_what_is_seen_stays(tmp_path: Path) -> None:
    source = a_dangerous_document(tmp_path)

    result = _sanitize(source)

    after = everything_in(tmp_path / "out.pdf")
    for choice in ("scripts", "actions", "embedded_files", "metadata"):
        assert not [mark for mark in _MARKS[choice] if mark in after]
    assert b"example.org/page" in after
    assert b"a comment" in after
    assert result["left"] == 0
    assert result["kept_by_choice"] == ["annotations", "external_links"]
    assert result["removed"]["scripts"] == 4
    assert texts_of(tmp_path / "out.pdf") == texts_of(source)
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert "/Dest" in pdf.pages[0].obj.Annots[3]


def _layered(folder: Path, *, base_off: bool = False) -> Path:
    content = (
        b"/OC /Shown BDC BT /F 14 Tf 20 250 Td (shown words) Tj ET EMC "
        b"/OC /Hidden BDC BT /F 14 Tf 20 200 Td (hidden words) Tj ET 200 200 50 50 re f /X Do EMC "
        b"BT /F 14 Tf 20 150 Td (plain ) Tj /OC /Hidden BDC (hidden ) Tj EMC (words) Tj ET "
        b"/OC /Both BDC BT /F 14 Tf 20 100 Td (member hidden) Tj ET EMC /Y Do"
    )
    source = drawn(folder, content)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        shown = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Shown layer"))
        hidden = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Hidden layer"))
        both = pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([shown, hidden]), P=Name.AllOn))
        config = Dictionary(OFF=Array([hidden]), Order=Array([shown, Array([hidden])]))
        if base_off:
            config = Dictionary(BaseState=Name.OFF, ON=Array([shown]), Order=Array([shown, hidden]))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([shown, hidden]), D=config)
        resources = pdf.pages[0].obj.Resources
        resources.Properties = Dictionary(Shown=shown, Hidden=hidden, Both=both)
        forms = Dictionary()
        for key, layer in (("/X", None), ("/Y", hidden)):
            form = pdf.make_stream(b"BT /F 9 Tf 20 50 Td (hidden form) Tj ET", Type=Name.XObject, Subtype=Name.Form)
            form.BBox, form.Resources = Array([0, 0, 400, 300]), Dictionary(Font=resources.Font)
            if layer is not None:
                form.OC = layer
            forms[key] = form
        resources.XObject = forms
        pdf.save(source)
    return source


@pytest.mark.parametrize("base_off", [False, True])
def test_content_of_hidden_layers_goes_and_the_page_looks_the_same(tmp_path: Path, base_off: bool) -> None:
    source = _layered(tmp_path, base_off=base_off)

    result = _sanitize(source)

    after = everything_in(tmp_path / "out.pdf")
    assert b"hidden" not in after
    assert b"Hidden layer" not in after
    assert b"shown words" in after
    assert result["removed"]["hidden_layers"] == 1
    assert (pixels_of(source) == pixels_of(tmp_path / "out.pdf")).all()
    assert_sound(tmp_path / "out.pdf")


def test_layers_that_are_shown_are_left_as_they_are(tmp_path: Path) -> None:
    source = _layered(tmp_path)

    _sanitize(source, hidden_layers=False)

    assert b"hidden words" in everything_in(tmp_path / "out.pdf")


def test_photographs_lose_what_the_camera_wrote_and_not_a_pixel(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x010F] = "Camera of Miriam"
    written = io.BytesIO()
    noise.save(written, "JPEG", exif=exif, comment=b"taken at home")
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(64, 64))
    image = pdf.make_stream(written.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=64, Height=64)
    image.ColorSpace, image.BitsPerComponent, image.Filter = Name.DeviceRGB, 8, Name.DCTDecode
    page.obj.Resources = Dictionary(XObject=Dictionary(I=image))
    page.obj.Contents = pdf.make_stream(b"64 0 0 64 0 0 cm /I Do")
    pdf.save(tmp_path / "in.pdf")

    result = _sanitize(tmp_path / "in.pdf")

    assert result["removed"]["camera_data"] == 1
    data = (tmp_path / "out.pdf").read_bytes()
    assert b"Camera of Miriam" not in data
    assert b"taken at home" not in data
    assert (pixels_of(tmp_path / "in.pdf") == pixels_of(tmp_path / "out.pdf")).all()


def test_what_the_second_scan_finds_is_not_handed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(pdf: pikepdf.Pdf, options: SanitizeOptions) -> object:
        return remove(pdf, options.model_copy(update={"scripts": False}))

    monkeypatch.setattr("services.file_ops.protection.sanitizing.sanitize.remove", forgetful)

    with pytest.raises(NotSanitized, match="scripts"):
        _sanitize(a_dangerous_document(tmp_path))
    assert not (tmp_path / "out.pdf").exists()


def test_a_signed_file_is_left_alone_and_encryption_stays(tmp_path: Path) -> None:
    with pytest.raises(SignedPdf):
        _sanitize(signed(a_document(tmp_path)))
    source = a_document(tmp_path, encryption=pikepdf.Encryption(owner="owner", user="user", R=6))

    sanitize_pdf(source, tmp_path / "out.pdf", SanitizeOptions(), password="user")

    with pikepdf.open(tmp_path / "out.pdf", password="user") as pdf:
        assert pdf.is_encrypted
        assert "/Info" not in pdf.trailer
