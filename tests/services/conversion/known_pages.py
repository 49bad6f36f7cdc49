"""Pages whose true reading order is known, drawn in an order that says nothing about it."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.services.conversion.text_documents import PageDraft, prose_lines

#: A page and its lines, or the cells of its rows, in the order in which a person reads them.
Known = tuple[PageDraft, list[str]]


def two_columns() -> Known:
    """A paper: header, title and authors over two columns, written line by line across both."""
    page = PageDraft()
    left, right = prose_lines(40, 1), prose_lines(40, 2)
    page.text(72, 40, "Journal of Reading, Volume 7", size=8)
    page.text(530, 40, "113", size=8)
    page.text(150, 80, "Pages That Two Eyes Can Follow", font="B", size=18)
    page.text(240, 100, "A. Author and B. Author", size=10)
    for one, other in zip(page.column(72, 140, left), page.column(318, 140, right), strict=True):
        page.draw([one, other])
    page.text(300, 760, "17", size=8)
    header = ["Journal of Reading, Volume 7", "113", "Pages That Two Eyes Can Follow", "A. Author and B. Author"]
    return page, [*header, *left, *right, "17"]


def three_columns() -> Known:
    """A newspaper: three narrow columns of different length, all lines in random order."""
    page = PageDraft()
    columns = [prose_lines(45, 3, 30), prose_lines(45, 4, 30), prose_lines(20, 5, 30)]
    pieces = [piece for number, lines in enumerate(columns) for piece in page.column(50 + 178 * number, 110, lines)]
    random.Random(7).shuffle(pieces)
    page.text(50, 70, "The Three Column Gazette", font="B", size=24)
    page.draw(pieces)
    return page, ["The Three Column Gazette", *columns[0], *columns[1], *columns[2]]


def figure_over_two_columns() -> Known:
    """Two columns, a wide caption in the middle of the page, and two columns below it."""
    page = PageDraft()
    parts = [prose_lines(15, seed) for seed in (10, 11, 12, 13)]
    caption = (
        "Figure 1: what stands between the upper and the lower columns and reaches over both of them, as captions do"
    )
    pieces = [
        *page.column(72, 80, parts[0]),
        *page.column(318, 80, parts[1]),
        (72, 290, caption, 9),
        *page.column(72, 330, parts[2]),
        *page.column(318, 330, parts[3]),
    ]
    random.Random(3).shuffle(pieces)
    page.draw(pieces)
    return page, [*parts[0], *parts[1], caption, *parts[2], *parts[3]]


def table_in_text() -> Known:
    """A table without rules between two paragraphs, written column by column as spreadsheets do."""
    page = PageDraft()
    above, below = prose_lines(6, 21, 90), prose_lines(6, 22, 90)
    rows = [["Article", "Pieces", "Price", "Sum"]]
    rows += [[f"Item {name}", str(n + 2), f"{n}.50", f"{n * (n + 2)}.25"] for n, name in enumerate("abcdefgh", start=1)]
    page.draw(page.column(72, 80, above))
    for column, x in enumerate((72, 250, 350, 450)):
        for number, row in enumerate(rows):
            page.text(x, 190 + 18 * number, row[column], size=9)
    page.draw(page.column(72, 390, below))
    return page, [*above, *(cell for row in rows for cell in row), *below]


def invoice() -> Known:
    """An invoice: two addresses side by side, a ruled table with wrapped cells, sums at the right."""
    page = PageDraft()
    sender = ["Example Trading Company", "12 Long Harbour Road", "Portsmouth PO1 2AB"]
    receiver = ["Second Hand Books", "Unit 4, Old Mill Estate", "Leeds LS1 4DY"]
    for one, other in zip(page.column(50, 100, sender), page.column(330, 108, receiver), strict=True):
        page.draw([other, one])
    page.text(50, 180, "Invoice 2024-117", font="B", size=16)
    xs, ys = [50, 250, 350, 450, 550], [210, 230, 260, 290]
    page.grid(xs, ys)
    cells = [
        ["Description", "Quantity", "Unit price", "Amount"],
        ["Shelves of oak wood,|oiled and assembled", "2", "120.00", "240.00"],
        ["Delivery to the door|on a weekday", "1", "35.00", "35.00"],
    ]
    for x, column in zip(xs, range(4), strict=False):
        for y, row in zip(ys, cells, strict=False):
            for line, text in enumerate(row[column].split("|")):
                page.text(x + 4, y + 12 + 11 * line, text, size=9)
    sums = [("Net", "275.00"), ("VAT 20%", "55.00"), ("Total", "330.00")]
    for number, (label, amount) in enumerate(sums):
        page.text(354, 320 + 16 * number, label, size=9)
        page.text(454, 320 + 16 * number, amount, size=9)
    flat = [cell.replace("|", " ") for row in cells for cell in row]
    return page, [*sender, *receiver, "Invoice 2024-117", *flat, *(text for pair in sums for text in pair)]


def form() -> Known:
    """A form: labels at the left, values at the right, written labels first."""
    page = PageDraft()
    fields = [("Surname:", "Miller"), ("First name:", "Alice"), ("Born on:", "1 May 1980"), ("Place of birth:", "Bath")]
    fields += [("Nationality:", "British"), ("Profession:", "Bookbinder")]
    page.text(72, 80, "Application for a Reader's Ticket", font="B", size=16)
    for number, (label, _) in enumerate(fields):
        page.text(72, 120 + 20 * number, label)
    for number, (_, value) in enumerate(fields):
        page.text(220, 120 + 20 * number, value)
    return page, ["Application for a Reader's Ticket", *(text for pair in fields for text in pair)]


def sidebar() -> Known:
    """A narrow column of notes beside a wide one."""
    page = PageDraft()
    notes, story = prose_lines(25, 31, 24), prose_lines(50, 32, 62)
    pieces = [*page.column(50, 90, notes), *page.column(210, 84, story)]
    random.Random(5).shuffle(pieces)
    page.draw(pieces)
    return page, [*notes, *story]


def prose_cells() -> Known:
    """A drawn table whose cells hold sentences of several lines."""
    page = PageDraft()
    xs, ys = [60, 220, 380, 540], [100, 120, 180, 240, 300]
    page.grid(xs, ys)
    header = ["Question", "Answer of the first", "Answer of the second"]
    cells = [header, *([" ".join(prose_lines(4, 10 * row + column, 28)) for column in range(3)] for row in range(3))]
    for row, (top, texts) in enumerate(zip(ys, cells, strict=False)):
        for column, text in enumerate(texts):
            lines = [text] if row == 0 else prose_lines(4, 10 * (row - 1) + column, 28)
            page.draw(page.column(xs[column] + 4, top + 12, lines, size=9))
    return page, [text for row in cells for text in row]


def table_in_a_column() -> Known:
    """Two columns of text; in the second one a table without rules."""
    page = PageDraft()
    left, above, below = prose_lines(45, 51), prose_lines(12, 52), prose_lines(20, 53)
    rows = [["City", "1990", "2020"]]
    rows += [
        [name, f"{n}1.5", f"{n}7.25"] for n, name in enumerate(("Bath", "Leeds", "York", "Derby", "Truro"), start=2)
    ]
    page.draw(page.column(72, 80, left))
    page.draw(page.column(318, 80, above))
    for column, x in enumerate((318, 420, 500)):
        for number, row in enumerate(rows):
            page.text(x, 240 + 13 * number, row[column], size=9)
    page.draw(page.column(318, 340, below))
    return page, [*left, *above, *(cell for row in rows for cell in row), *below]


def two_pairs_a_row() -> Known:
    """A form with two labels and two values in each row, close to each other."""
    page = PageDraft()
    rows = [("Customer no.:", "4711", "Date:", "3 March 2024"), ("Order no.:", "A-1193", "Terms:", "30 days")]
    rows += [("Contact:", "Ms Brown", "Currency:", "EUR"), ("Telephone:", "0117 496", "Page:", "1 of 1")]
    for column, x in enumerate((72, 150, 330, 400)):
        for number, row in enumerate(rows):
            page.text(x, 100 + 14 * number, row[column], size=9)
    return page, [text for row in rows for text in row]


KNOWN: dict[str, Callable[[], Known]] = {
    each.__name__: each
    for each in (
        two_columns,
        three_columns,
        figure_over_two_columns,
        table_in_text,
        invoice,
        form,
        sidebar,
        prose_cells,
        table_in_a_column,
        two_pairs_a_row,
    )
}
