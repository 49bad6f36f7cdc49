"""Forms for tests, made field by field: nothing has an appearance unless a test gives it one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

Box = tuple[float, float, float, float]


class FormDocument:
    """A document with a form; `save` writes it."""

    def __init__(self, pages: int = 1, *, rotate: int = 0, **form: Any) -> None:
        self.pdf = pikepdf.new()
        for _ in range(pages):
            page = self.pdf.add_blank_page(page_size=(400, 600))
            page.obj.Annots = Array()
            if rotate:
                page.obj.Rotate = rotate
        helvetica = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
        )
        fonts = Dictionary(Helv=self.pdf.make_indirect(helvetica))
        self.form = self.pdf.make_indirect(
            Dictionary(Fields=Array(), DR=Dictionary(Font=fonts), DA=String("/Helv 0 Tf 0 g"), **form)
        )
        self.pdf.Root.AcroForm = self.form

    def add(self, name: str, kind: str, *boxes: Box, page: int = 0, flags: int = 0, **entries: Any) -> Any:
        """A field and its widget; of several boxes each gets a widget of its own."""
        field = self.pdf.make_indirect(Dictionary(FT=Name("/" + kind), T=String(name), Ff=flags))
        widgets = []
        for box in boxes:
            widget = field if len(boxes) == 1 else self.pdf.make_indirect(Dictionary(Parent=field))
            widget.Type, widget.Subtype, widget.Rect, widget.F = Name.Annot, Name.Widget, Array(list(box)), 4
            self.pdf.pages[page].obj.Annots.append(widget)
            widgets.append(widget)
        if len(boxes) > 1:
            field.Kids = Array(widgets)
        for key, value in entries.items():
            field["/" + key] = value
        self.form.Fields.append(field)
        return field

    def look(self, content: bytes, width: float, height: float, **entries: Any) -> Any:
        """An appearance."""
        look = self.pdf.make_stream(content)
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, width, height])
        look.Resources = Dictionary()
        for key, value in entries.items():
            look["/" + key] = value
        return look

    def states(self, widget: Any, *names: str) -> None:
        """Give a button's widget a black square as the look of each on-state, and nothing as that of Off."""
        looks = Dictionary(Off=self.look(b"", 20, 20))
        for name in names:
            looks[Name("/" + name)] = self.look(b"0 g 2 2 16 16 re f", 20, 20)
        widget.AP = Dictionary(N=looks)
        widget.AS = Name.Off

    def save(self, path: Path) -> Path:
        """Write it and return where."""
        with warnings.catch_warnings():
            # Some tests want fields that only a page shows.
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
            self.pdf.save(path)
        return path
