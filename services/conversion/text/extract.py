"""Text and tables as data: the whole in a JSON file, and in the result of the job as much as a row should hold."""

from __future__ import annotations

import json
from typing import Any

from services.conversion.contracts.text import ExtractTablesOptions, ExtractTextOptions
from services.conversion.text.convert import PAGE_TEXTS
from services.conversion.text.document_pages import open_pages
from services.conversion.text.json_words import table_as_json
from services.conversion.text.outputs import Outputs
from shared.media_types import JSON
from shared.operation import Result, Task

#: Characters of text, and of cells, that a result holds at most; the file has all.
_MOST_RESULT_CHARACTERS = 100_000


def extract_text(task: Task, options: ExtractTextOptions) -> Result:
    """Read the text of the chosen pages of the one input.

    Raises:
        NoText: no chosen page has any.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `shared`.
    """
    page_text = PAGE_TEXTS[options.text_order]
    outputs = Outputs(task, as_zip=False)
    shown = _Shown()
    with open_pages(task.input.path, task, options.pages) as pages:
        with outputs.path("-text.json", JSON).open("w", encoding="utf-8") as file:
            file.write('{"pages": [')
            for place, (number, page) in enumerate(pages.texts()):
                text, words = page_text(page)
                pages.count.words += words
                found = {"page": number, "text": text}
                file.write(f"{',' if place else ''}\n{json.dumps(found)}")
                shown.add(found, len(text))
            file.write("\n]}\n")
        pages.check_words()
        return {**pages.count.as_result(), "text": shown.items, "complete": shown.complete}


def extract_tables(task: Task, options: ExtractTablesOptions) -> Result:
    """Find the tables on the chosen pages of the one input. None found is an answer, not an error.

    Raises:
        NoText: no chosen page has any words: a scan may well show tables.
        EncryptedPdf, WrongPassword, DamagedFile, NoPages, TooComplex, PagesOutOfRange: see `shared`.
    """
    outputs = Outputs(task, as_zip=False)
    shown, count = _Shown(), 0
    with open_pages(task.input.path, task, options.pages) as pages:
        with outputs.path("-tables.json", JSON).open("w", encoding="utf-8") as file:
            file.write('{"tables": [')
            for layout in pages.layouts():
                for table in layout.tables:
                    if options.ruled_only and not table.ruled:
                        continue
                    found = {"page": layout.number, **table_as_json(table)}
                    file.write(f"{',' if count else ''}\n{json.dumps(found)}")
                    count += 1
                    short: dict[str, Any] = {name: found[name] for name in ("page", "box", "ruled", "rows")}
                    shown.add(short, sum(len(cell) + 4 for row in found["rows"] for cell in row))
            file.write("\n]}\n")
        pages.check_words()
        return {**pages.count.as_result(), "table_count": count, "tables": shown.items, "complete": shown.complete}


class _Shown:
    """Whole items up to a number of characters; after the first that does not fit none is taken."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.complete = True
        self._characters = 0

    def add(self, item: dict[str, Any], characters: int) -> None:
        self._characters += characters
        self.complete = self.complete and self._characters <= _MOST_RESULT_CHARACTERS
        if self.complete:
            self.items.append(item)
