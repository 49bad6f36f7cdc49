"""Documents that have everything that merging and splitting must keep, and readers of what is left of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, NameTree, NumberTree, OutlineItem, String

from shared.media_types import PDF
from shared.operation import InputFile, Task

WIDTH, HEIGHT = 300, 400


def text_document(path: Path, name: str, pages: int = 3) -> Path:
    """Pages that say which document and page they are, each of its own height; nothing else."""
    pdf = _pages(name, pages)
    pdf.save(path)
    return path


def rich_document(path: Path, name: str, pages: int = 4) -> Path:
    """`text_document` with an outline, links of every kind, a form, labels, files, tags, layers and metadata.

    Page 1 links to page 3 by its object, to page 4 by a name of the tree, to page 2 by a name of the old dictionary.
    The field `name` says what `name` is; the choice `color` has a widget on each of the first two pages. Every page
    has a tagged paragraph, and the links are tagged too.
    """
    pdf = _pages(name, pages)
    objects = [page.obj for page in pdf.pages]
    _add_links(pdf, objects)
    _add_outline(pdf, name)
    _add_form(pdf, objects, name)
    _add_layers(pdf, objects, name)
    add_tags(pdf, heading=Name.H1)
    labels = NumberTree.new(pdf)
    labels[0] = Dictionary(S=Name.r)
    pdf.Root.PageLabels = labels.obj
    pdf.attachments["note.txt"] = f"note of {name}".encode()
    pdf.Root.Lang = String("en-GB")
    pdf.docinfo["/Title"] = f"Title of {name}"
    pdf.docinfo["/Author"] = f"Author of {name}"
    pdf.save(path)
    return path


def _pages(name: str, pages: int) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(WIDTH, HEIGHT + number)).obj
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        text = f"/P <</MCID 0>> BDC BT /F1 18 Tf 30 200 Td ({name} page {number}) Tj ET EMC"
        page.Contents = pdf.make_stream(text.encode())
    return pdf


def _add_links(pdf: pikepdf.Pdf, pages: list[Any]) -> None:
    def link(row: int, **leads: Any) -> Any:
        rect = Array([10, 10 + 30 * row, 100, 30 + 30 * row])
        return pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rect, Border=[0, 0, 0], **leads))

    pages[0].Annots = Array(
        [
            link(0, Dest=Array([pages[2], Name.Fit])),
            link(1, A=Dictionary(S=Name.GoTo, D=String("last"))),
            link(2, Dest=Name.second),
            link(3, A=Dictionary(S=Name.URI, URI=String("https://example.org/"))),
        ]
    )
    tree = NameTree.new(pdf)
    tree["last"] = Array([pages[-1], Name.XYZ, 0, 100, None])
    pdf.Root.Names = Dictionary(Dests=tree.obj)
    pdf.Root.Dests = Dictionary(second=Dictionary(D=Array([pages[1], Name.Fit])))


def _add_outline(pdf: pikepdf.Pdf, name: str) -> None:
    with pdf.open_outline() as outline:
        first = OutlineItem(f"{name} part 1", 0)
        first.children.append(OutlineItem(f"{name} page 2", 1))
        outline.root.extend([first, OutlineItem(f"{name} part 2", 2)])


def _add_form(pdf: pikepdf.Pdf, pages: list[Any], value: str) -> None:
    def widget(page: Any, x: int, **entries: Any) -> Any:
        rect = Array([x, 300, x + 80, 320])
        made = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=rect, P=page, F=4, **entries))
        page.Annots = Array([*page.get("/Annots", []), made])
        return made

    single = widget(pages[0], 10, FT=Name.Tx, T=String("name"), V=String(value), DA=String("/Helv 10 Tf 0 g"))
    field = pdf.make_indirect(Dictionary(FT=Name.Ch, Ff=1 << 17, T=String("color"), V=String("red")))
    field.Kids = Array([widget(page, 150, Parent=field) for page in pages[:2]])
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.Root.AcroForm = Dictionary(
        Fields=[single, field],
        DR=Dictionary(Font=Dictionary(Helv=pdf.make_indirect(font))),
        DA=String("/Helv 0 Tf 0 g"),
    )


def _add_layers(pdf: pikepdf.Pdf, pages: list[Any], name: str) -> None:
    shown, hidden = (
        pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(f"{name} {which}"))) for which in ("shown", "hidden")
    )
    for page, layer in ((pages[0], shown), (pages[-1], hidden)):
        page.Resources.Properties = Dictionary(Layer=layer)
        page.Contents = Array([page.Contents, pdf.make_stream(b"/OC /Layer BDC 0 0 1 rg 200 20 50 50 re f EMC")])
    pdf.Root.OCProperties = Dictionary(
        OCGs=[shown, hidden], D=Dictionary(BaseState=Name.ON, OFF=[hidden], Order=[shown, hidden])
    )


def add_tags(pdf: pikepdf.Pdf, *, heading: Any, of_class: Any = None) -> None:
    """A paragraph of the document's own type for each page, which is a `heading`, and the links of page 1."""
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, RoleMap=Dictionary(Own=heading)))
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    numbers, kids = NumberTree.new(pdf), []
    for number, page in enumerate(pdf.pages):
        element = pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Own, P=document, Pg=page.obj, K=0, ID=String(f"id{number}"))
        )
        if number:
            element.A = Dictionary(O=Name.Table, Headers=[String(f"id{number - 1}")])
        if of_class is not None:
            element.C = Name.Wide
        page.obj.StructParents = number
        numbers[number] = Array([element])
        kids.append(element)
    for number, annotation in enumerate(pdf.pages[0].obj.get("/Annots", [])):
        if annotation.Subtype == Name.Link:
            held = Dictionary(Type=Name.OBJR, Obj=annotation, Pg=pdf.pages[0].obj)
            element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Link, P=document, K=held))
            annotation.StructParent = 100 + number
            numbers[100 + number] = element
            kids.append(element)
    document.K = Array(kids)
    root.K, root.ParentTree, root.ParentTreeNextKey = document, numbers.obj, 200
    names = NameTree.new(pdf)
    for element in kids:
        if "/ID" in element:
            names[str(element.ID)] = element
    root.IDTree = names.obj
    if of_class is not None:
        root.ClassMap = Dictionary(Wide=of_class)
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = root, Dictionary(Marked=True)


def given(*paths: Path, media_type: str = PDF.name) -> tuple[InputFile, ...]:
    """Files as inputs of a task."""
    return tuple(InputFile(path, path.name, media_type) for path in paths)


def task_of(folder: Path, *paths: Path, password: str | None = None) -> Task:
    """A task on these files whose outputs lie in a new folder."""
    outputs = folder / f"out-{sum(1 for _ in folder.iterdir())}"
    outputs.mkdir()
    return Task(given(*paths), outputs, password=password)


#: Documents that tests look into; see `opened`.
_KEPT: list[pikepdf.Pdf] = []


def opened(path: Path) -> pikepdf.Pdf:
    """The document, open until the tests end: its objects die with it, and a test often holds only those."""
    _KEPT.append(pikepdf.open(path))
    return _KEPT[-1]


def texts(path: Path, password: str | None = None) -> list[str]:
    """The text of each page as pdfium reads it."""
    with pypdfium2.PdfDocument(path, password=password) as document:
        return [page.get_textpage().get_text_range().strip() for page in document]


def looks(path: Path) -> list[bytes]:
    """Each page as pdfium draws it, forms too."""
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()
        return [page.render(scale=0.5, may_draw_forms=True).to_numpy().tobytes() for page in document]


def check(path: Path) -> None:
    """qpdf finds nothing wrong."""
    ran = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def link_targets(pdf: pikepdf.Pdf) -> list[tuple[int, int | str | None]]:
    """Page (from 1) and target of each link: a page, a web address, or None for nowhere."""
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    named: dict[str, Any] = {}
    if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names:
        named |= dict(NameTree(pdf.Root.Names.Dests).items())
    named |= {str(name): value for name, value in pdf.Root.get("/Dests", Dictionary()).items()}
    found: list[tuple[int, int | str | None]] = []
    for number, page in enumerate(pdf.pages, start=1):
        for link in (each for each in page.obj.get("/Annots", []) if each.Subtype == Name.Link):
            action = link.get("/A", Dictionary())
            if "/URI" in action:
                found.append((number, str(action.URI)))
                continue
            leads = link.get("/Dest", action.get("/D"))
            leads = leads if leads is None or isinstance(leads, Array) else named.get(str(leads))
            leads = leads.D if isinstance(leads, Dictionary) else leads
            page = None if leads is None else leads[0]
            found.append((number, numbers.get(page.objgen) if isinstance(page, Dictionary) else None))
    return found


def outline_of(pdf: pikepdf.Pdf) -> list[tuple[int, str, int | None]]:
    """Level, title and page (from 1) of each outline item."""
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}

    def rows(items: Any, level: int) -> Iterator[tuple[int, str, int | None]]:
        for item in items:
            page = None if item.destination is None else item.destination[0]
            yield level, item.title, numbers.get(page.objgen) if isinstance(page, Dictionary) else None
            yield from rows(item.children, level + 1)

    with pdf.open_outline() as outline:
        return list(rows(outline.root, 1))


def fields_of(pdf: pikepdf.Pdf) -> dict[str, str]:
    """Name and value of each field on top; those that no widget on any page belongs to are wrong and fail."""
    on_pages = {each.objgen for page in pdf.pages for each in page.obj.get("/Annots", [])}
    found = {}
    for field in pdf.Root.get("/AcroForm", Dictionary()).get("/Fields", []):
        widgets = list(field.get("/Kids", [field]))
        assert all(widget.objgen in on_pages for widget in widgets)
        assert all(widget.Parent.objgen == field.objgen for widget in widgets if "/Kids" in field)
        found[str(field.T)] = str(field.V)
    return found


def paragraphs_of(pdf: pikepdf.Pdf) -> list[tuple[str, int]]:
    """Standard type and page (from 1) of each tagged paragraph, after every rule of a structure tree was checked.

    The parent tree leads from each mark and each tagged annotation to the element that holds it, each element to its
    parent, each ID to its element; every element has a type that is standard or mapped to one.
    """
    root = pdf.Root.StructTreeRoot
    numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    parents = dict(NumberTree(root.ParentTree).items())
    assert all(number < root.ParentTreeNextKey for number in parents)
    found, ids = [], {}
    waiting = [(root, kid) for kid in _kids(root)]
    while waiting:
        parent, element = waiting.pop(0)
        assert element.P.objgen == parent.objgen
        if "/ID" in element:
            assert bytes(element.ID) not in ids
            ids[bytes(element.ID)] = element.objgen
        for kid in _kids(element):
            if isinstance(kid, int):
                assert parents[element.Pg.StructParents][kid].objgen == element.objgen
                roles = dict(root.get("/RoleMap", Dictionary()).items())
                found.append((str(roles.get(str(element.S), element.S)), numbers[element.Pg.objgen]))
            elif kid.get("/Type") == Name.OBJR:
                assert parents[kid.Obj.StructParent].objgen == element.objgen
                assert kid.Obj.objgen in {each.objgen for each in kid.Pg.Annots}
            else:
                waiting.append((element, kid))
    tree = dict(NameTree(root.IDTree).items()) if "/IDTree" in root else {}
    assert {name.encode(): element.objgen for name, element in tree.items()} == ids
    return found


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, Array | list) else [kids]


def page_content(pdf: pikepdf.Pdf) -> list[tuple[bytes, str, str]]:
    """What each page draws, its media box and its crop box."""
    return [
        (b"\n".join(part.read_bytes() for part in _contents(page)), str(page.mediabox), str(page.cropbox))
        for page in pdf.pages
    ]


def _contents(page: Any) -> list[Any]:
    contents = page.obj.get("/Contents", [])
    return list(contents) if isinstance(contents, Array | list) else [contents]
