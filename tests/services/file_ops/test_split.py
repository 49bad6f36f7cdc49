"""Each part has everything that belongs to its pages, and nothing that does not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.assembly.merge import merge
from services.file_ops.assembly.split import split
from services.file_ops.contracts.assembly import MergeOptions, SplitOptions
from shared.errors import DamagedFile, SignedPdf
from tests.running_platform import RunningPlatform
from tests.services.file_ops import assembled_documents
from tests.services.file_ops.assembled_documents import (
    check,
    fields_of,
    link_targets,
    looks,
    opened,
    outline_of,
    page_content,
    paragraphs_of,
    rich_document,
    task_of,
    text_document,
    texts,
)


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """Four pages with everything."""
    return rich_document(tmp_path / "rich.pdf", "rich")


def parts_of(
    folder: Path, source: Path, password: str | None = None, **options: Any
) -> tuple[list[Path], dict[str, Any]]:
    task = task_of(folder, source, password=password)
    result = split(task, SplitOptions(**options))
    paths = [output.path for output in task.outputs]
    for path in paths if password is None else ():
        check(path)
    assert [part["name"] for part in result["parts"]] == [output.name for output in task.outputs]
    assert [part["bytes"] for part in result["parts"]] == [path.stat().st_size for path in paths]
    return paths, result


def test_pages_look_read_and_measure_as_before(rich: Path, tmp_path: Path) -> None:
    parts, result = parts_of(tmp_path, rich)

    assert [texts(part) for part in parts] == [[text] for text in texts(rich)]
    assert [looks(part) for part in parts] == [[look] for look in looks(rich)]
    assert [part["name"] for part in result["parts"]] == [f"rich-{number}.pdf" for number in (1, 2, 3, 4)]


def test_a_part_keeps_its_branch_of_the_outline(rich: Path, tmp_path: Path) -> None:
    parts, _ = parts_of(tmp_path, rich, by="every", every_pages=2)
    assert [outline_of(opened(part)) for part in parts] == [
        [(1, "rich part 1", 1), (2, "rich page 2", 2)],
        [(1, "rich part 2", 1)],
    ]

    single, _ = parts_of(tmp_path, rich)
    assert [row[:2] for row in outline_of(opened(single[1]))] == [(1, "rich part 1"), (2, "rich page 2")]
    assert outline_of(opened(single[3])) == []


def test_a_part_keeps_the_links_that_stay_inside_and_says_how_many_led_out(rich: Path, tmp_path: Path) -> None:
    parts, result = parts_of(tmp_path, rich, by="ranges", ranges=["1-3", "4,1"])

    web = "https://example.org/"
    assert link_targets(opened(parts[0])) == [(1, 3), (1, 2), (1, web)]
    assert link_targets(opened(parts[1])) == [(2, 1), (2, web)]
    assert result["links_left_out"] == 3


def test_a_part_keeps_its_named_destinations_labels_and_fields(rich: Path, tmp_path: Path) -> None:
    parts, _ = parts_of(tmp_path, rich)

    pdfs = [opened(part) for part in parts]
    assert [pdf.pages[0].label for pdf in pdfs] == ["i", "ii", "iii", "iv"]
    assert [fields_of(pdf) for pdf in pdfs] == [{"name": "rich", "color": "red"}, {"color": "red"}, {}, {}]
    assert ["/Dests" in pdf.Root for pdf in pdfs] == [False, True, False, False]
    assert ["/Dests" in pdf.Root.get("/Names", {}) for pdf in pdfs] == [False, False, False, True]


def test_a_part_keeps_the_tags_of_its_pages(rich: Path, tmp_path: Path) -> None:
    parts, _ = parts_of(tmp_path, rich, by="ranges", ranges=["1-2", "3-4", "1-4"])

    found = [sorted(page for _, page in paragraphs_of(opened(part))) for part in parts]
    assert found == [[1, 2], [1, 2], [1, 2, 3, 4]]


def test_a_part_keeps_the_layers_that_its_pages_use(rich: Path, tmp_path: Path) -> None:
    parts, _ = parts_of(tmp_path, rich)

    pdfs = [opened(part) for part in parts]
    names = [[str(layer.Name) for layer in pdf.Root.get("/OCProperties", {}).get("/OCGs", [])] for pdf in pdfs]
    assert names == [["rich shown"], [], [], ["rich hidden"]]
    assert [str(layer.Name) for layer in pdfs[3].Root.OCProperties.D.OFF] == ["rich hidden"]
    assert "/OFF" not in pdfs[0].Root.OCProperties.D


@pytest.mark.parametrize(("choice", "kept"), [("first", [1, 0, 0, 0]), ("all", [1, 1, 1, 1]), ("none", [0, 0, 0, 0])])
def test_attached_files_go_to_the_parts_that_were_chosen(
    rich: Path, tmp_path: Path, choice: str, kept: list[int]
) -> None:
    parts, _ = parts_of(tmp_path, rich, attachments=choice)

    assert [len(opened(part).attachments) for part in parts] == kept


def test_metadata_stays_unless_it_is_not_wanted(rich: Path, tmp_path: Path) -> None:
    with_metadata, _ = parts_of(tmp_path, rich)
    without, _ = parts_of(tmp_path, rich, metadata=False)

    assert all(str(opened(part).docinfo["/Title"]) == "Title of rich" for part in with_metadata)
    assert all("/Title" not in opened(part).docinfo for part in without)


def test_a_part_does_not_carry_what_only_other_pages_use(tmp_path: Path) -> None:
    source = text_document(tmp_path / "shared.pdf", "shared")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pictures = [pdf.make_stream(bytes([n]) * 9, Type=Name.XObject, Subtype=Name.Image) for n in range(3)]
        font = pdf.pages[0].obj.Resources.Font.F1
        every = pdf.make_indirect(
            Dictionary(
                Font=Dictionary(F1=font, Unused=pdf.make_indirect(Dictionary(font))),
                XObject=Dictionary({f"/Im{n}": picture for n, picture in enumerate(pictures)}),
            )
        )
        for number, page in enumerate(pdf.pages):
            page.obj.Resources = every
            # A name may be written with escapes.
            draws = b"/Im#30 Do" if number == 0 else b"/Im%d Do" % number
            page.obj.Contents = Array([page.obj.Contents, pdf.make_stream(draws)])
        pdf.save(source)

    parts, _ = parts_of(tmp_path, source)

    for number, part in enumerate(parts):
        pdf = opened(part)
        resources = pdf.pages[0].obj.Resources
        assert (list(resources.XObject.keys()), list(resources.Font.keys())) == ([f"/Im{number}"], ["/F1"])
        assert resources.XObject[f"/Im{number}"].read_bytes() == bytes([number]) * 9
        assert sum(isinstance(thing, pikepdf.Stream) and "/Subtype" in thing for thing in pdf.objects) == 1


def test_a_form_that_draws_with_the_resources_of_its_page_keeps_them(tmp_path: Path) -> None:
    source = text_document(tmp_path / "leaning.pdf", "leaning", pages=2)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        form = pdf.make_stream(b"/Im0 Do", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        picture = pdf.make_stream(b"picture", Type=Name.XObject, Subtype=Name.Image)
        page = pdf.pages[0].obj
        page.Resources.XObject = Dictionary(Fm0=form, Im0=picture)
        page.Contents = Array([page.Contents, pdf.make_stream(b"/Fm0 Do")])
        pdf.save(source)

    parts, _ = parts_of(tmp_path, source)

    assert set(opened(parts[0]).pages[0].obj.Resources.XObject.keys()) == {"/Fm0", "/Im0"}


def test_colour_spaces_that_apply_without_being_named_stay(tmp_path: Path) -> None:
    source = text_document(tmp_path / "colours.pdf", "colours", pages=2)
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        spaces = Dictionary(DefaultCMYK=Name.DeviceCMYK, Unused=Name.DeviceRGB)
        pdf.pages[0].obj.Resources.ColorSpace = spaces
        pdf.save(source)

    parts, _ = parts_of(tmp_path, source)

    assert list(opened(parts[0]).pages[0].obj.Resources.ColorSpace.keys()) == ["/DefaultCMYK"]


def test_widgets_of_one_field_on_other_pages_stay_there(tmp_path: Path) -> None:
    source = rich_document(tmp_path / "wide.pdf", "wide")
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        for kid in pdf.Root.AcroForm.Fields[1].Kids:
            kid.AP = Dictionary(N=pdf.make_stream(b"x" * 5000 + bytes([int(kid.Rect[0])]), Type=Name.XObject))
        pdf.save(source)

    parts, _ = parts_of(tmp_path, source)

    pdf = opened(parts[0])
    assert len(pdf.Root.AcroForm.Fields[1].Kids) == 1
    assert sum("/AP" in thing for thing in pdf.objects if isinstance(thing, Dictionary)) == 1


def test_a_page_may_stand_twice_in_a_part(rich: Path, tmp_path: Path) -> None:
    parts, _ = parts_of(tmp_path, rich, by="ranges", ranges=["2,2"])

    assert texts(parts[0]) == ["rich page 2", "rich page 2"]


def test_parts_of_a_protected_file_need_its_password(rich: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    opened(rich).save(locked, encryption=pikepdf.Encryption(owner="owner", user="secret"))

    parts, result = parts_of(tmp_path, locked, password="secret")

    assert [texts(part, password="secret") for part in parts] == [[text] for text in texts(rich)]
    assert result["protected"] is True
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(parts[0])


def test_a_signed_file_is_split_only_by_who_accepts_to_lose_the_signature(rich: Path, tmp_path: Path) -> None:
    with pikepdf.open(rich, allow_overwriting_input=True) as pdf:
        pdf.Root.Perms = Dictionary(DocMDP=Dictionary())
        pdf.save(rich)

    with pytest.raises(SignedPdf):
        parts_of(tmp_path, rich)

    _, result = parts_of(tmp_path, rich, break_signature=True)
    assert result["signatures_removed"] == 1


def test_the_claim_of_a_part_to_be_pdfa_1_is_not_broken_by_how_it_is_written(rich: Path, tmp_path: Path) -> None:
    with pikepdf.open(rich, allow_overwriting_input=True) as pdf:
        with pdf.open_metadata() as packet:
            packet["pdfaid:part"] = "1"
        intent = Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, OutputConditionIdentifier=String("sRGB"))
        pdf.Root.OutputIntents = Array([intent])
        pdf.save(rich, force_version="1.4", object_stream_mode=pikepdf.ObjectStreamMode.disable)

    parts, _ = parts_of(tmp_path, rich)

    for part in parts:
        assert b"/ObjStm" not in part.read_bytes()
        assert part.read_bytes().startswith(b"%PDF-1.4")
        assert len(opened(part).Root.OutputIntents) == 1


def test_a_broken_document_is_a_typed_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")

    with pytest.raises(DamagedFile):
        parts_of(tmp_path, broken)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4), data=st.data())
def test_merge_then_split_gives_the_parts_back(tmp_path: Path, sizes: list[int], data: st.DataObject) -> None:
    makers = st.sampled_from((rich_document, text_document))
    folder = Path(tmp_path, str(sum(1 for _ in tmp_path.iterdir())))
    folder.mkdir()
    sources = [
        data.draw(makers)(folder / f"{number}.pdf", f"file {number}", pages=size + 3)
        for number, size in enumerate(sizes)
    ]
    merge(assembled_documents.given(*sources), folder / "merged.pdf", MergeOptions())
    starts = [1]
    for size in sizes:
        starts.append(starts[-1] + size + 3)
    ranges = [f"{start}-{end - 1}" for start, end in pairwise(starts)]

    parts, _ = parts_of(folder, folder / "merged.pdf", by="ranges", ranges=ranges)

    for source, part in zip(sources, parts, strict=True):
        before, after = opened(source), opened(part)
        assert page_content(after) == page_content(before)
        assert texts(part) == texts(source)
        assert link_targets(after) == link_targets(before)
        assert list(fields_of(after).values()) == list(fields_of(before).values())
        if "/StructTreeRoot" in before.Root:
            assert paragraphs_of(after) == paragraphs_of(before)


def test_a_file_is_split_over_http(platform: RunningPlatform, rich: Path) -> None:
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        files = {"file": ("../a: b.pdf", rich.read_bytes())}
        posted = client.post("/v1/split", files=files, data={"by": "every", "every_pages": "3"})
        job = client.get(f"/v1/jobs/{posted.json()['id']}?wait=30").json()

    assert [output["name"] for output in job["outputs"]] == ["a_ b-1.pdf", "a_ b-2.pdf"]
    assert [part["pages"] for part in job["result"]["parts"]] == ["1-3", "4"]
