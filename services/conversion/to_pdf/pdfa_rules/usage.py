"""What pages really draw: fonts with the codes shown, colour spaces, graphics states, operators."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from shared.pdf.inheritance import inherited

_DEEP = 24
#: Streams and operators that are looked at, before a document counts as too complex.
_MOST_STREAMS = 200_000

_FILLS, _STROKES = {"f", "F", "f*", "B", "B*", "b", "b*"}, {"S", "s", "B", "B*", "b", "b*"}
_SHOWS = {"Tj", "TJ", "'", '"'}
_DEVICE = {"g": "/DeviceGray", "rg": "/DeviceRGB", "k": "/DeviceCMYK"}
_OPERATORS_IN_LINES = (
    "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re",
    "RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"",
)
#: Every operator of ISO 32000-1, annex A.
OPERATORS = frozenset(" ".join(_OPERATORS_IN_LINES).split())
_ABBREVIATED = {"/G": "/DeviceGray", "/RGB": "/DeviceRGB", "/CMYK": "/DeviceCMYK", "/I": "/Indexed"}


@dataclass(frozen=True)
class ShownFont:
    """A font as a page uses it: the object, and whether its glyphs are painted."""

    font: Any
    codes: set[bytes] = field(default_factory=set)
    painted: list[bool] = field(default_factory=list)


@dataclass
class Usage:
    """All that the pages of a document use."""

    #: By object number, or by identity for direct ones.
    fonts: dict[Any, ShownFont] = field(default_factory=dict)
    #: Device colour spaces that paint without a default space instead, with the first page where.
    devices: dict[str, int] = field(default_factory=dict)
    #: Other colour spaces that paint.
    spaces: list[Any] = field(default_factory=list)
    graphics_states: list[Any] = field(default_factory=list)
    intents: set[str] = field(default_factory=set)
    unknown_operators: set[str] = field(default_factory=set)
    inline_images: list[Any] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    forms: list[Any] = field(default_factory=list)
    deepest_nesting: int = 0
    #: Content streams that do not name their resources themselves.
    inherits_resources: bool = False
    undefined_resources: set[str] = field(default_factory=set)
    unreadable: int = 0
    #: Overprint with ICC-based CMYK, as (fill or stroke).
    overprinted_icc: bool = False
    #: Pages with transparency, counted from 0.
    transparent_pages: set[int] = field(default_factory=set)
    numbers_out_of_range: bool = False


@dataclass
class _State:
    fill: Any = Name.DeviceGray
    stroke: Any = Name.DeviceGray
    font: Any = None
    mode: int = 0


def read_usage(pdf: pikepdf.Pdf, *, only: int | None = None) -> Usage:
    """Walk every page, or one counted from 0, with its forms, patterns, Type 3 glyphs and appearances."""
    walk = _Walk(Usage())
    pages = enumerate(pdf.pages) if only is None else [(only, pdf.pages[only])]
    for number, page in pages:
        walk.page = number
        walk.seen = set()
        resources = inherited(page.obj, "/Resources")
        walk.content(page.obj, resources if isinstance(resources, Dictionary) else Dictionary(), 0)
        if isinstance(group := page.obj.get("/Group"), Dictionary):
            walk.blending(group, Dictionary())
        for annotation in array_of(page.obj.get("/Annots")):
            for appearance in appearances(annotation):
                walk.form(appearance, Dictionary(), 0)
    return walk.usage


def read_bytes(stream: Any) -> bytes | None:
    """The unpacked bytes of a stream, or None where a filter fails."""
    try:
        return bytes(stream.read_bytes())
    except (pikepdf.PdfError, RuntimeError, ValueError, NotImplementedError):
        return None


def array_of(value: Any) -> list[Any]:
    """The elements of an array; nothing of anything else."""
    return list(value) if isinstance(value, Array) else []


def appearances(annotation: Any) -> Iterator[Any]:
    """Every appearance stream of an annotation."""
    looks = annotation.get("/AP") if isinstance(annotation, Dictionary) else None
    for look in looks.values() if isinstance(looks, Dictionary) else ():
        if isinstance(look, Stream):
            yield look
        elif isinstance(look, Dictionary):
            yield from (state for state in look.values() if isinstance(state, Stream))


@dataclass
class _Walk:
    usage: Usage
    page: int = 0
    seen: set[Any] = field(default_factory=set)
    walked: int = 0

    def content(self, owner: Any, resources: Any, depth: int, start: _State | None = None) -> None:
        """Read one content stream."""
        self.walked += 1
        if depth > _DEEP or self.walked > _MOST_STREAMS:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                instructions = pikepdf.parse_content_stream(pikepdf.Page(owner) if "/Contents" in owner else owner)
        except (pikepdf.PdfError, TypeError, ValueError, RuntimeError):
            if isinstance(owner, Stream) or "/Contents" in owner:
                self.usage.unreadable += 1
            return
        state, stack, level = start or _State(), [], 0
        for operands, operator in ((one.operands, str(one.operator)) for one in instructions):
            if operator == "q":
                stack.append(replace(state))
                self.usage.deepest_nesting = max(self.usage.deepest_nesting, len(stack))
            elif operator == "Q":
                state = stack.pop() if stack else state
            elif operator == "BX":
                level += 1
            elif operator == "EX":
                level -= 1
            elif operator == "INLINE IMAGE":
                self._inline(operands[0], resources, state)
            elif operator not in OPERATORS:
                self.usage.unknown_operators.add(operator[:20])
            else:
                self._operator(operator, list(operands), resources, state, depth)

    def _operator(self, operator: str, operands: list[Any], resources: Any, state: _State, depth: int) -> None:
        if operator in _SHOWS:
            self._show(operands, resources, state)
        elif operator in _FILLS or operator in _STROKES:
            if operator in _FILLS:
                self._paint(state.fill, resources, depth)
            if operator in _STROKES:
                self._paint(state.stroke, resources, depth)
        elif operator.lower() in _DEVICE:
            self._set(state, operator.isupper(), Name(_DEVICE[operator.lower()]))
        elif operator in ("cs", "CS") and operands:
            self._set(state, operator == "CS", self._named(resources, "/ColorSpace", operands[0]))
        elif operator in ("scn", "SCN") and operands and isinstance(operands[-1], Name):
            pattern = self._named(resources, "/Pattern", operands[-1])
            space = state.stroke if operator == "SCN" else state.fill
            self._pattern(pattern, space, resources, depth)
        elif operator == "Tf" and operands:
            state.font = self._named(resources, "/Font", operands[0])
        elif operator == "Tr" and operands:
            state.mode = int(operands[0]) if isinstance(operands[0], int) else 0
        elif operator == "gs" and operands:
            self._graphics_state(self._named(resources, "/ExtGState", operands[0]), state, resources, depth)
        elif operator == "ri" and operands:
            self.usage.intents.add(str(operands[0]))
        elif operator == "sh" and operands:
            self._shading(self._named(resources, "/Shading", operands[0]), resources)
        elif operator == "Do" and operands:
            self._object(self._named(resources, "/XObject", operands[0]), resources, state, depth)

    def _set(self, state: _State, is_stroke: bool, space: Any) -> None:
        if is_stroke:
            state.stroke = space
        else:
            state.fill = space

    def _named(self, resources: Any, category: str, name: Any) -> Any:
        entries = resources.get(category) if isinstance(resources, Dictionary) else None
        found = entries.get(str(name)) if isinstance(entries, Dictionary) and isinstance(name, Name) else None
        if found is None:
            if category == "/ColorSpace":
                return name
            self.usage.undefined_resources.add(f"{category[1:]} {str(name)[:40]}")
        return found

    def _once(self, thing: Any, *more: Any) -> bool:
        """Whether an object is met for the first time on this page."""
        key = (thing.objgen if thing.is_indirect else id(thing), *more)
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def _paint(self, space: Any, resources: Any, depth: int) -> None:
        for device in devices_of(space, resources):
            self.usage.devices.setdefault(device, self.page)
        if isinstance(space, Array) and self._once(space, "space"):
            self.usage.spaces.append(space)

    def _show(self, operands: list[Any], resources: Any, state: _State) -> None:
        if state.mode not in (3, 7):
            if state.mode in (0, 2, 4, 6):
                self._paint(state.fill, resources, 0)
            if state.mode in (1, 2, 5, 6):
                self._paint(state.stroke, resources, 0)
        if not isinstance(state.font, Dictionary):
            return
        font = state.font
        key = font.objgen if font.is_indirect else str(font.unparse())
        shown = self.usage.fonts.setdefault(key, ShownFont(font))
        shown.painted.append(state.mode != 3) if (state.mode != 3) not in shown.painted else None
        for operand in operands:
            for part in operand if isinstance(operand, Array) else (operand,):
                if isinstance(part, String) and (data := bytes(part)) and data not in shown.codes:
                    shown.codes.add(data)
        if font.get("/Subtype") == Name.Type3 and self._once(font, "glyphs"):
            own = font.get("/Resources")
            for glyph in font.CharProcs.values() if isinstance(font.get("/CharProcs"), Dictionary) else ():
                if isinstance(glyph, Stream):
                    self.content(glyph, own if isinstance(own, Dictionary) else resources, 1, replace(state))

    def _graphics_state(self, found: Any, state: _State, resources: Any, depth: int) -> None:
        if not isinstance(found, Dictionary):
            return
        if self._once(found, "state"):
            self.usage.graphics_states.append(found)
            if is_transparent_state(found):
                self.usage.transparent_pages.add(self.page)
            mask = found.get("/SMask")
            if isinstance(mask, Dictionary) and isinstance(mask.get("/G"), Stream):
                self.form(mask.G, resources, depth + 1)
        font = found.get("/Font")
        if isinstance(font, Array) and len(font) and isinstance(font[0], Dictionary):
            state.font = font[0]

    def _pattern(self, pattern: Any, space: Any, resources: Any, depth: int) -> None:
        if isinstance(pattern, Stream) and self._once(pattern, "pattern"):
            own = pattern.get("/Resources")
            self.content(pattern, own if isinstance(own, Dictionary) else resources, depth + 1)
        elif isinstance(pattern, Dictionary) and isinstance(pattern.get("/Shading"), Dictionary | Stream):
            self._shading(pattern.Shading, resources)
            extended = pattern.get("/ExtGState")
            if isinstance(extended, Dictionary):
                self._graphics_state(extended, _State(), resources, depth)

    def _shading(self, shading: Any, resources: Any) -> None:
        if isinstance(shading, Dictionary | Stream) and "/ColorSpace" in shading:
            space = shading.ColorSpace
            named = self._named(resources, "/ColorSpace", space) if isinstance(space, Name) else space
            self._paint(named, resources, 0)

    def _object(self, thing: Any, resources: Any, state: _State, depth: int) -> None:
        if not isinstance(thing, Stream):
            return
        kind = thing.get("/Subtype")
        if kind == Name.Form:
            self.form(thing, resources, depth + 1, replace(state))
        elif kind == Name.Image:
            self._image(thing, resources, state)

    def _image(self, image: Any, resources: Any, state: _State) -> None:
        if image.get("/ImageMask", False):
            self._paint(state.fill, resources, 0)
        elif "/ColorSpace" in image:
            space = image.ColorSpace
            named = self._named(resources, "/ColorSpace", space) if isinstance(space, Name) else space
            self._paint(named, resources, 0)
        if self._once(image, "image"):
            self.usage.images.append(image)
            if isinstance(image.get("/SMask"), Stream) or image.get("/SMaskInData", 0):
                self.usage.transparent_pages.add(self.page)

    def _inline(self, image: Any, resources: Any, state: _State) -> None:
        self.usage.inline_images.append(image)
        about = image.obj
        if about.get("/IM", about.get("/ImageMask", False)):
            self._paint(state.fill, resources, 0)
            return
        space = about.get("/CS", about.get("/ColorSpace"))
        if isinstance(space, Name):
            space = Name(_ABBREVIATED.get(str(space), str(space)))
            space = self._named(resources, "/ColorSpace", space)
        elif isinstance(space, Array):
            space = Array([Name(_ABBREVIATED.get(str(p), str(p))) if isinstance(p, Name) else p for p in space])
        if space is not None:
            self._paint(space, resources, 0)

    def blending(self, group: Any, resources: Any) -> None:
        """The colour space that a group blends in counts as if it painted."""
        if "/CS" in group:
            self._paint(group.CS, resources, 0)

    def form(self, form: Any, resources: Any, depth: int, state: _State | None = None) -> None:
        """Read a form once a page."""
        if not self._once(form, "form"):
            return
        self.usage.forms.append(form)
        group = form.get("/Group")
        if isinstance(group, Dictionary) and group.get("/S") == Name.Transparency:
            self.usage.transparent_pages.add(self.page)
            self.blending(group, resources)
        own = form.get("/Resources")
        if not isinstance(own, Dictionary):
            self.usage.inherits_resources = True
        self.content(form, own if isinstance(own, Dictionary) else resources, depth, state)


def is_transparent_state(state: Any) -> bool:
    """Whether a graphics state lets through what is below."""
    mask, mode = state.get("/SMask"), state.get("/BM")
    modes = [str(one) for one in (mode if isinstance(mode, Array) else [mode] if mode is not None else [])]
    alphas = [state.get(key) for key in ("/CA", "/ca")]
    return (
        (mask is not None and mask != Name("/None"))
        or any(name not in ("/Normal", "/Compatible") for name in modes[:1])
        or any(alpha is not None and float(alpha) < 1 for alpha in alphas if isinstance(alpha, int | float) or alpha)
    )


def devices_of(space: Any, resources: Any, depth: int = 0) -> Iterator[str]:
    """The device colour spaces that a space ends in, without those that a default space of the resources replaces."""
    if depth > 8:
        return
    if isinstance(space, Name):
        name = str(space)
        if name in ("/DeviceGray", "/DeviceRGB", "/DeviceCMYK"):
            spaces = resources.get("/ColorSpace") if isinstance(resources, Dictionary) else None
            if not (isinstance(spaces, Dictionary) and name.replace("Device", "Default") in spaces):
                yield name
        return
    if not isinstance(space, Array) or not len(space):
        return
    kind = str(space[0])
    if kind in ("/Indexed", "/I", "/Pattern") and len(space) > 1:
        yield from devices_of(space[1], resources, depth + 1)
    elif kind in ("/Separation", "/DeviceN") and len(space) > 2:
        yield from devices_of(space[2], resources, depth + 1)
    elif kind in ("/DeviceGray", "/DeviceRGB", "/DeviceCMYK"):
        yield from devices_of(Name(kind), resources, depth + 1)
