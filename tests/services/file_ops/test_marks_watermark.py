"""A watermark stands where it was asked for on every page, whatever the page, and costs next to nothing."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from pydantic import ValidationError

from services.file_ops.contracts.marks import Watermark
from services.file_ops.marks.watermark import watermark
from shared.errors import SignedPdf, TooComplex
from shared.pdf.page_ranges import PagesOutOfRange
from tests.end_to_end.hostile_files import HOSTILE
from tests.running_platform import RunningPlatform
from tests.services.file_ops.page_pixels import assert_opens, ink, pixels, text

PLAIN = {"rotation_degrees": 0, "opacity_percent": 100, "color": "#000000"}


def _document(folder: Path, pages: int = 1, content: bytes = b"", **entries: Any) -> Path:
    pdf = pikepdf.new()
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(300, 400)).obj
        page.Contents = pdf.make_stream(content)
        for key, value in entries.items():
            page["/" + key] = value
    pdf.save(folder / "in.pdf")
    return folder / "in.pdf"


def _mark(source: Path, **options: Any) -> tuple[Path, dict[str, Any]]:
    target = source.with_name("out.pdf")
    result = watermark(source, target, Watermark(**{"text": "MARK", **options}))
    assert_opens(target)
    return target, result


ODD_BOXES = {"MediaBox": Array([-100, 50, 500, 850]), "CropBox": Array([-50, 100, 250, 500])}


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("boxes", [{}, ODD_BOXES], ids=["plain boxes", "odd boxes"])
@pytest.mark.parametrize("layer", ["over", "under"])
def test_a_mark_stands_upright_in_its_corner_on_turned_pages(
    tmp_path: Path, turn: int, boxes: dict[str, Any], layer: str
) -> None:
    source = _document(tmp_path, Rotate=turn, **boxes)

    target, _ = _mark(source, **PLAIN, font_size_points=20, margin_points=12, position="top-left", layer=layer)

    left, top, right, bottom = ink(pixels(target))
    assert 11 <= left <= 15
    assert 11 <= top <= 17
    # Upright: MARK in Helvetica Bold at 20 points is 61 points wide, and its capitals are 14 high.
    assert 56 <= right - left <= 63
    assert 13 <= bottom - top <= 17


@pytest.mark.parametrize("position", ["top-right", "bottom-right", "bottom-left", "center", "left", "bottom"])
def test_each_position_is_where_its_name_says(tmp_path: Path, position: str) -> None:
    target, _ = _mark(_document(tmp_path), **PLAIN, font_size_points=20, margin_points=12, position=position)

    left, top, right, bottom = ink(pixels(target))
    if "right" in position:
        assert 284 <= right <= 289
    elif "left" in position:
        assert 11 <= left <= 15
    else:
        assert abs((left + right) / 2 - 150) <= 2
    if "bottom" in position:
        assert 380 <= bottom <= 389
    else:
        assert abs((top + bottom) / 2 - 200) <= 4 or "top" in position


def test_sizes_are_points_on_pages_with_a_unit_of_their_own(tmp_path: Path) -> None:
    target, _ = _mark(
        _document(tmp_path, UserUnit=2), **PLAIN, font_size_points=20, margin_points=12, position="top-left"
    )

    # PDFium draws a page in its own units, so that points are half as many of them.
    left, top, right, _ = ink(pixels(target, scale=2))
    assert 11 <= left <= 15
    assert 11 <= top <= 17
    assert 56 <= right - left <= 63


def test_offsets_move_to_the_right_and_up(tmp_path: Path) -> None:
    options = {**PLAIN, "font_size_points": 20, "position": "center"}
    target, _ = _mark(_document(tmp_path, Rotate=90), **options)
    before = ink(pixels(target))
    target, _ = _mark(_document(tmp_path, Rotate=90), **options, offset_x_points=30, offset_y_points=40)
    after = ink(pixels(target))

    assert (after[0] - before[0], after[1] - before[1]) == (30, -40)


_TOKENS = st.sampled_from(
    [b"q", b"Q", b"2 0 0 2 30 30 cm", b"0 -1 1 0 0 0 cm", b"BT /F1 9 Tf", b"ET", b"/A BMC", b"EMC", b"1 0 0 rg", b"Do"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TOKENS, max_size=12))
def test_no_content_however_broken_moves_a_mark(tmp_path: Path, tokens: list[bytes]) -> None:
    source = _document(tmp_path, content=b"\n".join(tokens))
    options = Watermark(text="MARK", **PLAIN, font_size_points=20, margin_points=12, position="top-left")
    watermark(source, source.with_name("out.pdf"), options)

    left, top, right, _ = ink(pixels(source.with_name("out.pdf")))
    assert (left, right - left) == (pytest.approx(13, abs=2), pytest.approx(59, abs=4))
    assert 11 <= top <= 17


def test_a_text_fills_the_page_within_its_margin_by_default(tmp_path: Path) -> None:
    target, result = _mark(_document(tmp_path), text="CONFIDENTIAL", color="#000000", margin_points=30)

    left, top, right, bottom = ink(pixels(target), darker_than=230)
    assert left >= 29
    assert right <= 271
    assert top >= 29
    assert bottom <= 371
    assert right - left >= 215
    assert result["font_size_points"]["smallest"] > 30


def test_opacity_and_colour_are_seen(tmp_path: Path) -> None:
    target, _ = _mark(_document(tmp_path), text="█".replace("█", "M"), color="#ff0000", opacity_percent=50)

    reddest = pixels(target).reshape(-1, 3)
    reddest = reddest[reddest[:, 1].argmin()]
    assert reddest.tolist() == pytest.approx([255, 127, 127], abs=3)


def test_repeated_texts_cover_the_page_and_never_darken_each_other(tmp_path: Path) -> None:
    target, _ = _mark(
        _document(tmp_path),
        text="MM",
        tiled=True,
        tile_gap_points=0,
        font_size_points=30,
        color="#000000",
        opacity_percent=50,
        rotation_degrees=30,
    )

    picture = pixels(target)
    assert picture.min() >= 125
    for part in (
        picture[:80, :80],
        picture[:80, -80:],
        picture[-80:, :80],
        picture[-80:, -80:],
        picture[160:240, 110:190],
    ):
        assert part.min() < 140


def test_too_many_repeated_texts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooComplex, match="larger gap or font"):
        _mark(_document(tmp_path), text=".", tiled=True, tile_gap_points=0, font_size_points=1)


def test_only_the_chosen_pages_are_marked(tmp_path: Path) -> None:
    target, result = _mark(_document(tmp_path, pages=4), **PLAIN, pages="2,-1")

    assert [text(target, page) for page in range(4)] == ["", "MARK", "", "MARK"]
    assert result["marked_pages"] == 2


def test_pages_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(PagesOutOfRange, match=r"Page 9 .* 4 pages"):
        _mark(_document(tmp_path, pages=4), pages="9")


def test_all_pages_share_one_drawing_so_that_a_thousand_cost_kilobytes(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    resources = pdf.make_indirect(Dictionary(ProcSet=Array([Name.PDF])))
    for number in range(1000):
        page = pdf.add_blank_page(page_size=(300, 400)).obj
        page.Resources, page.Contents = resources, pdf.make_stream(b"%d 0 m 5 5 l S" % number)
    pdf.save(tmp_path / "in.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)

    target, _ = _mark(tmp_path / "in.pdf")

    with pikepdf.open(target) as marked:
        forms = {form.objgen for page in marked.pages for form in page.obj.Resources.XObject.values()}
        assert len(forms) == 1
        assert len({page.obj.Resources.objgen for page in marked.pages}) == 1
    assert target.stat().st_size - (tmp_path / "in.pdf").stat().st_size < 12_000


def test_marks_are_artifacts_and_may_be_put_on_again_and_again(tmp_path: Path) -> None:
    first, _ = _mark(_document(tmp_path), text="ONE", **PLAIN, position="top")
    second = first.rename(tmp_path / "in.pdf")
    target, _ = _mark(second, text="TWO", **PLAIN, position="bottom")

    assert set(text(target).split()) == {"ONE", "TWO"}
    with pikepdf.open(target) as pdf:
        drawn = [
            (str(each.operator), str(each.operands[0]) if len(each.operands) else "")
            for each in pikepdf.parse_content_stream(pdf.pages[0], "BDC Do EMC")
        ]
    assert [operator for operator, _ in drawn] == ["BDC", "Do", "EMC"] * 2
    assert {operand for operator, operand in drawn if operator == "BDC"} == {"/Artifact"}


def test_a_page_that_hides_what_lies_under_it_is_told(tmp_path: Path) -> None:
    white = b"1 g 0 0 300 400 re f"

    _, hidden = _mark(_document(tmp_path, content=white), layer="under")
    _, seen = _mark(_document(tmp_path, content=white), layer="over")
    _, shows = _mark(_document(tmp_path, content=b"0 g 0 0 20 20 re f"), layer="under")

    assert hidden["hidden_on_pages"] == [1]
    assert "hidden_on_pages" not in seen
    assert shows["hidden_on_pages"] == []


def test_resources_with_names_that_are_no_utf_8_stay(tmp_path: Path) -> None:
    resources = pikepdf.Object.parse(b"<< /ColorSpace << /F#E4rbe [/CalGray << /WhitePoint [1 1 1] >>] >> >>")
    content = b"/F\xe4rbe cs 0 sc 0 0 50 50 re f".replace(b"\xe4", b"#E4")

    target, _ = _mark(_document(tmp_path, content=content, Resources=resources), position="top")

    assert pixels(target)[390, 10].max() < 10


def test_metadata_that_cannot_be_read_are_no_obstacle(tmp_path: Path) -> None:
    source = _document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        broken = pdf.make_stream(b"~~~ no base 85 \xff", Type=Name.Metadata, Subtype=Name.XML)
        broken.write(b"~~~ no base 85 \xff", filter=Name.ASCII85Decode)
        pdf.Root.Metadata = broken
        pdf.save(
            source,
            fix_metadata_version=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
        )

    watermark(source, tmp_path / "out.pdf", Watermark(text="MARK", **PLAIN))

    assert text(tmp_path / "out.pdf") == "MARK"


def test_content_that_cannot_be_unpacked_is_no_obstacle(tmp_path: Path) -> None:
    source = _document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Contents.write(b"q", filter=Name.JBIG2Decode)
        pdf.save(source, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)

    watermark(source, tmp_path / "out.pdf", Watermark(text="MARK", **PLAIN))

    assert text(tmp_path / "out.pdf") == "MARK"


def test_encryption_stays(tmp_path: Path) -> None:
    source = _document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.save(source, encryption=pikepdf.Encryption(owner="owner", user="user", R=6))

    watermark(source, tmp_path / "out.pdf", Watermark(text="MARK"), password="user")

    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf", password="owner") as pdf:
        assert pdf.encryption.R == 6


def test_a_signed_document_is_marked_only_when_its_signature_may_break(tmp_path: Path) -> None:
    source = _document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        value = Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=pikepdf.String(b"0" * 20))
        field = pdf.make_indirect(Dictionary(FT=Name.Sig, T="Signature", V=pdf.make_indirect(value)))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        pdf.save(source)

    with pytest.raises(SignedPdf):
        _mark(source)
    _, result = _mark(source, break_signature=True)
    assert result["signatures_removed"] == 1


def test_a_mark_that_breaks_pdf_a_says_so(tmp_path: Path) -> None:
    source = _document(tmp_path)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        with pdf.open_metadata() as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "1", "B"
        pdf.save(source)

    _, faded = _mark(source)
    _, opaque = _mark(source, opacity_percent=100)

    assert "PDF/A-1b" in faded["notes"][0]
    assert not any("transparency" in note for note in opaque["notes"])


@pytest.mark.parametrize("wrong", [{"text": " \n"}, {"text": "a", "color": "red"}, {"text": "a", "opacity_percent": 0}])
def test_options_that_would_show_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Watermark(**wrong)


def test_lines_stand_under_each_other_centred(tmp_path: Path) -> None:
    target, _ = _mark(_document(tmp_path), text="WIDE LINE\nI", **PLAIN, font_size_points=30)

    picture = pixels(target)
    upper, lower = picture[150:200], picture[205:260]
    assert abs(sum(ink(upper)[0::2]) - sum(ink(lower)[0::2])) <= 3
    assert np.count_nonzero(lower < 128) < np.count_nonzero(upper < 128) / 4


def test_a_watermark_over_http(tmp_path: Path, platform: RunningPlatform) -> None:
    source = _document(tmp_path, content=b"1 g 0 0 300 400 re f")
    posted = httpx.post(
        f"{platform.url}/v1/watermark",
        files={"file": ("letter.pdf", source.read_bytes(), "application/pdf")},
        data={"text": "MARK", "layer": "under"},
        timeout=30,
    )
    job = httpx.get(f"{platform.url}{posted.headers['Location']}", params={"wait": 60}, timeout=90).json()

    assert (job["status"], job["result"]["hidden_on_pages"]) == ("completed", [1]), job
    assert job["outputs"][0]["name"] == "letter-watermarked.pdf"
    (tmp_path / "result.pdf").write_bytes(httpx.get(f"{platform.url}/v1/jobs/{job['id']}/result", timeout=30).content)
    assert text(tmp_path / "result.pdf") == "MARK"


def test_a_page_that_breaks_the_renderer_is_marked_all_the_same(tmp_path: Path) -> None:
    source = tmp_path / "in.pdf"
    source.write_bytes(HOSTILE["forms-multiply"]())

    limits = resource.getrlimit(resource.RLIMIT_AS)
    used_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    # The sooner memory ends, the sooner PDFium aborts.
    resource.setrlimit(resource.RLIMIT_AS, (used_bytes + (512 << 20), limits[1]))
    try:
        result = watermark(source, tmp_path / "out.pdf", Watermark(text="MARK", layer="under"))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)

    assert result["hidden_on_pages"] is None
    assert_opens(tmp_path / "out.pdf")
