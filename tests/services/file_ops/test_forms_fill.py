"""What is filled in is what is read back and what every viewer shows; what does not fit is named, all of it at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from services.file_ops.contracts.forms import FillForm
from services.file_ops.forms.checking import WrongValues
from services.file_ops.forms.fill_form import fill_form
from services.file_ops.forms.read_form import read_form
from services.file_ops.forms.xfa import DynamicXfa
from services.file_ops.lettering.script_rules import ShapingNeeded
from shared.errors import SignedPdf
from tests.running_platform import RunningPlatform
from tests.services.file_ops.form_documents import FormDocument
from tests.services.file_ops.page_pixels import assert_opens, ink, pixels, text

READ_ONLY, REQUIRED, MULTILINE, PASSWORD, COMB = 1, 2, 1 << 12, 1 << 13, 1 << 24
RADIO, PUSH_BUTTON, COMBO, EDIT, MULTI_SELECT = 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 21


def _fill(form: FormDocument, folder: Path, values: dict[str, Any], **options: Any) -> dict[str, Any]:
    source = form.save(folder / "in.pdf")
    result = fill_form(source, folder / "out.pdf", FillForm(values=values, **options))
    assert_opens(folder / "out.pdf")
    return result


def _values(path: Path) -> dict[str, Any]:
    return {field["name"]: field["value"] for field in read_form(path)["fields"]}


def _every_kind() -> FormDocument:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560))
    form.add("lines", "Tx", (20, 440, 220, 520), flags=MULTILINE)
    form.add("comb", "Tx", (20, 400, 220, 420), flags=COMB, MaxLen=10)
    form.states(form.add("tick", "Btn", (20, 360, 40, 380)), "Ja")
    radio = form.add("radio", "Btn", (20, 320, 40, 340), (60, 320, 80, 340), flags=RADIO)
    for widget, state in zip(radio.Kids, ("one", "two"), strict=True):
        form.states(widget, state)
    options = Array([Array([String("de"), String("Deutschland")]), Array([String("fr"), String("Frankreich")])])
    form.add("drop", "Ch", (20, 280, 220, 300), flags=COMBO, Opt=options)
    form.add("edit", "Ch", (20, 240, 220, 260), flags=COMBO | EDIT, Opt=Array([String("a"), String("b")]))
    form.add("many", "Ch", (20, 160, 220, 220), flags=MULTI_SELECT, Opt=Array([String(each) for each in "xyz"]))
    return form


EVERYTHING = {
    "text": "Zoë Müller",
    "lines": "first\nsecond",
    "comb": "AB12",
    "tick": True,
    "radio": "two",
    "drop": "fr",
    "edit": "something else",
    "many": ["x", "z"],
}


def test_what_is_filled_in_is_read_back(tmp_path: Path) -> None:
    result = _fill(_every_kind(), tmp_path, EVERYTHING)

    assert _values(tmp_path / "out.pdf") == EVERYTHING
    assert result["filled"] == len(EVERYTHING)
    assert result["text_cut_off"] == []


def test_each_value_is_seen_and_found_in_the_file_itself(tmp_path: Path) -> None:
    _fill(_every_kind(), tmp_path, EVERYTHING)

    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        shown = {
            str(widget.get("/T", "")): widget.AP.N.read_bytes()
            for widget in pdf.pages[0].obj.Annots
            if isinstance(widget.AP.N, pikepdf.Stream)
        }
        assert b"Zo\xeb M\xfcller" in shown["text"]
        assert b"Frankreich" in shown["drop"]
        assert "/NeedAppearances" not in pdf.Root.AcroForm
    picture = pixels(tmp_path / "out.pdf", forms=True)
    # The tick and the second radio button are drawn, the first is not.
    assert picture[230, 30].max() < 20
    assert picture[270, 70].max() < 20
    assert picture[270, 30].min() > 230
    # The chosen lines of the list are marked: x and z, not y.
    marked = [(picture[y, 200] != 255).any() for y in (387, 399, 411)]
    assert marked == [True, False, True]


def test_a_chosen_option_is_in_sight_however_long_the_list(tmp_path: Path) -> None:
    form = FormDocument()
    options = [f"option {number}" for number in range(40)]
    form.add("list", "Ch", (20, 500, 220, 560), Opt=Array([String(each) for each in options]))

    _fill(form, tmp_path, {"list": "option 30"}, flatten=True)

    shown = text(tmp_path / "out.pdf").split("\r\n")
    assert "option 30" in shown
    assert "option 0" not in shown


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="cp1252", exclude_categories=("Cc", "Cf")), max_size=30), st.booleans())
def test_any_latin_text_comes_back_as_it_was(tmp_path: Path, words: str, ticked: bool) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560))
    form.add("tick", "Btn", (20, 360, 40, 380))

    source = form.save(tmp_path / "in.pdf")
    fill_form(source, tmp_path / "out.pdf", FillForm(values={"text": words, "tick": ticked}))

    assert _values(tmp_path / "out.pdf") == {"text": words, "tick": ticked}


def test_all_problems_are_named_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    form = _every_kind()
    form.add("locked", "Tx", (300, 540, 380, 560), flags=READ_ONLY)
    form.add("press", "Btn", (300, 500, 380, 520), flags=PUSH_BUTTON)
    form.add("sign", "Sig", (300, 460, 380, 480))
    wrong = {
        "Text": "unknown name",
        "text": True,
        "comb": "12345678901",
        "tick": "Nein",
        "radio": True,
        "drop": "Italien",
        "many": ["x", "q"],
        "locked": "x",
        "press": "x",
        "sign": "x",
    }
    with pytest.raises(WrongValues) as caught:
        _fill(form, tmp_path, wrong)

    problems = {each["field"]: each["problem"] for each in caught.value.details["problems"]}
    assert set(problems) == set(wrong)
    assert "is 'text' meant" in problems["Text"]
    assert "at most 10" in problems["comb"]
    assert "'Ja'" in problems["tick"]
    assert "'one', 'two'" in problems["radio"]
    assert "'de', 'fr'" in problems["drop"]
    assert "force=true" in problems["locked"]
    assert all(repr(name) in caught.value.message for name in wrong)
    assert not (tmp_path / "out.pdf").exists()


def test_a_read_only_field_is_filled_when_forced(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("locked", "Tx", (20, 540, 220, 560), flags=READ_ONLY)

    _fill(form, tmp_path, {"locked": "filled"}, force=True)

    assert _values(tmp_path / "out.pdf") == {"locked": "filled"}


def test_names_of_parents_belong_to_the_name(tmp_path: Path) -> None:
    form = FormDocument()
    child = form.add("city", "Tx", (20, 540, 220, 560))
    parent = form.pdf.make_indirect(Dictionary(T=String("address"), Kids=Array([child])))
    child.Parent = parent
    form.form.Fields = Array([parent])

    with pytest.raises(WrongValues, match=r"'address\.city' meant"):
        _fill(form, tmp_path, {"city": "Ulm"})
    _fill(form, tmp_path, {"address.city": "Ulm"})
    assert _values(tmp_path / "out.pdf") == {"address.city": "Ulm"}


def test_null_empties_and_false_unticks(tmp_path: Path) -> None:
    _fill(_every_kind(), tmp_path, EVERYTHING)
    filled = (tmp_path / "out.pdf").rename(tmp_path / "filled.pdf")

    fill_form(filled, tmp_path / "out.pdf", FillForm(values={**dict.fromkeys(EVERYTHING), "tick": False}))

    assert not any(_values(tmp_path / "out.pdf").values())
    assert text(tmp_path / "out.pdf") == ""
    assert pixels(tmp_path / "out.pdf", forms=True)[:380].min() > 230


def test_radio_buttons_by_their_export_values(tmp_path: Path) -> None:
    """Buttons whose states are numbers carry their export values in /Opt; both name the button."""
    form = FormDocument()
    radio = form.add("fruit", "Btn", (20, 320, 40, 340), (60, 320, 80, 340), flags=RADIO)
    radio.Opt = Array([String("Kirsche"), String("りんご")])
    for widget, state in zip(radio.Kids, "01", strict=True):
        form.states(widget, state)

    _fill(form, tmp_path, {"fruit": "りんご"})
    assert _values(tmp_path / "out.pdf") == {"fruit": "りんご"}
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert [str(kid.AS) for kid in pdf.Root.AcroForm.Fields[0].Kids] == ["/Off", "/1"]
        assert str(pdf.Root.AcroForm.Fields[0].V) == "/1"


def test_states_that_are_no_utf_8_can_be_ticked(tmp_path: Path) -> None:
    form = FormDocument()
    tick = form.add("tick", "Btn", (20, 360, 40, 380))
    tick.AP = Dictionary(N=Dictionary(Off=form.look(b"", 20, 20)))
    tick.AP.N = pikepdf.Object.parse(b"<< /Off null /Ausgew#E4hlt null >>")
    tick.AP.N[pikepdf.Object.parse(b"/Ausgew#E4hlt")] = form.look(b"0 g 2 2 16 16 re f", 20, 20)

    _fill(form, tmp_path, {"tick": "Ausgewählt"})

    assert _values(tmp_path / "out.pdf") == {"tick": True}
    assert pixels(tmp_path / "out.pdf", forms=True)[230, 30].max() < 20


@pytest.mark.parametrize("sign", ["4", "8", "l", "u", "n", "H"])
def test_a_button_without_looks_gets_some(tmp_path: Path, sign: str) -> None:
    form = FormDocument()
    look = Dictionary(CA=String(sign), BC=Array([1, 0, 0]), BG=Array([1, 1, 0]))
    form.add("tick", "Btn", (20, 360, 60, 400), MK=look)

    _fill(form, tmp_path, {"tick": True})

    picture = pixels(tmp_path / "out.pdf", forms=True)
    assert picture[200, 40].tolist()[2] < 100
    left, top, right, bottom = ink(picture[203:237, 23:57], darker_than=40)
    assert right - left > 15
    assert bottom - top > 15


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_text_stands_in_its_box_on_turned_pages(tmp_path: Path, turn: int) -> None:
    form = FormDocument(rotate=turn)
    # The widget is turned with its page, as form designers do it, so that the text is upright.
    box = (50, 500, 250, 530) if turn in (0, 180) else (50, 300, 80, 500)
    form.add("text", "Tx", box, MK=Dictionary(R=turn))

    _fill(form, tmp_path, {"text": "HHHHHH"})

    left, top, right, bottom = ink(pixels(tmp_path / "out.pdf", forms=True))
    [field] = read_form(tmp_path / "out.pdf")["fields"]
    height = pixels(tmp_path / "out.pdf").shape[0]
    seen = field["boxes"][0]["box_points"]
    assert seen[0] <= left < seen[0] + 10
    assert height - seen[3] <= top
    assert bottom <= height - seen[1]
    assert right - left > 2 * (bottom - top)


def test_size_follows_the_box_where_the_form_leaves_it_open(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("high", "Tx", (20, 500, 380, 560))
    form.add("narrow", "Tx", (20, 440, 80, 480))
    form.add("fixed", "Tx", (20, 380, 380, 420), DA=String("/Helv 12 Tf 1 0 0 rg"))

    _fill(form, tmp_path, dict.fromkeys(("high", "narrow", "fixed"), "HHHHHHHH"))

    picture = pixels(tmp_path / "out.pdf", forms=True)
    heights = [
        (lambda box: box[3] - box[1])(ink(picture[top:bottom])) for top, bottom in ((40, 100), (120, 160), (180, 220))
    ]
    assert heights[0] > 30
    assert heights[1] < 9
    assert 8 <= heights[2] <= 10
    red, green, _ = picture[180:220].reshape(-1, 3)[picture[180:220].min(axis=2).argmin()]
    assert red > 200 > 100 > green


@pytest.mark.parametrize(("alignment", "where"), [(0, 22), (1, 200), (2, 378)])
def test_alignment(tmp_path: Path, alignment: int, where: int) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 500, 380, 520), Q=alignment, DA=String("/Helv 12 Tf 0 g"))

    _fill(form, tmp_path, {"text": "HHHH"})

    left, _, right, _ = ink(pixels(tmp_path / "out.pdf", forms=True))
    assert (left, (left + right) / 2, right)[alignment] == pytest.approx(where, abs=3)


def test_a_comb_gives_each_character_a_cell(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("comb", "Tx", (100, 500, 300, 530), flags=COMB, MaxLen=5, DA=String("/Helv 12 Tf 0 g"))

    _fill(form, tmp_path, {"comb": "IIII"})

    columns = np.flatnonzero((pixels(tmp_path / "out.pdf", forms=True).min(axis=2) < 128).any(axis=0))
    middles = [group.mean() for group in np.split(columns, np.flatnonzero(np.diff(columns) > 5) + 1)]
    assert middles == pytest.approx([120, 160, 200, 240], abs=2)


def test_a_framed_comb_has_lines_between_its_cells(tmp_path: Path) -> None:
    form = FormDocument()
    look = Dictionary(BC=Array([0, 0, 1]))
    form.add("comb", "Tx", (100, 500, 300, 530), flags=COMB, MaxLen=4, MK=look, BS=Dictionary(W=2))

    _fill(form, tmp_path, {"comb": ""})

    row = pixels(tmp_path / "out.pdf", forms=True)[85]
    assert [x for x in range(110, 290) if row[x].tolist() == [0, 0, 255]] == [149, 150, 199, 200, 249, 250]


def test_a_text_of_any_length_is_drawn_only_as_far_as_it_shows(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("lines", "Tx", (20, 440, 120, 520), flags=MULTILINE)
    form.add("line", "Tx", (20, 400, 120, 420))
    endless = "x" * 200_000

    result = _fill(form, tmp_path, {"lines": endless, "line": endless})

    assert result["text_cut_off"] == ["lines", "line"]
    assert _values(tmp_path / "out.pdf")["lines"] == endless
    assert (tmp_path / "out.pdf").stat().st_size < 2 * len(endless) + 10_000


def test_lines_break_at_words_and_what_does_not_fit_is_told(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("lines", "Tx", (20, 440, 120, 520), flags=MULTILINE, DA=String("/Helv 12 Tf 0 g"))
    form.add("auto", "Tx", (140, 440, 240, 520), flags=MULTILINE)
    form.add("short", "Tx", (20, 400, 60, 420), DA=String("/Helv 12 Tf 0 g"))
    words = "Donaudampfschifffahrtsgesellschaft and some more words that go on and on until the box is full " * 2

    result = _fill(form, tmp_path, {"lines": words, "auto": words, "short": words})

    assert result["text_cut_off"] == ["lines", "short"]
    picture = pixels(tmp_path / "out.pdf", forms=True)
    assert ink(picture)[2] <= 240
    assert (picture[80:160, 120:141] > 230).all()


def test_a_password_is_neither_shown_nor_told(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("secret", "Tx", (20, 540, 220, 560), flags=PASSWORD)

    _fill(form, tmp_path, {"secret": "abc"}, flatten=True)

    assert text(tmp_path / "out.pdf") == "***"
    _fill(form, tmp_path, {"secret": "abc"})
    assert _values(tmp_path / "out.pdf") == {"secret": None}


def test_letters_that_the_forms_font_lacks_come_from_another(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560))

    result = _fill(form, tmp_path, {"text": "Łódź"}, flatten=True)

    assert len(result["fonts_embedded"]) == 1
    assert text(tmp_path / "out.pdf") == "Łódź"


def test_a_subset_that_lacks_the_letters_is_not_trusted(tmp_path: Path) -> None:
    form = FormDocument()
    font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/ABCDEF+Arial"), FirstChar=65, LastChar=66)
    font.Widths, font.Encoding = Array([667, 667]), Name.WinAnsiEncoding
    form.form.DR.Font[Name("/Sub")] = form.pdf.make_indirect(font)
    form.add("text", "Tx", (20, 540, 220, 560), DA=String("/Sub 12 Tf 0 g"))

    _fill(form, tmp_path, {"text": "AB"})

    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        fonts = pdf.Root.AcroForm.Fields[0].AP.N.Resources.Font
        assert [str(font.BaseFont) for font in fonts.values()] == ["/Helvetica"]


def test_arabic_is_refused_rather_than_shown_disjoined(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560))

    with pytest.raises(ShapingNeeded):
        _fill(form, tmp_path, {"text": "سلام"})


def test_a_form_that_asks_viewers_to_draw_is_drawn_whole(tmp_path: Path) -> None:
    form = FormDocument(NeedAppearances=True)
    form.add("one", "Tx", (20, 540, 220, 560))
    form.add("two", "Tx", (20, 500, 220, 520), V=String("was there"))

    _fill(form, tmp_path, {"one": "new"})

    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        assert b"was there" in pdf.Root.AcroForm.Fields[1].AP.N.read_bytes()


def test_what_cannot_be_drawn_of_the_rest_is_left_to_viewers_and_told(tmp_path: Path) -> None:
    form = FormDocument(NeedAppearances=True)
    form.add("one", "Tx", (20, 540, 220, 560))
    form.add("two", "Tx", (20, 500, 220, 520), V=String("سلام"))

    result = _fill(form, tmp_path, {"one": "new"})

    assert result["not_drawn"] == ["two"]
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert pdf.Root.AcroForm.NeedAppearances is True


def test_what_the_designer_drew_round_the_text_stays(tmp_path: Path) -> None:
    form = FormDocument()
    field = form.add("text", "Tx", (20, 540, 220, 560))
    field.AP = Dictionary(N=form.look(b"1 0 0 rg 190 0 10 20 re f /Tx BMC q BT (old) Tj ET Q EMC", 200, 20))

    _fill(form, tmp_path, {"text": "HHHH"})

    picture = pixels(tmp_path / "out.pdf", forms=True)
    assert picture[50, 215].tolist() == [255, 0, 0]
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert b"old" not in pdf.Root.AcroForm.Fields[0].AP.N.read_bytes()


def test_static_xfa_goes_so_that_the_fields_count(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560))
    form.form.XFA = Array([String("template"), form.pdf.make_stream(b"<template/>")])
    form.pdf.Root.Perms = Dictionary(UR3=Dictionary())
    assert read_form(form.save(tmp_path / "in.pdf"))["xfa"] == "static"

    result = _fill(form, tmp_path, {"text": "x"})

    assert (result["xfa"], result["xfa_removed"], result["usage_rights_removed"]) == ("static", True, True)
    assert read_form(tmp_path / "out.pdf")["xfa"] == "none"


def test_dynamic_xfa_is_named_as_what_it_is(tmp_path: Path) -> None:
    form = FormDocument()
    form.form.XFA = form.pdf.make_stream(b"<xdp/>")
    form.pdf.Root.NeedsRendering = True

    assert read_form(form.save(tmp_path / "in.pdf"))["xfa"] == "dynamic"
    with pytest.raises(DynamicXfa):
        _fill(form, tmp_path, {"text": "x"})


def test_a_signed_form_is_filled_only_when_its_signature_may_break(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("text", "Tx", (20, 540, 220, 560))
    value = Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String(b"0" * 20))
    form.add("sign", "Sig", (20, 500, 220, 520), V=form.pdf.make_indirect(value))

    with pytest.raises(SignedPdf):
        _fill(form, tmp_path, {"text": "x"})
    assert _fill(form, tmp_path, {"text": "x"}, break_signature=True)["signatures_removed"] == 1


def test_fields_that_only_pages_show_are_filled_and_listed(tmp_path: Path) -> None:
    form = FormDocument()
    form.add("lost", "Tx", (20, 540, 220, 560))
    form.form.Fields = Array()
    assert read_form(form.save(tmp_path / "in.pdf"))["outside_the_form"] == ["lost"]

    _fill(form, tmp_path, {"lost": "found"})

    told = read_form(tmp_path / "out.pdf")
    assert (told["outside_the_form"], told["fields"][0]["value"]) == ([], "found")


def test_scripts_that_would_run_and_required_fields_that_are_empty_are_told(tmp_path: Path) -> None:
    form = FormDocument()
    script = Dictionary(F=Dictionary(S=Name.JavaScript, JS=String("AFNumber_Format(2)")))
    form.add("sum", "Tx", (20, 540, 220, 560), AA=script)
    form.add("needed", "Tx", (20, 500, 220, 520), flags=REQUIRED)

    result = _fill(form, tmp_path, {"sum": 1234.5})

    assert result["scripted"] == ["sum"]
    assert result["required_and_empty"] == ["needed"]
    assert _values(tmp_path / "out.pdf")["sum"] == "1234.5"


def test_a_form_that_bites_its_tail_is_read_to_its_end(tmp_path: Path) -> None:
    form = FormDocument()
    field = form.add("loop", "Tx", (20, 540, 220, 560))
    field.Kids = Array([field])
    field.Parent = field
    form.form.Fields.append(String("no field"))

    assert read_form(form.save(tmp_path / "in.pdf"))["pages"] == 1


def test_reading_tells_kinds_limits_and_places(tmp_path: Path) -> None:
    form = _every_kind()
    form.add("named", "Tx", (300, 540, 380, 560), flags=REQUIRED, TU=String("Your name"), DV=String("nobody"))

    told = {field["name"]: field for field in read_form(form.save(tmp_path / "in.pdf"))["fields"]}

    assert [told[name]["kind"] for name in EVERYTHING] == [
        *("text", "text", "text", "checkbox", "radio", "dropdown", "dropdown", "list")
    ]
    assert told["comb"]["max_length"] == 10
    assert told["comb"]["comb"]
    assert told["drop"]["options"] == ["de", "fr"]
    assert told["drop"]["labels"] == ["Deutschland", "Frankreich"]
    assert told["radio"]["options"] == ["one", "two"]
    assert told["edit"]["editable"]
    assert (told["named"]["label"], told["named"]["default"], told["named"]["required"]) == (
        "Your name",
        "nobody",
        True,
    )
    assert told["named"]["boxes"] == [{"page": 1, "box_points": [300, 540, 380, 560]}]


def test_a_form_over_http(tmp_path: Path, platform: RunningPlatform) -> None:
    source = _every_kind().save(tmp_path / "in.pdf")
    answer = httpx.post(
        f"{platform.url}/v1/fill-form",
        files={"file": ("form.pdf", source.read_bytes(), "application/pdf")},
        data={"values": json.dumps(EVERYTHING)},
        headers={"Prefer": "wait=60"},
        follow_redirects=True,
        timeout=90,
    )

    assert answer.status_code == 200, answer.text
    (tmp_path / "out.pdf").write_bytes(answer.content)
    assert _values(tmp_path / "out.pdf") == EVERYTHING


@pytest.mark.heavy
def test_every_form_of_the_corpus_takes_its_values_back(tmp_path: Path, corpus: Path) -> None:
    filled = 0
    for source in sorted((corpus / "pdf").glob("form__*.pdf")):
        fields = read_form(source)["fields"]
        values = {
            field["name"]: "Ab 1"[: field["max_length"] or 4] if field["kind"] == "text" else field["options"][-1]
            for field in fields
            if (field["kind"] == "text" or field.get("options")) and not field["read_only"]
        }
        if not values:
            continue
        fill_form(source, tmp_path / "out.pdf", FillForm(values=values, break_signature=True))
        assert_opens(tmp_path / "out.pdf")
        singles = {field["name"] for field in fields if field.get("single")}
        expected = {name: True if name in singles else value for name, value in values.items()}
        assert {name: value for name, value in _values(tmp_path / "out.pdf").items() if name in values} == expected
        filled += 1
    assert filled >= 5
