"""A merged file has every page of its parts with everything that belonged to them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from services.file_ops.assembly.merge import PagesDoNotMatchFiles, TooManyInputs, merge
from services.file_ops.contracts.assembly import MergeOptions
from shared.errors import DamagedFile, EncryptedPdf, NoPages, SignedPdf, WrongPassword
from shared.media_types import PDF
from shared.operation import InputFile
from shared.pdf.page_ranges import PagesOutOfRange
from tests.running_platform import RunningPlatform
from tests.services.file_ops.assembled_documents import (
    check,
    fields_of,
    given,
    link_targets,
    looks,
    opened,
    outline_of,
    page_content,
    rich_document,
    text_document,
    texts,
)


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two rich documents that share every name."""
    return [rich_document(tmp_path / f"{name}.pdf", name) for name in ("one", "two")]


def merged(tmp_path: Path, *paths: Path, password: str | None = None, **options: Any) -> tuple[Path, dict[str, Any]]:
    target = tmp_path / "merged.pdf"
    result = merge(given(*paths), target, MergeOptions(**options), password=password)
    check(target) if password is None else None
    return target, result


def test_pages_come_in_order_and_look_read_and_measure_as_before(two: list[Path], tmp_path: Path) -> None:
    target, result = merged(tmp_path, *two)

    assert texts(target) == [text for path in two for text in texts(path)]
    assert looks(target) == [look for path in two for look in looks(path)]
    parts = [content for path in two for content in page_content(opened(path))]
    assert page_content(opened(target)) == parts
    assert (result["pages"], [file["pages"] for file in result["files"]]) == (8, [4, 4])
    assert result["bytes"] == target.stat().st_size


def test_links_between_pages_of_merged_files_still_lead_to_their_pages(two: list[Path], tmp_path: Path) -> None:
    target, result = merged(tmp_path, *two)

    web = "https://example.org/"
    found = [(1, 3), (1, 4), (1, 2), (1, web), (5, 7), (5, 8), (5, 6), (5, web)]
    assert link_targets(opened(target)) == found
    assert result["renamed"]["named_destinations_count"] == 2
    assert result["links_left_out"] == 0


def test_outlines_nest_below_the_titles_of_their_files(two: list[Path], tmp_path: Path) -> None:
    target, _ = merged(tmp_path, *two)

    assert outline_of(opened(target)) == [
        (1, "Title of one", 1), (2, "one part 1", 1), (3, "one page 2", 2), (2, "one part 2", 3),
        (1, "Title of two", 5), (2, "two part 1", 5), (3, "two page 2", 6), (2, "two part 2", 7),
    ]  # fmt: skip


def test_outlines_may_stand_one_after_the_other_or_be_left_out(two: list[Path], tmp_path: Path) -> None:
    flat, _ = merged(tmp_path, *two, outline="flat")
    titles = [title for _, title, _ in outline_of(opened(flat))]
    assert titles == ["one part 1", "one page 2", "one part 2", "two part 1", "two page 2", "two part 2"]

    none, _ = merged(tmp_path, *two, outline="none")
    assert outline_of(opened(none)) == []


def test_fields_of_one_name_become_separate_fields_that_keep_their_values(two: list[Path], tmp_path: Path) -> None:
    target, result = merged(tmp_path, *two)

    pdf = opened(target)
    assert fields_of(pdf) == {"name": "one", "color": "red", "name_2": "two", "color_2": "red"}
    assert {"from": "name", "to": "name_2"} in result["renamed"]["fields"]
    assert "/Helv" in pdf.Root.AcroForm.DR.Font


def test_a_font_name_that_means_another_font_in_another_form_gets_a_new_name(two: list[Path], tmp_path: Path) -> None:
    with pikepdf.open(two[1], allow_overwriting_input=True) as pdf:
        pdf.Root.AcroForm.DR.Font.Helv.BaseFont = pikepdf.Name.Courier
        pdf.save(two[1])

    target, _ = merged(tmp_path, *two)

    pdf = opened(target)
    form = pdf.Root.AcroForm
    first, second = (field for field in form.Fields if "/Kids" not in field)
    fonts = [str(form.DR.Font[bytes(field.DA).split()[0].decode()].BaseFont) for field in (first, second)]
    assert fonts == ["/Helvetica", "/Courier"]


def test_every_attached_file_is_kept_under_a_name_of_its_own(two: list[Path], tmp_path: Path) -> None:
    target, result = merged(tmp_path, *two)

    pdf = opened(target)
    files = {spec.filename: spec.get_file().read_bytes() for spec in pdf.attachments.values()}
    assert files == {"note.txt": b"note of one", "note (2).txt": b"note of two"}
    assert result["renamed"]["attachments"] == [{"from": "note.txt", "to": "note (2).txt"}]


def test_each_file_keeps_its_page_labels_and_one_without_counts_from_1(two: list[Path], tmp_path: Path) -> None:
    plain = text_document(tmp_path / "plain.pdf", "plain")

    target, _ = merged(tmp_path, two[0], plain, two[1])

    roman = ["i", "ii", "iii", "iv"]
    assert [page.label for page in opened(target).pages] == [*roman, "1", "2", "3", *roman]


def test_layers_keep_their_names_and_whether_they_show(two: list[Path], tmp_path: Path) -> None:
    target, _ = merged(tmp_path, *two)

    pdf = opened(target)
    properties = pdf.Root.OCProperties
    assert [str(layer.Name) for layer in properties.OCGs] == ["one shown", "one hidden", "two shown", "two hidden"]
    assert [str(layer.Name) for layer in properties.D.OFF] == ["one hidden", "two hidden"]
    assert [str(row[0]) for row in properties.D.Order] == ["Title of one", "Title of two"]
    assert all("/BinderyLayer" not in layer for layer in properties.OCGs)


def test_layers_that_are_hidden_unless_named_stay_hidden(two: list[Path], tmp_path: Path) -> None:
    with pikepdf.open(two[1], allow_overwriting_input=True) as pdf:
        config = pdf.Root.OCProperties.D
        config.BaseState, config.ON = pikepdf.Name.OFF, pikepdf.Array([])
        pdf.save(two[1])

    target, _ = merged(tmp_path, *two)

    config = opened(target).Root.OCProperties.D
    assert config.BaseState == pikepdf.Name.ON
    assert [str(layer.Name) for layer in config.OFF] == ["one hidden", "two shown", "two hidden"]


def test_what_a_form_says_for_all_its_fields_is_passed_on_to_them(two: list[Path], tmp_path: Path) -> None:
    for path, look, alignment in zip(two, ("/Helv 0 Tf 0 g", "/Helv 9 Tf 1 0 0 rg"), (0, 2), strict=True):
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            form = pdf.Root.AcroForm
            form.DA, form.Q = pikepdf.String(look), alignment
            form.CO = pikepdf.Array([form.Fields[1]])
            names = pdf.Root.Names
            script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"// {path.stem}"))
            names.JavaScript = pikepdf.Dictionary(Names=[pikepdf.String("init"), script])
            pdf.save(path)

    target, _ = merged(tmp_path, *two)

    pdf = opened(target)
    form = pdf.Root.AcroForm
    fields = {str(field.T): field for field in form.Fields}
    assert (str(form.DA), int(form.Q)) == ("/Helv 0 Tf 0 g", 0)
    assert (str(fields["color_2"].DA), int(fields["color_2"].Q)) == ("/Helv 9 Tf 1 0 0 rg", 2)
    assert str(fields["name_2"].DA) == "/Helv 10 Tf 0 g"
    assert "/DA" not in fields["color"]
    assert [str(field.T) for field in form.CO] == ["color", "color_2"]
    scripts = {name: str(script.JS) for name, script in pikepdf.NameTree(pdf.Root.Names.JavaScript).items()}
    assert scripts == {"init": "// one", "init_2": "// two"}


def test_the_merged_file_opens_as_the_first_one_does(two: list[Path], tmp_path: Path) -> None:
    with pikepdf.open(two[0], allow_overwriting_input=True) as pdf:
        action = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.String("last"))
        pdf.Root.OpenAction, pdf.Root.PageLayout = action, pikepdf.Name.TwoPageRight
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(two[0])

    pdf = opened(merged(tmp_path, *two)[0])

    assert pdf.Root.OpenAction[0].objgen == pdf.pages[3].obj.objgen
    assert pdf.Root.PageLayout == pikepdf.Name.TwoPageRight
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle) is True


def test_only_the_chosen_pages_come_and_what_leads_to_others_goes(two: list[Path], tmp_path: Path) -> None:
    target, result = merged(tmp_path, *two, pages=["1,3", "-1"])

    assert texts(target) == ["one page 1", "one page 3", "two page 4"]
    pdf = opened(target)
    assert link_targets(pdf) == [(1, 2), (1, "https://example.org/")]
    assert result["links_left_out"] == 2
    assert [row[1:] for row in outline_of(pdf)] == [
        ("Title of one", 1), ("one part 1", 1), ("one part 2", 2), ("Title of two", 3)
    ]  # fmt: skip
    assert fields_of(pdf) == {"name": "one", "color": "red"}


def test_a_page_may_be_named_twice_and_its_fields_stay_apart(two: list[Path], tmp_path: Path) -> None:
    target, _ = merged(tmp_path, two[0], pages=["1,1,2"])

    assert texts(target) == ["one page 1", "one page 1", "one page 2"]
    assert fields_of(opened(target)) == {"name": "one", "color": "red", "name_2": "one", "color_2": "red"}


def test_metadata_comes_from_the_first_file_or_from_none(two: list[Path], tmp_path: Path) -> None:
    first, _ = merged(tmp_path, *two)
    pdf = opened(first)
    assert (str(pdf.docinfo["/Title"]), str(pdf.docinfo["/Author"])) == ("Title of one", "Author of one")

    titled, _ = merged(tmp_path, *two, title="Both")
    pdf = opened(titled)
    assert (str(pdf.docinfo["/Title"]), str(pdf.docinfo["/Author"])) == ("Both", "Author of one")
    assert pdf.open_metadata()["dc:title"] == "Both"

    none, _ = merged(tmp_path, *two, metadata="none")
    assert "/Author" not in opened(none).docinfo


def test_equal_pictures_and_fonts_of_several_files_are_kept_once(tmp_path: Path) -> None:
    paths = [text_document(tmp_path / f"{number}.pdf", f"text {number}", pages=1) for number in range(5)]
    noise = random.Random(1).randbytes(90_000)
    for path in paths:
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            mask = pdf.make_stream(noise[:30_000], Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
            picture = pdf.make_stream(noise, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, SMask=mask)
            pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(Im0=picture)
            pdf.save(path)

    target, result = merged(tmp_path, *paths)

    pdf = opened(target)
    pictures = [page.obj.Resources.XObject.Im0 for page in pdf.pages]
    assert len({picture.objgen for picture in pictures}) == len({picture.SMask.objgen for picture in pictures}) == 1
    assert pictures[0].read_bytes() == noise
    assert result["shared_bytes"] > 0


def test_hundreds_of_files_are_merged_within_a_few_open_ones(tmp_path: Path) -> None:
    paths = [text_document(tmp_path / f"{number:03d}.pdf", f"text {number}", pages=1) for number in range(300)]

    target, _ = merged(tmp_path, *paths)

    assert texts(target) == [f"text {number} page 1" for number in range(300)]


def test_a_file_that_needs_a_password_makes_the_merged_one_need_it_too(two: list[Path], tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    opened(two[1]).save(locked, encryption=pikepdf.Encryption(owner="secret", user="secret"))

    target, result = merged(tmp_path, two[0], locked, password="secret")

    assert texts(target, password="secret") == texts(two[0]) + texts(two[1])
    assert result["protected"] is True
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(target)


def test_an_error_names_the_file_by_position_and_name(two: list[Path], tmp_path: Path) -> None:
    locked, broken, empty = tmp_path / "locked.pdf", tmp_path / "broken.pdf", tmp_path / "empty.pdf"
    opened(two[1]).save(locked, encryption=pikepdf.Encryption(owner="secret", user="secret"))
    broken.write_bytes(b"%PDF-1.7\nnothing")
    pikepdf.new().save(empty)
    cases: list[tuple[Path, str | None, list[str] | None, type[Exception]]] = [
        (locked, None, None, EncryptedPdf),
        (locked, "wrong", None, WrongPassword),
        (broken, None, None, DamagedFile),
        (empty, None, None, NoPages),
        (two[1], None, ["1", "9"], PagesOutOfRange),
    ]
    for path, password, pages, error in cases:
        with pytest.raises(error, match=rf"^File 2 \({path.name}\): "):
            merged(tmp_path, two[0], path, password=password, pages=pages)


def test_a_signed_file_is_merged_only_by_who_accepts_to_lose_the_signature(two: list[Path], tmp_path: Path) -> None:
    with pikepdf.open(two[1], allow_overwriting_input=True) as pdf:
        value = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3]))
        field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=pikepdf.String("sig"), V=value)
        pdf.Root.AcroForm.Fields.append(pdf.make_indirect(field))
        pdf.save(two[1])

    with pytest.raises(SignedPdf, match="File 2"):
        merged(tmp_path, *two)

    _, result = merged(tmp_path, *two, break_signature=True)
    assert result["signatures_removed"] == 1


def test_what_cannot_be_merged_is_said(two: list[Path], tmp_path: Path) -> None:
    with pikepdf.open(two[0], allow_overwriting_input=True) as pdf:
        pdf.Root.AcroForm.XFA = pdf.make_stream(b"<template/>")
        with pdf.open_metadata() as packet:
            packet["pdfaid:part"] = "2"
        pdf.save(two[0])

    target, result = merged(tmp_path, *two)

    assert any("XFA" in words for words in result["left_out"])
    assert any("pdfaid" in words for words in result["left_out"])
    assert "pdfaid:part" not in opened(target).open_metadata()


def test_forms_of_the_corpus_look_the_same_side_by_side(tmp_path: Path, corpus: Path) -> None:
    stems = ["form__fancy_fields", "form__pdffill-demo", "office__google-doc-document", "slides__fill_form"]
    paths = [corpus / "pdf" / f"{stem}.pdf" for stem in stems]

    target, _ = merged(tmp_path, *paths, *paths)

    assert texts(target) == [text for path in paths for text in texts(path)] * 2
    assert looks(target) == [look for path in paths for look in looks(path)] * 2


def test_a_form_that_viewers_were_to_draw_is_drawn_and_the_others_stay_as_they_are(
    tmp_path: Path, corpus: Path
) -> None:
    undrawn, fancy = (corpus / "pdf" / f"form__{stem}.pdf" for stem in ("libreoffice-form", "fancy_fields"))

    target, _ = merged(tmp_path, undrawn, fancy)

    pdf = opened(target)
    assert "/NeedAppearances" not in pdf.Root.AcroForm
    assert looks(target)[1:] == looks(fancy)
    (alice,) = (field for field in pdf.Root.AcroForm.Fields if str(field.get("/V")) == "Alice")
    assert b"Tj" in alice.AP.N.read_bytes()


def test_a_damaged_catalogue_costs_what_is_damaged_and_no_page(two: list[Path], tmp_path: Path) -> None:
    damaged = text_document(tmp_path / "damaged.pdf", "damaged")
    with pikepdf.open(damaged, allow_overwriting_input=True) as pdf:
        for key in ("/Outlines", "/AcroForm", "/StructTreeRoot", "/OCProperties", "/PageLabels", "/Names", "/Dests"):
            pdf.Root[key] = pikepdf.Array([1, pikepdf.Name.X, pikepdf.Array([pdf.Root])])
        pdf.pages[1].obj.Annots = pikepdf.Array([3, pikepdf.Dictionary(), pdf.Root])
        pdf.save(damaged)

    target, _ = merged(tmp_path, damaged, two[1])

    assert texts(target) == texts(damaged) + texts(two[1])


def test_pages_must_be_given_for_every_file(two: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PagesDoNotMatchFiles, match="1 entries for 2 files"):
        merged(tmp_path, *two, pages=["1"])
    with pytest.raises(TooManyInputs):
        merge([InputFile(two[0], "one.pdf", PDF.name)] * 1001, tmp_path / "merged.pdf", MergeOptions())


def test_files_are_merged_over_http_in_the_order_of_their_sending(platform: RunningPlatform, two: list[Path]) -> None:
    files = [("file", (path.name, path.read_bytes())) for path in reversed(two)]
    with httpx.Client(base_url=platform.url, timeout=60) as client:
        posted = client.post("/v1/merge", files=files, data={"outline": "flat", "pages": '["1", null]'})
        job = client.get(f"/v1/jobs/{posted.json()['id']}?wait=30").json()

    assert job["status"] == "completed"
    assert job["result"]["files"] == [{"name": "two.pdf", "pages": 1}, {"name": "one.pdf", "pages": 4}]
