"""Pages become images that show exactly what the page shows, one after the other, in the kind that was asked for."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import numpy as np
import pikepdf
import pydantic
import pypdfium2
import pytest
from pikepdf import Array, Dictionary
from PIL import Image

from services.conversion.contracts.convert import ConvertOptions
from shared.errors import DamagedFile, EncryptedPdf, NoPages, WrongPassword
from shared.pdf.drawing import MAX_PIXELS
from shared.pdf.page_ranges import PagesOutOfRange
from tests.running_platform import RunningPlatform
from tests.services.conversion.page_documents import LOOKS, add_page, convert, photograph, pixels_of, save, widget

ROOT = Path(__file__).parents[3]


def shown(source: Path, number: int = 0, dpi: int = 150) -> np.ndarray:
    """The page as pdfium draws it, by another way through its bindings than ours."""
    document = pypdfium2.PdfDocument(source)
    try:
        document.init_forms()
        return np.asarray(document[number].render(scale=dpi / 72).to_pil().convert("RGB"))
    finally:
        document.close()


@pytest.fixture
def looks(tmp_path: Path) -> Path:
    """One page of each of LOOKS."""
    pdf = pikepdf.new()
    for content in LOOKS.values():
        add_page(pdf, content)
    return save(pdf, tmp_path / "looks.pdf")


def test_a_png_shows_every_pixel_and_is_kept_in_the_least_that_can(looks: Path, tmp_path: Path) -> None:
    result, outputs = convert(looks, tmp_path / "out", to="png")

    assert list(outputs) == ["looks-1.png", "looks-2.png", "looks-3.png", "looks-4.png"]
    assert result["kept_as"] == dict.fromkeys(LOOKS, 1)
    for number, path in enumerate(outputs.values()):
        assert np.array_equal(pixels_of(path), shown(looks, number))
        with Image.open(path) as picture:
            assert picture.info["dpi"] == pytest.approx((150, 150), abs=0.1)


@pytest.mark.parametrize("kind", ["png", "tiff"])
@pytest.mark.parametrize(("mode", "kept_as"), [("gray", {"gray", "bitonal"}), ("bitonal", {"bitonal"})])
def test_color_modes_take_color_away_and_nothing_else(
    looks: Path, tmp_path: Path, kind: str, mode: str, kept_as: set[str]
) -> None:
    result, outputs = convert(looks, tmp_path / "out", to=kind, color_mode=mode)

    assert set(result["kept_as"]) == kept_as
    for number in range(len(LOOKS)):
        luma = np.asarray(Image.fromarray(shown(looks, number)).convert("L"))
        wanted = luma if mode == "gray" else np.where(luma >= 128, 255, 0)
        with Image.open(list(outputs.values())[number if kind == "png" else 0]) as picture:
            picture.seek(number if kind == "tiff" else 0)
            assert np.array_equal(np.asarray(picture.convert("L")), wanted)


def test_dithering_keeps_the_shades_of_a_picture_in_black_and_white(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"0.7 g 0 0 144 72 re f")
    source = save(pdf, tmp_path / "gray.pdf")

    _, plain = convert(source, tmp_path / "plain", to="png", color_mode="bitonal")
    _, dithered = convert(source, tmp_path / "dithered", to="png", color_mode="bitonal", dithered=True)

    assert pixels_of(plain["gray-1.png"]).mean() == 255
    assert pixels_of(dithered["gray-1.png"]).mean() == pytest.approx(0.7 * 255, abs=4)


def test_a_tiff_holds_all_pages_in_one_file_and_loses_no_pixel(looks: Path, tmp_path: Path) -> None:
    pdf = pikepdf.open(looks)
    pixels = photograph(300, 150)
    picture = pdf.make_stream(pixels.tobytes(), Width=300, Height=150, BitsPerComponent=8)
    picture.Type, picture.Subtype, picture.ColorSpace = (
        pikepdf.Name(f"/{n}") for n in ("XObject", "Image", "DeviceRGB")
    )
    add_page(pdf, b"q 144 0 0 72 0 0 cm /I Do Q", XObject=Dictionary(I=picture))
    source = save(pdf, tmp_path / "five.pdf")

    result, outputs = convert(source, tmp_path / "out", to="tiff")

    assert result["kept_as"] == {"gray": 1, "bitonal": 1, "rgb": 3}
    with Image.open(outputs["five.tif"]) as tiff:
        assert tiff.n_frames == 5
        for number in range(5):
            tiff.seek(number)
            assert np.array_equal(np.asarray(tiff.convert("RGB")), shown(source, number))
            assert tiff.info["dpi"] == (150, 150)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_lossy_kinds_look_like_the_page_and_better_quality_is_nearer(looks: Path, tmp_path: Path, kind: str) -> None:
    wanted, distance = shown(looks, 3).astype(int), []
    for quality in (95, 20):
        result, outputs = convert(looks, tmp_path / f"{quality}", to=kind, quality_percent=quality, pages="4")
        (path,) = outputs.values()
        distance.append(float(np.abs(pixels_of(path) - wanted).mean()))
    assert distance[0] < distance[1] < 15
    assert distance[0] < 3
    assert result["pages"] == 1


def test_a_gray_page_becomes_a_gray_jpeg(looks: Path, tmp_path: Path) -> None:
    _, outputs = convert(looks, tmp_path / "out", to="jpeg", pages="1")

    with Image.open(outputs["looks-1.jpg"]) as picture:
        assert picture.mode == "L"


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_transparent_leaves_the_paper_out_and_keeps_what_is_on_it(looks: Path, tmp_path: Path, kind: str) -> None:
    _, outputs = convert(looks, tmp_path / "out", to=kind, pages="3", transparent=True)

    (path,) = outputs.values()
    with Image.open(path) as picture:
        assert picture.mode == "RGBA"
        assert picture.getpixel((5, picture.height - 5)) == pytest.approx((255, 0, 0, 255), abs=3)
        assert picture.getpixel((5, 5))[3] == 0


def test_transparent_is_refused_where_it_cannot_be() -> None:
    with pytest.raises(pydantic.ValidationError, match="transparent"):
        ConvertOptions(to="jpeg", transparent=True)


def test_form_fields_and_annotations_are_drawn(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page = add_page(pdf, b"")
    field = widget(pdf, [72, 0, 144, 72], b"0 0.5 0 rg 0 0 72 72 re f")
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=[field])

    _, outputs = convert(save(pdf, tmp_path / "form.pdf"), tmp_path / "out", to="png", dpi=72)

    pixels = pixels_of(outputs["form-1.png"])
    assert tuple(pixels[36, 108]) == (0, 128, 0)
    assert tuple(pixels[36, 36]) == (255, 255, 255)


def test_pages_come_in_the_order_asked_for_and_names_never_clash(looks: Path, tmp_path: Path) -> None:
    result, outputs = convert(looks, tmp_path / "out", to="png", pages="-1,1,-1")

    assert list(outputs) == ["looks-4.png", "looks-1.png", "looks-4 (2).png"]
    assert np.array_equal(pixels_of(outputs["looks-4 (2).png"]), shown(looks, 3))
    assert (result["pages"], result["document_pages"]) == (3, 4)


def test_one_zip_holds_the_same_files(looks: Path, tmp_path: Path) -> None:
    _, single = convert(looks, tmp_path / "single", to="png")
    result, outputs = convert(looks, tmp_path / "zipped", to="png", as_zip=True)

    with zipfile.ZipFile(outputs["looks-pages.zip"]) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            n: p.read_bytes() for n, p in single.items()
        }
    assert result["zipped"] is True
    assert result["image_bytes"] == sum(path.stat().st_size for path in single.values())


def test_a_zipped_tiff_is_the_tiff(looks: Path, tmp_path: Path) -> None:
    _, single = convert(looks, tmp_path / "single", to="tiff")
    _, outputs = convert(looks, tmp_path / "zipped", to="tiff", as_zip=True)

    with zipfile.ZipFile(outputs["looks-pages.zip"]) as archive:
        assert archive.read("looks.tif") == single["looks.tif"].read_bytes()
    assert [path.name for path in (tmp_path / "zipped").iterdir()] == ["0000"]


@pytest.mark.parametrize(("width", "height"), [(144, 72), (72, 144), (595.276, 841.89)])
def test_long_edge_pixels_is_the_length_of_the_longer_side(tmp_path: Path, width: float, height: float) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"", width=width, height=height)

    _, outputs = convert(save(pdf, tmp_path / "a.pdf"), tmp_path / "out", to="png", long_edge_pixels=1000)

    with Image.open(outputs["a-1.png"]) as picture:
        assert max(picture.size) == 1000
        assert min(picture.size) == pytest.approx(1000 * min(width, height) / max(width, height), abs=1)


def test_an_absurd_page_is_drawn_smaller_and_the_result_says_so(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"", width=14_400, height=14_400)
    add_page(pdf, b"", width=100_000, height=1)
    add_page(pdf, b"", width=72, height=72)

    result, outputs = convert(save(pdf, tmp_path / "huge.pdf"), tmp_path / "out", to="png", color_mode="bitonal")

    assert result["lowered"]["pages"] == 2
    assert [each["page"] for each in result["lowered"]["first"]] == [1, 2]
    for path in outputs.values():
        with Image.open(path) as picture:
            assert picture.width * picture.height <= MAX_PIXELS


def test_webp_ends_at_its_longest_side(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"", width=14_400, height=10)

    result, outputs = convert(save(pdf, tmp_path / "long.pdf"), tmp_path / "out", to="webp")

    with Image.open(outputs["long-1.webp"]) as picture:
        assert picture.width == 16_383
    assert result["lowered"]["pages"] == 1


def test_a_turned_and_cropped_page_is_shown_as_a_viewer_shows_it(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    page = add_page(pdf, b"1 0 0 rg 0 0 72 72 re f 0 0 1 rg 72 0 72 72 re f")
    page.Rotate, page.CropBox = 90, [36, 0, 144, 72]

    _, outputs = convert(save(pdf, tmp_path / "turned.pdf"), tmp_path / "out", to="png", dpi=72)

    pixels = pixels_of(outputs["turned-1.png"])
    assert pixels.shape == (108, 72, 3)
    assert (tuple(pixels[18, 36]), tuple(pixels[90, 36])) == ((255, 0, 0), (0, 0, 255))


def test_a_password_opens_and_its_lack_is_told_from_a_wrong_one(looks: Path, tmp_path: Path) -> None:
    with pikepdf.open(looks) as pdf:
        locked = save(pdf, tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="geheim-ß"))

    result, _ = convert(locked, tmp_path / "a", to="png", password="geheim-ß")
    assert result["pages"] == 4
    with pytest.raises(EncryptedPdf):
        convert(locked, tmp_path / "b", to="png")
    with pytest.raises(WrongPassword):
        convert(locked, tmp_path / "c", to="png", password="x")


def test_pages_out_of_range_are_named_with_the_page_count(looks: Path, tmp_path: Path) -> None:
    with pytest.raises(PagesOutOfRange, match=r"Page 9 .* 4 pages"):
        convert(looks, tmp_path / "out", to="png", pages="2,9")


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing", b"", b"x" * 3000])
def test_what_pdfium_cannot_open_is_damaged(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "in.pdf"
    source.write_bytes(content)

    with pytest.raises((DamagedFile, NoPages)):
        convert(source, tmp_path / "out", to="png")


def test_the_result_says_that_an_xfa_form_shows_its_plain_pages(tmp_path: Path) -> None:
    pdf = pikepdf.new()
    add_page(pdf, b"")
    pdf.Root.AcroForm = Dictionary(Fields=[], XFA=pdf.make_stream(b"<xdp/>"))

    result, _ = convert(save(pdf, tmp_path / "xfa.pdf"), tmp_path / "out", to="png")

    assert "XFA" in result["notes"][0]


def _peak_mb(source: Path, folder: Path, pages: str, **options: object) -> float:
    """Peak memory of a process of its own that converts these pages at 300 dpi."""
    folder.mkdir()
    script = (
        "import sys, json; from pathlib import Path\n"
        "from services.conversion.contracts.convert import ConvertOptions\n"
        "from services.conversion.page_images.convert import write_page_images\n"
        "from shared.operation import InputFile, Task\n"
        "source, folder, options = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])\n"
        "task = Task((InputFile(source, 'a.pdf', 'application/pdf'),), folder)\n"
        "write_page_images(source, task, ConvertOptions(**options))\n"
        # getrusage would tell of the tests' own memory, which the process was started with.
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) / 1024)\n"
    )
    chosen = pydantic.TypeAdapter(dict).dump_json({"dpi": 300, "pages": pages, **options}).decode()
    said = subprocess.run(
        [sys.executable, "-c", script, source, folder, chosen], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(said.stdout)


@pytest.mark.parametrize("options", [{"to": "tiff"}, {"to": "jpeg", "as_zip": True}], ids=["tiff", "zip"])
def test_many_pages_take_no_more_memory_than_a_few(tmp_path: Path, options: dict[str, object]) -> None:
    pdf = pikepdf.new()
    for number in range(60):
        add_page(pdf, b"%f 0.4 0.2 rg 10 10 400 400 re f" % (number / 60), width=595, height=842)
    source = save(pdf, tmp_path / "long.pdf")

    few = _peak_mb(source, tmp_path / "few", "1-3", **options)
    many = _peak_mb(source, tmp_path / "many", "1-60", **options)

    # One page of this size is 26 MB.
    assert many < few + 30
    assert many < 250


def test_pages_are_converted_over_http(platform: RunningPlatform, looks: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        form = {"to": "png", "pages": "2"}
        job = client.post(
            "/v1/convert", files={"file": ("looks.pdf", looks.read_bytes())}, data=form, headers={"Prefer": "wait=60"}
        ).json()
        assert job["status"] == "completed", job
        assert [output["name"] for output in job["outputs"]] == ["looks-2.png"]
        answer = client.get(f"/v1/jobs/{job['id']}/result").content

    assert np.array_equal(pixels_of(io.BytesIO(answer)), shown(looks, 1))


@pytest.mark.heavy
def test_every_file_of_the_corpus_becomes_images(corpus: Path, tmp_path: Path) -> None:
    drawn = 0
    for number, source in enumerate(sorted((corpus / "pdf").glob("*.pdf"))):
        try:
            result, _ = convert(source, tmp_path / f"{number}", to="png", dpi=40)
        except (EncryptedPdf, DamagedFile):
            assert source.name.startswith(("encrypted", "damaged"))
            continue
        assert "unreadable_pages" not in result
        drawn += result["pages"]
    assert drawn > 1000
