"""What real workers made of real documents, as a person sees it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.page.conftest import Tab

_ROOT = Path(__file__).parents[2]
_STATEMENT = _ROOT / "services" / "ai" / "samples" / "extract-bank-statement.pdf"
#: Workers of a loaded machine, in milliseconds.
_WORK_MS = 90_000


def _submitted(tab: Tab, operation: str, document: Path, button: str) -> Page:
    page = tab.open(f"/do/{operation}")
    page.set_input_files("input[type=file]", str(document))
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/#/jobs/*")
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible(timeout=_WORK_MS)
    return page


def test_a_compressed_document_is_shown_beside_the_one_that_it_was(working_tab: Tab):
    page = _submitted(working_tab, "compress", _STATEMENT, "Compress")

    for side in ("Before", "After"):
        picture = page.get_by_role("img", name=f"{side}: ")
        expect(picture).to_be_visible(timeout=_WORK_MS)
        assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth > 100 }")


def test_pointing_at_a_figure_marks_its_place_on_the_page(working_tab: Tab):
    page = _submitted(working_tab, "extract-bank-statement", _STATEMENT, "Extract bank statement")
    expect(page.get_by_role("img", name="extract-bank-statement.pdf")).to_be_visible(timeout=_WORK_MS)
    closing = page.get_by_role("button", name="Closing balance: 1788.33. Verified, page 1.")
    marked = page.locator(".sheet .box.active")
    expect(marked).to_have_count(0)

    closing.hover()
    expect(marked).to_have_count(1)
    by_pointer = marked.bounding_box()
    page.mouse.move(0, 0)
    expect(marked).to_have_count(0)
    closing.focus()
    expect(marked).to_have_count(1)

    assert marked.bounding_box() == by_pointer
    sheet = page.locator(".sheet").bounding_box()
    assert sheet
    assert by_pointer
    # 509.97 of 595 points from the left, 306.49 of 842 from the top, as the record says.
    assert abs((by_pointer["x"] - sheet["x"]) / sheet["width"] - 509.97 / 595) < 0.01
    assert abs((by_pointer["y"] - sheet["y"]) / sheet["height"] - 306.49 / 842) < 0.01


def test_each_figure_says_in_words_whether_it_holds(working_tab: Tab):
    page = _submitted(working_tab, "extract-bank-statement", _STATEMENT, "Extract bank statement")

    expect(page.get_by_text("Every check holds")).to_be_visible()
    expect(page.get_by_role("button", name="IBAN: ")).to_contain_text("Verified")
    expect(page.get_by_role("button", name="Account holder: ")).to_contain_text("Unverifiable")
    page.get_by_text("11 checks", exact=True).click()
    expect(page.locator(".checks").get_by_text("The balance after line 1 is the balance before it")).to_be_visible()


def test_the_words_of_a_scan_have_boxes_over_the_page(working_tab: Tab):
    scan = _ROOT / "services" / "ocr" / "samples" / "document.pdf"
    page = _submitted(working_tab, "ocr-preview", scan, "OCR preview")

    word = page.locator(".read-text .word").first
    expect(word).to_be_visible(timeout=_WORK_MS)
    words = page.locator(".read-text .word").count()
    expect(page.locator(".boxes polygon")).to_have_count(words, timeout=_WORK_MS)
    word.hover()
    expect(page.locator(".boxes polygon.active")).to_have_count(1)
