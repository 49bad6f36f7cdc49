"""Flattened pages look as they did before, and nothing of the form or of the comments is left to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.contracts.forms import FillForm, Flatten
from services.file_ops.forms.fill_form import fill_form
from services.file_ops.forms.flatten import flatten
from services.file_ops.forms.xfa import DynamicXfa
from services.file_ops.lettering.script_rules import ShapingNeeded
from shared.errors import DamagedFile, EncryptedPdf, SignedPdf
from shared.pdf.open_document import open_document
from tests.services.file_ops.form_documents import FormDocument
from tests.services.file_ops.page_pixels import assert_opens, ink, looks_alike, pixels, text

HIDDEN, PRINT, NO_ROTATE, NO_VIEW = 2, 4, 16, 32


def _flat(form: FormDocument, folder: Path, **options: Any) -> tuple[Path, dict[str, Any]]:
    source = form.save(folder / "in.pdf")
    result = flatten(source, folder / "out.pdf", Flatten(**options))
    assert_opens(folder / "out.pdf")
    return folder / "out.pdf", result


def _annotate(form: FormDocument, kind: str, rect: tuple[float, ...], **entries: Any) -> Any:
    annotation = form.pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array(list(rect)), F=PRINT)
    )
    for key, value in entries.items():
        annotation["/" + key] = Array(value) if isinstance(value, list) else value
    form.pdf.pages[0].obj.Annots.append(annotation)
    return annotation


def _arrow(form: FormDocument, **entries: Any) -> Any:
    """A look without symmetry: an L of two bars, so that every turn and mirror image differs."""
    return Dictionary(N=form.look(b"0 g 0 0 10 60 re f 0.5 g 0 0 30 8 re f", 30, 60, **entries))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "look",
    [
        {},
        {"Matrix": Array([0, 1, -1, 0, 0, 0])},
        {"Matrix": Array([0.7, 0.7, -0.7, 0.7, 13, -5])},
        {"BBox": Array([5, -10, 25, 40])},
        {"BBox": Array([30, 60, 0, 0]), "Matrix": Array([2, 0, 0, -1, 0, 0])},
    ],
    ids=["plain", "turned", "aslant", "odd box", "backwards"],
)
def test_a_comment_stays_where_viewers_show_it(tmp_path: Path, turn: int, look: dict[str, Any]) -> None:
    form = FormDocument(rotate=turn)
    _annotate(form, "Stamp", (100, 200, 250, 320), AP=_arrow(form, **look))
    before = pixels(form.save(tmp_path / "in.pdf"))

    target, result = _flat(form, tmp_path)

    assert before.min() < 100
    assert looks_alike(before, pixels(target))
    assert result["flattened"] == {"Stamp": 1}
    with pikepdf.open(target) as pdf:
        assert "/Annots" not in pdf.pages[0].obj


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_comment_that_does_not_turn_with_its_page_stays_upright(tmp_path: Path, turn: int) -> None:
    form = FormDocument(rotate=turn)
    _annotate(form, "Stamp", (150, 300, 180, 360), AP=_arrow(form), F=PRINT | NO_ROTATE)

    target, _ = _flat(form, tmp_path)

    left, top, right, bottom = ink(pixels(target), darker_than=160)
    assert (right - left, bottom - top) == (pytest.approx(30, abs=1), pytest.approx(60, abs=1))
    corner = {0: (150, 240), 90: (360, 150), 180: (250, 360), 270: (240, 250)}[turn]
    assert (left, top) == pytest.approx(corner, abs=1)


def test_a_filled_form_looks_the_same_when_it_is_flat(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560), MK=Dictionary(BC=Array([0]), BG=Array([0.9, 0.9, 1])))
    form.add("lines", "Tx", (20, 440, 220, 520), flags=1 << 12)
    form.add("tick", "Btn", (20, 360, 40, 380), MK=Dictionary(BC=Array([0])))
    form.add("list", "Ch", (20, 160, 220, 220), Opt=Array([String(each) for each in ("one", "two")]))
    values = {"text": "Zoë", "lines": "first\nsecond", "tick": True, "list": "two"}
    fill_form(form.save(tmp_path / "in.pdf"), tmp_path / "filled.pdf", FillForm(values=values))

    flatten(tmp_path / "filled.pdf", tmp_path / "flat.pdf", Flatten())
    fill_form(tmp_path / "in.pdf", tmp_path / "both.pdf", FillForm(values=values, flatten=True))

    filled = pixels(tmp_path / "filled.pdf", forms=True)
    assert looks_alike(filled, pixels(tmp_path / "flat.pdf"))
    assert looks_alike(filled, pixels(tmp_path / "both.pdf"))
    assert {"Zoë", "first", "second", "one", "two"} <= set(text(tmp_path / "flat.pdf").split())
    with pikepdf.open(tmp_path / "flat.pdf") as pdf:
        assert "/AcroForm" not in pdf.Root


def test_values_that_were_never_drawn_are_drawn_first(tmp_path: Path) -> None:
    form = FormDocument(NeedAppearances=True)
    form.add("text", "Tx", (20, 540, 220, 560), V=String("value"))
    tick = form.add("tick", "Btn", (20, 360, 60, 400), V=Name.Yes, AS=Name.Yes)
    assert "/AP" not in tick

    target, result = _flat(form, tmp_path)

    assert text(target) == "value"
    assert ink(pixels(target)[195:245, 15:65])[2] > 25
    assert result["flattened"] == {"Widget": 2}


def test_a_look_that_is_older_than_its_value_is_drawn_anew_where_the_form_says_so(tmp_path: Path) -> None:
    form = FormDocument(NeedAppearances=True)
    field = form.add("text", "Tx", (20, 540, 220, 560), V=String("new"))
    field.AP = Dictionary(N=form.look(b"", 200, 20))

    assert text(_flat(form, tmp_path)[0]) == "new"


def test_a_value_that_cannot_be_drawn_is_no_silent_loss(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560), V=String("سلام"))

    with pytest.raises(ShapingNeeded):
        _flat(form, tmp_path)


def test_a_look_without_resources_finds_those_of_the_form(tmp_path: Path) -> None:
    form = FormDocument()
    field = form.add("text", "Tx", (20, 540, 220, 560), V=String("look"))
    look = form.look(b"/Tx BMC BT /Helv 12 Tf 2 5 Td (look) Tj ET EMC", 200, 20)
    del look["/Resources"]
    field.AP = Dictionary(N=look)

    assert text(_flat(form, tmp_path)[0]) == "look"


@pytest.mark.parametrize(
    ("flags", "screen", "paper"),
    [
        (PRINT, True, True),
        (0, True, False),
        (PRINT | HIDDEN, False, False),
        (PRINT | NO_VIEW, False, True),
    ],
)
def test_only_what_is_seen_becomes_content(tmp_path: Path, flags: int, screen: bool, paper: bool) -> None:
    for seen_as, expected in (("screen", screen), ("print", paper)):
        form = FormDocument()
        _annotate(form, "Stamp", (100, 200, 250, 320), AP=_arrow(form), F=flags)

        target, result = _flat(form, tmp_path, seen_as=seen_as)

        assert bool(pixels(target).min() < 100) is expected
        assert result["not_shown"] == ({} if expected else {"Stamp": 1})
        with pikepdf.open(target) as pdf:
            assert "/Annots" not in pdf.pages[0].obj


def test_a_button_shows_its_state_and_no_other(tmp_path: Path) -> None:
    form = FormDocument()
    for index, state in enumerate(("Yes", "Off")):
        tick = form.add(f"tick{index}", "Btn", (20 + 100 * index, 360, 40 + 100 * index, 380))
        form.states(tick, "Yes")
        tick.AS = Name("/" + state)

    picture = pixels(_flat(form, tmp_path)[0])

    assert picture[230, 30].max() < 20
    assert picture[230, 130].min() > 230


def test_links_stay_unless_they_are_to_go(tmp_path: Path) -> None:
    form = FormDocument()
    action = Dictionary(S=Name.URI, URI=String("https://example.org"))
    _annotate(form, "Link", (100, 200, 250, 320), A=action, Border=Array([0, 0, 2]))
    _annotate(form, "Popup", (10, 10, 50, 50))

    kept, result = _flat(form, tmp_path)
    with pikepdf.open(kept) as pdf:
        assert [str(each.Subtype) for each in pdf.pages[0].obj.Annots] == ["/Link"]
    assert (result["kept"], result["not_shown"]) == ({"Link": 1}, {"Popup": 1})

    gone, result = _flat(form, tmp_path, keep_links=False)
    with pikepdf.open(gone) as pdf:
        assert "/Annots" not in pdf.pages[0].obj
    assert ink(pixels(gone)) == (100, 280, 250, 400)


def test_comments_whose_text_is_only_in_a_popup_are_counted(tmp_path: Path) -> None:
    form = FormDocument()
    _annotate(form, "Highlight", (100, 200, 200, 220), C=RED, QuadPoints=QUADS, Contents=String("please check"))
    _annotate(form, "Stamp", (100, 300, 200, 320), AP=_arrow(form))

    assert _flat(form, tmp_path)[1]["comment_texts_gone"] == {"Highlight": 1}


def test_attached_files_are_never_lost(tmp_path: Path) -> None:
    form = FormDocument()
    _annotate(form, "FileAttachment", (100, 200, 120, 220), FS=Dictionary(Type=Name.Filespec, F=String("a.txt")))

    target, result = _flat(form, tmp_path)

    assert result["kept"] == {"FileAttachment": 1}
    with pikepdf.open(target) as pdf:
        assert pdf.pages[0].obj.Annots[0].FS.F == "a.txt"


def test_forms_and_comments_can_be_flattened_apart(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560), V=String("value"))
    _annotate(form, "Stamp", (100, 200, 250, 320), AP=_arrow(form))

    _, forms_only = _flat(form, tmp_path, annotations=False)
    assert (forms_only["flattened"], forms_only["kept"]) == ({"Widget": 1}, {"Stamp": 1})

    target, comments_only = _flat(form, tmp_path, forms=False)
    assert (comments_only["flattened"], comments_only["kept"]) == ({"Stamp": 1}, {"Widget": 1})
    with pikepdf.open(target) as pdf:
        assert len(pdf.Root.AcroForm.Fields) == 1


RED = [1, 0, 0]
QUADS = [100, 220, 200, 220, 100, 200, 200, 200]


@pytest.mark.parametrize(
    ("kind", "entries", "where"),
    [
        ("Square", {"C": RED}, (100, 380, 200, 400)),
        ("Square", {"IC": RED, "Border": [0, 0, 0]}, (100, 380, 200, 400)),
        ("Circle", {"C": RED, "BS": Dictionary(W=3)}, (100, 380, 200, 400)),
        ("Line", {"C": RED, "L": [100, 210, 200, 210], "BS": Dictionary(W=4)}, (100, 388, 200, 392)),
        ("Polygon", {"C": RED, "IC": RED, "Vertices": [110, 205, 190, 205, 150, 215]}, (107, 384, 193, 396)),
        ("PolyLine", {"C": RED, "Vertices": [110, 205, 190, 205]}, (110, 394, 190, 396)),
        ("Ink", {"C": RED, "InkList": [[110, 205, 190, 205]]}, (110, 394, 190, 396)),
        ("Underline", {"C": RED, "QuadPoints": QUADS}, (100, 397, 200, 399)),
        ("StrikeOut", {"C": RED, "QuadPoints": QUADS}, (100, 390, 200, 392)),
        ("Squiggly", {"C": RED, "QuadPoints": QUADS}, (100, 396, 200, 400)),
        ("Highlight", {"C": RED, "QuadPoints": QUADS}, (100, 380, 200, 400)),
    ],
)
def test_comments_without_a_look_get_one(
    tmp_path: Path, kind: str, entries: dict[str, Any], where: tuple[int, int, int, int]
) -> None:
    form = FormDocument()
    _annotate(form, kind, (100, 200, 200, 220), **entries)

    picture = pixels(_flat(form, tmp_path)[0])

    assert ink(picture, darker_than=200) == pytest.approx(where, abs=1.5)
    assert picture[:, :, 0].min() > 200


def test_free_text_without_a_look_is_written(tmp_path: Path) -> None:
    form = FormDocument()
    _annotate(form, "FreeText", (100, 200, 200, 240), Contents=String("a note"), DA=String("/Helv 12 Tf 0 0 1 rg"))

    assert text(_flat(form, tmp_path)[0]) == "a note"


def test_a_free_text_that_cannot_be_written_stays_a_comment(tmp_path: Path) -> None:
    form = FormDocument()
    _annotate(form, "FreeText", (100, 200, 200, 240), Contents=String("سلام"))

    target, result = _flat(form, tmp_path)

    assert (result["kept"], result["not_drawable"]) == ({"FreeText": 1}, {"FreeText": 1})
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages[0].obj.Annots) == 1


def test_a_highlight_leaves_the_text_under_it_readable(tmp_path: Path) -> None:
    form = FormDocument()
    form.pdf.pages[0].obj.Contents = form.pdf.make_stream(b"0 g 120 205 20 10 re f")
    _annotate(form, "Highlight", (100, 200, 200, 220), C=Array([1, 1, 0]), QuadPoints=QUADS)

    picture = pixels(_flat(form, tmp_path)[0])

    assert picture[390, 130].max() < 10
    assert picture[390, 110].tolist() == [255, 255, 0]


def test_a_tagged_form_stays_tagged(tmp_path: Path) -> None:
    form = FormDocument()
    field = form.add("text", "Tx", (20, 540, 220, 560), V=String("value"), StructParent=0)
    hidden = form.add("gone", "Tx", (20, 500, 220, 520), F=HIDDEN, StructParent=1)
    pdf, page = form.pdf, form.pdf.pages[0].obj
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, ParentTreeNextKey=2))
    elements = [
        pdf.make_indirect(Dictionary(S=Name.Form, P=root, K=Array([Dictionary(Type=Name.OBJR, Obj=each, Pg=page)])))
        for each in (field, hidden)
    ]
    root.K = Array(elements)
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([0, elements[0], 1, elements[1]])))
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = root, Dictionary(Marked=True)

    target, _ = _flat(form, tmp_path)

    with pikepdf.open(target) as flat:
        kept, gone = flat.Root.StructTreeRoot.K
        assert kept.K[0].Type == Name.MCR
        number = int(kept.K[0].MCID)
        parents = pikepdf.NumberTree(flat.Root.StructTreeRoot.ParentTree)
        assert parents[int(flat.pages[0].obj.StructParents)][number].objgen == kept.objgen
        assert len(gone.K) == 0
        marks = [each for each in pikepdf.parse_content_stream(flat.pages[0], "BDC") if each.operands[0] == Name.Form]
        assert [int(each.operands[1].MCID) for each in marks] == [number]
        assert not [
            each for each in flat.objects if isinstance(each, Dictionary) and each.get("/Subtype") == Name.Widget
        ]


def test_a_structure_tree_that_lacks_an_annotation_does_no_harm(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560), V=String("value"), StructParent=7)
    form.pdf.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, ParentTree=Dictionary(Nums=Array()))

    target, _ = _flat(form, tmp_path)

    assert text(target) == "value"


def test_a_comment_of_a_hidden_layer_stays_hidden(tmp_path: Path) -> None:
    form = FormDocument()
    layer = form.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("notes")))
    form.pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    _annotate(form, "Stamp", (100, 200, 250, 320), AP=_arrow(form), OC=layer)

    target, _ = _flat(form, tmp_path)

    assert pixels(target).min() == 255


def test_a_signed_document_is_flattened_only_when_its_signature_may_break(tmp_path: Path) -> None:
    form = FormDocument()
    value = Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String(b"0" * 20))
    form.add("sign", "Sig", (20, 500, 220, 520), V=form.pdf.make_indirect(value), AP=_arrow(form))

    with pytest.raises(SignedPdf):
        _flat(form, tmp_path)
    target, result = _flat(form, tmp_path, break_signature=True)
    assert result["signatures_removed"] == 1
    assert pixels(target).min() < 50


def test_broken_annotations_are_passed_over(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560), V=String("value"))
    annotations = form.pdf.pages[0].obj.Annots
    annotations.append(String("no annotation"))
    _annotate(form, "Stamp", (1, 2), AP=_arrow(form))
    _annotate(form, "Stamp", (100, 200, 100, 200), AP=_arrow(form))
    _annotate(form, "Stamp", (100, 200, 200, 300), AP=Dictionary(N=Dictionary(On=form.look(b"", 1, 1))))
    _annotate(form, "Square", (100, 200, 200, 300), C=Array([String("x")]))
    _annotate(form, "Line", (100, 200, 200, 300), C=RED, L=String("x"))

    target, result = _flat(form, tmp_path)

    assert text(target) == "value"
    assert result["without_look"]["Stamp"] == 3


@pytest.mark.heavy
def test_the_whole_corpus_is_flattened_and_looks_the_same(tmp_path: Path, corpus: Path) -> None:
    flat = 0
    for source in sorted((corpus / "pdf").glob("*.pdf")):
        try:
            with open_document(source, None) as pdf:
                if len(pdf.pages) > 60 or not any("/Annots" in page.obj for page in pdf.pages):
                    continue
            flatten(source, tmp_path / "out.pdf", Flatten(break_signature=True))
        except (EncryptedPdf, DamagedFile, DynamicXfa):
            continue
        assert_opens(tmp_path / "out.pdf")
        before, after = pixels(source, forms=True), pixels(tmp_path / "out.pdf")
        # Fields are smoothed otherwise than page content; colours and places are the same.
        assert np.abs(before - after).mean() < 2, source.name
        flat += 1
    assert flat >= 15
