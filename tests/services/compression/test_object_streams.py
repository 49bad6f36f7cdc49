"""A PDF whose object streams were packed anew holds the same objects, in fewer bytes."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from services.compression.object_streams import repack_object_streams
from tests.services.compression.font_documents import add_page, assert_looks_and_reads_the_same


def _tagged(count: int, title: str = "paragraph") -> pikepdf.Pdf:
    """Return a document of one page with many tags."""
    pdf = pikepdf.new()
    add_page(pdf, b"0 0 9 9 re f")
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    tags = [
        pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name("/P"), P=root, T=f"{title} {number * number}", K=number)
        )
        for number in range(count)
    ]
    root.K = Array(tags)
    pdf.Root.StructTreeRoot = root
    return pdf


def _saved(pdf: pikepdf.Pdf, path: Path, **how: object) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
        pdf.save(path, **{"object_stream_mode": pikepdf.ObjectStreamMode.generate, **how})
    return path.read_bytes()


def _objects(data: bytes) -> dict[tuple[int, int], bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = {}
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream):
                if item.get("/Type") not in ("/ObjStm", "/XRef"):
                    found[item.objgen] = item.stream_dict.unparse() + item.read_raw_bytes()
            elif isinstance(item, pikepdf.Object) and item.is_indirect:
                found[item.objgen] = item.unparse(resolved=True)
        return found | {(-1, -1): pdf.trailer.get("/ID").unparse()}


def test_objects_too_long_for_as_many_streams_as_there_were_all_stay(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    # qpdf puts 100 of them into one stream: more bytes than a stream of ours would hold.
    before = _saved(_tagged(150, "long " * 600), path)
    repack_object_streams(path)
    assert _objects(path.read_bytes()) == _objects(before)


@pytest.mark.parametrize("count", [3, 250, 30_000])
def test_all_objects_stay_and_the_file_is_smaller(tmp_path: Path, count: int) -> None:
    path = tmp_path / "tagged.pdf"
    before = _saved(_tagged(count), path)
    saved_bytes = repack_object_streams(path)
    after = path.read_bytes()
    assert saved_bytes == len(before) - len(after) > 0
    assert _objects(after) == _objects(before)
    assert_looks_and_reads_the_same(before, after)
    with pikepdf.open(path) as pdf:
        assert pdf.check_pdf_syntax() == []
    assert list(tmp_path.iterdir()) == [path]


def test_real_documents_keep_all_objects(corpus: Path, tmp_path: Path) -> None:
    for name in ("form__with_xfa_fields.pdf", "paper__multi-column.pdf", "form__fancy_fields.pdf"):
        path = tmp_path / name
        with pikepdf.open(corpus / "pdf" / name) as pdf:
            before = _saved(pdf, path)
        assert repack_object_streams(path) > 0
        after = path.read_bytes()
        assert _objects(after) == _objects(before)
        assert_looks_and_reads_the_same(before, after, pages=2)


@pytest.mark.parametrize(
    "how",
    [
        {"linearize": True},
        {"encryption": pikepdf.Encryption(owner="o", user="")},
        {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    ],
    ids=["linearized", "encrypted", "without object streams"],
)
def test_other_layouts_stay_as_they_are(tmp_path: Path, how: dict[str, object]) -> None:
    path = tmp_path / "other.pdf"
    before = _saved(_tagged(50), path, **how)
    assert repack_object_streams(path) == 0
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("cut", [200, 30, 8])
def test_a_damaged_file_stays_as_it_is(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "damaged.pdf"
    data = _saved(_tagged(50), path)
    damaged = data[: len(data) // 2] + data[len(data) // 2 + cut :]
    path.write_bytes(damaged)
    assert repack_object_streams(path) == 0
    assert path.read_bytes() == damaged
