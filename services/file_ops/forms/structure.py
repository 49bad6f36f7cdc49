"""Keep a tagged document tagged: what an annotation showed becomes content of the same element."""

from __future__ import annotations

from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from services.file_ops.forms.names import text_of

#: What a number tree raises for numbers that it has not, and for trees that are broken.
_NOT_THERE = (LookupError, pikepdf.PikepdfError, RuntimeError, ValueError, TypeError)


class Structure:
    """The structure tree of one document, as far as annotations hang in it (ISO 32000-2, 14.7.5)."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        root = pdf.Root.get("/StructTreeRoot")
        self._root: Any = root if isinstance(root, Dictionary) else None
        self._parents: Any = None
        if self._root is not None and isinstance(self._root.get("/ParentTree"), Dictionary):
            self._parents = pikepdf.NumberTree(self._root.ParentTree)

    @property
    def tagged(self) -> bool:
        """Whether the document has a structure tree."""
        return self._root is not None

    def take_over(self, page: pikepdf.Page, annotation: Any) -> tuple[str, int] | None:
        """Put content of the page in the annotation's place in its element.

        Returns the element's type and the number of the marked content; None where nothing names the annotation.
        """
        element = self._element_of(annotation)
        if element is None or self._parents is None:
            return None
        contents = self._contents_of(page)
        if contents is None:
            return None
        number = len(contents)
        reference = Dictionary(Type=Name.MCR, Pg=page.obj, MCID=number)
        if not _replace(element, annotation, reference):
            return None
        contents.append(element)
        return text_of(element.get("/S")) or "Form", number

    def forget(self, annotation: Any) -> None:
        """Take an annotation that goes out of its element."""
        element = self._element_of(annotation)
        if element is not None:
            _replace(element, annotation, None)

    def _element_of(self, annotation: Any) -> Any:
        key = annotation.get("/StructParent")
        if self._parents is None or not isinstance(key, int):
            return None
        try:
            element = self._parents.get(key)
        except _NOT_THERE:
            return None
        return element if isinstance(element, Dictionary) else None

    def _contents_of(self, page: pikepdf.Page) -> Any:
        """The list of elements of a page's marked contents, by their numbers."""
        key: Any = page.obj.get("/StructParents")
        try:
            if isinstance(key, int):
                contents = self._parents.get(key)
                return contents if isinstance(contents, Array) else None
            new = max([int(self._root.get("/ParentTreeNextKey", 0)), *(int(known) + 1 for known in self._parents)])
            self._parents[new] = Array()
            page.obj.StructParents = new
            self._root.ParentTreeNextKey = new + 1
            return self._parents[new]
        except _NOT_THERE:
            return None


def _replace(element: Any, annotation: Any, reference: Any) -> bool:
    """Put `reference`, or nothing, where the element's kids name the annotation."""
    kids = element.get("/K")
    if _names(kids, annotation):
        if reference is None:
            del element["/K"]
        else:
            element.K = reference
        return True
    for index, kid in enumerate(kids if isinstance(kids, Array) else ()):
        if _names(kid, annotation):
            if reference is None:
                del kids[index]
            else:
                kids[index] = reference
            return True
    return False


def _names(kid: Any, annotation: Any) -> bool:
    named = kid.get("/Obj") if isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR else None
    return named is not None and annotation.is_indirect and named.objgen == annotation.objgen
