"""Who sells and who buys: by labels, by the line of the sender, by where letters have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ai.documents.invoice import Party
from services.ai.figures.value import TextValue
from services.ai.layout.blocks import MAIL, Block, blocks_of, lines_value, tells_contact
from services.ai.layout.currencies import codes_of
from services.ai.layout.fields import code_in
from services.ai.layout.identifiers import vat_id_holds, vat_ids
from services.ai.layout.labelled import INVOICE_STEM, Hit, Hits, first_value
from services.ai.layout.labels import label_at, plain, whole_traits
from services.ai.layout.sheet import Sheet, SheetRow, evidence, text_value
from shared.pdf.lines import Run
from shared.pdf.words import Word

#: Names end with it in Japanese letters.
_TO = re.compile("\\s*(?:\u5fa1\u4e2d|\u69d8|\u6bbf)$")
#: What parts name, street and place in the line of a sender.
_PARTS = re.compile(r"\s+[\u00b7\u2022|\-\u2013*]\s+|\s*[\u00b7\u2022|]\s*")
_POSTCODE = re.compile(r"\b(?:[A-Z]{1,2}-)?\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
#: Numbers of registers: at least five digits, letters and the marks that part them.
_NUMBER = re.compile(r"(?=(?:\D*\d){5})[A-Z0-9][A-Z0-9 ./\-]{4,24}")
_HEADINGS = frozenset({"buyer", "seller", "delivered_to"})
#: A form on one party is no longer, and its labels stand no further from its heading, in points.
_FORM_POINTS = 190.0
_FORM_INDENT = 25.0
#: Labels of so many words head something even without a colon: `Sold by`.
_CLEAR_WORDS = 2
#: A name in large letters is so much higher than the text of its page.
_LARGE = 1.25
_OTHERS = ("your", "customer", "client", "buyer", "ihre", "kunde", "votre", "cliente", "uw", "klant", "nabywc", "kund")


@dataclass
class Parties:
    """Seller and buyer, and the blocks that they were read from."""

    seller: Party
    buyer: Party
    seller_block: Block | None = None
    buyer_block: Block | None = None


def parties_of(sheet: Sheet, rows: Sequence[SheetRow], hits: Hits) -> Parties:
    """Read both parties from the rows of the first page that stand above the lines.

    A name is taken only where a label, a sender's line or an address below it says that it is one; of several blocks
    that could be a party without one, none.
    """
    blocks = [block for block in blocks_of(rows) if block.lines]
    buyer_block = _labelled(rows, hits, "buyer")
    seller_block = _labelled(rows, hits, "seller")
    delivered = _labelled(rows, hits, "delivered_to")
    sender = _sender_line(rows)
    if buyer_block is None and sender is not None:
        buyer_block = _below(rows, sender)
    known = [block for block in (buyer_block, seller_block, delivered) if block is not None]
    free = [block for block in map(_without_head, blocks) if block is not None and _may_be_party(block)]
    free = [block for block in free if not any(_shares(block, other) for other in known)]
    large = _large_name(rows) if sender is None and seller_block is None else None
    if large is not None:
        own = next((block for block in free if block.has(large[1].words)), None)
        seller_block = own or _with_address(large, [block for block in free if _begins_with_street(block)])
        free = [block for block in free if block is not own and not _shares(block, seller_block)]
    elif sender is None and seller_block is None and free:
        seller_block = _letterhead(free, buyer_block)
        free = [block for block in free if block is not seller_block]
    if buyer_block is None and seller_block is not None and len(free) == 1:
        buyer_block = free[0]
    found = Parties(_party(seller_block), _party(buyer_block), seller_block, buyer_block)
    if sender is not None and found.seller.name is None:
        found.seller = _from_sender(*sender)
    _give_numbers(sheet, hits, found)
    return found


def _labelled(rows: Sequence[SheetRow], hits: Hits, name: str) -> Block | None:
    """The block that a label heads, or stands beside; null where two labels head different ones."""
    found: dict[str, Block] = {}
    own = {row.index for row in rows}
    for hit in hits:
        if hit.row.index not in own or name not in hit.label.fields or _in_text(hit):
            continue
        block = _form(rows, hits, hit) or _headed(rows, hit)
        if block is not None:
            found.setdefault(block.texts[0], block)
    return next(iter(found.values())) if len(found) == 1 else None


def _headed(rows: Sequence[SheetRow], hit: Hit) -> Block | None:
    rest = hit.run.words[hit.end :]
    while rest and not plain(rest[0].text):
        rest = rest[1:]
    start: tuple[SheetRow, Run] | None = None
    if rest and hit.first == 0 and (hit.colon or hit.label.count >= _CLEAR_WORDS) and not rest[0].text.startswith("("):
        start = hit.row, Run(rest, rest[0].left, hit.run.top, hit.run.right, hit.run.bottom)
    right = next((run for run in hit.row.runs if run.left > hit.run.right), None)
    if start is None and right is not None and hit.colon and label_at(right.words, 0) is None:
        start = hit.row, right
    position = next(index for index, row in enumerate(rows) if row is hit.row)
    if start is None:
        start = _first_below(rows[position + 1 : position + 4], hit)
    if start is None or not _is_name(start[1].text):
        return None
    block = Block([start])
    for row in rows[position + 1 :]:
        if row.index <= start[0].index:
            continue
        run = next((run for run in row.runs if abs(run.left - start[1].left) < 6.0), None)
        gap = row.top - block.lines[-1][1].bottom
        if run is None:
            if gap > 0.95 * row.height:
                break
            continue
        if gap > 1.3 * run.height:
            break
        block.lines.append((row, run))
    return block


def _in_text(hit: Hit) -> bool:
    """Whether more words follow that are no value: `Supplier Ltd` heads nothing."""
    rest = hit.run.words[hit.end :]
    return bool(rest) and not hit.colon and not rest[0].text.startswith("(") and hit.label.count < _CLEAR_WORDS


def _form(rows: Sequence[SheetRow], hits: Hits, hit: Hit) -> Block | None:
    """The party in a form below its heading: `Name:` and `Address:` with their values beside them."""
    heads = [
        other.row.top
        for other in hits
        if other.label.fields & _HEADINGS and other.row.top > hit.row.bottom and not _in_text(other)
    ]
    end = min([*heads, hit.row.bottom + _FORM_POINTS])
    lines: list[tuple[SheetRow, Run]] = []
    for field in ("party_name", "party_address"):
        for other in hits:
            if field not in other.label.fields or other.row.page is not hit.row.page:
                continue
            if not hit.row.bottom - 1 <= other.row.top < end or abs(other.run.left - hit.run.left) > _FORM_INDENT:
                continue
            value = next((run for run in other.row.runs if run.left > other.run.right), None)
            if value is None or (field == "party_address") != bool(lines):
                break
            lines.append((other.row, value))
            if field == "party_address":
                lines.extend(_lines_under(rows, other.row, value))
            break
    return Block(lines) if lines else None


def _lines_under(rows: Sequence[SheetRow], row: SheetRow, run: Run) -> list[tuple[SheetRow, Run]]:
    """Rows that go on a value: nothing stands left of them."""
    found = []
    bottom = row.bottom
    for below in (each for each in rows if each.index > row.index):
        first = below.runs[0]
        if abs(first.left - run.left) > 4.0 or below.top - bottom > 1.2 * below.height:
            break
        found.append((below, first))
        bottom = below.bottom
    return found


def _first_below(rows: Sequence[SheetRow], hit: Hit) -> tuple[SheetRow, Run] | None:
    for row in rows:
        if row.page is not hit.row.page or row.top - hit.row.bottom > 2.0 * hit.row.height:
            return None
        for run in row.runs:
            if abs(run.left - hit.run.left) < 12.0 or (run.left < hit.run.right and hit.run.left < run.right):
                return (row, run) if label_at(run.words, 0) is None else None
    return None


def _is_name(text: str) -> bool:
    """Letters that are no reference, no sum and no way to reach somebody."""
    letters = sum(map(str.isalpha, text))
    if not text[:1].isalnum() and text[:1] not in '("\u201e\u300c':
        return False
    if (
        letters < 2
        or len(text) > 90
        or tells_contact(text)
        or ": " in text
        or text.endswith((":", "\uff1a"))
        or codes_of(text)
    ):
        return False
    return not ("  " not in text and " " not in text and any(map(str.isdigit, text)) and letters < 6)


def _sender_line(rows: Sequence[SheetRow]) -> tuple[SheetRow, Run] | None:
    """The small line above the window of a letter: name, street and place, parted by marks."""
    for row in rows:
        for run in row.runs:
            parts = _PARTS.split(run.text)
            if 2 < len(parts) < 6 and _POSTCODE.search(parts[-1]) and _is_name(parts[0]) and run.left < 150:
                return row, run
    return None


def _from_sender(row: SheetRow, run: Run) -> Party:
    parts = _PARTS.split(run.text)
    place = (evidence(row, run.words),)
    return Party(
        name=TextValue(value=parts[0], evidence=place), address=TextValue(value="\n".join(parts[1:]), evidence=place)
    )


def _below(rows: Sequence[SheetRow], sender: tuple[SheetRow, Run]) -> Block | None:
    row, run = sender
    below = [each for each in rows if each.index > row.index]
    for each in below[:4]:
        start = next((other for other in each.runs if abs(other.left - run.left) < 12.0), None)
        if start is not None:
            blocks = [block for block in blocks_of(below) if block.lines[0][1] is start]
            return blocks[0] if blocks and _is_name(blocks[0].texts[0]) else None
    return None


def _without_head(block: Block) -> Block | None:
    """A block without lines before the name: a title, a label."""
    lines = list(block.lines)
    while lines and label_at(lines[0][1].words, 0) is not None:
        lines = lines[1:]
    if not lines or not _is_name(lines[0][1].text):
        return None
    return Block(lines)


def _may_be_party(block: Block) -> bool:
    """Whether a block has a name with an address or a way to reach it, and is no value beside a label."""
    row, run = block.lines[0]
    left = [other for other in row.runs if other.right <= run.left]
    if left and left[-1].text.endswith((":", "\uff1a")):
        return False
    begins = run.words[0]
    figures = [*(each.words[0] for each in row.dates), *(each.words[0] for each in row.figures)]
    if any(word is begins for word in figures) and not any(map(str.isalpha, begins.text)):
        return False
    return block.is_address or _introduces(block)


def _large_name(rows: Sequence[SheetRow]) -> tuple[SheetRow, Run] | None:
    """The one line in the largest letters of the page, without titles and figures; null where two are as large."""
    heights = sorted(run.height for row in rows for run in row.runs)
    if not heights:
        return None
    usual = heights[len(heights) // 2]
    large = [
        (row, run)
        for row in rows
        for run in row.runs
        if run.height >= _LARGE * usual
        and _is_name(run.text)
        and label_at(run.words, 0) is None
        and not INVOICE_STEM.search(plain(run.text))
        and not row.dates
        and not whole_traits(run.text, "amounts")
    ]
    if not large:
        return None
    highest = max(run.height for _, run in large)
    best = [each for each in large if each[1].height > 0.97 * highest]
    return best[0] if len({run.text for _, run in best}) == 1 else None


def _begins_with_street(block: Block) -> bool:
    """Whether a block is an address without a name."""
    return any(map(str.isdigit, block.texts[0]))


def _with_address(large: tuple[SheetRow, Run], blocks: Sequence[Block]) -> Block:
    """A name with the address that stands elsewhere, where only one has no name of its own."""
    return Block([large, *blocks[0].lines]) if len(blocks) == 1 else Block([large])


def _shares(block: Block, other: Block) -> bool:
    own = {id(word) for _, run in other.lines for word in run.words}
    return any(id(run.words[0]) in own or id(run.words[-1]) in own for _, run in block.lines)


def _letterhead(free: Sequence[Block], buyer: Block | None) -> Block | None:
    """The block of the seller: the highest one, where it stands clearly above the buyer or tells how to reach it."""
    telling = [block for block in free if _introduces(block)]
    if len(telling) == 1:
        return telling[0]
    highest = min(free, key=lambda block: block.top)
    others = [block.top for block in free if block is not highest] + ([buyer.top] if buyer else [])
    if not others or min(others) - highest.top > highest.lines[0][0].height:
        return highest
    return None


def _introduces(block: Block) -> bool:
    """Whether a block tells what only the one who writes tells of itself: telephone, mail, register, bank."""
    rest = block.lines[1 + len(block.address_lines) :]
    return any(
        tells_contact(run.text) or (label_at(run.words, 0) or _NONE).fields & {"vat_id", "tax_number", "iban"}
        for _, run in rest
    )


def _party(block: Block | None) -> Party:
    if block is None:
        return Party()
    row, run = block.lines[0]
    name = _TO.sub("", run.text)
    return Party(name=text_value(row, run.words, name.strip(" ,;")), address=lines_value(block.address_lines))


def _give_numbers(sheet: Sheet, hits: Hits, found: Parties) -> None:
    """VAT ids, tax numbers and mail addresses to whom they belong: whose block they stand in, else the seller."""
    for row in sheet.rows:
        for each in vat_ids(row.words):
            if vat_id_holds(each.value) is False and not _has_label(row, hits, "vat_id"):
                continue
            party = _owner(found, row, each.words)
            if party.vat_id is None:
                party.vat_id = text_value(row, each.words, each.value)
            elif party.vat_id.value != each.value:
                _mark_unclear(party, "vat_id")
        for word in row.words:
            match = MAIL.search(word.text) if "@" in word.text[:200] else None
            if match:
                party = _owner(found, row, [word])
                if party.email is None:
                    party.email = text_value(row, [word], match[0])
    _labelled_numbers(sheet, hits, found)


def _labelled_numbers(sheet: Sheet, hits: Hits, found: Parties) -> None:
    """Numbers that have no shape of their own, by their labels: GSTIN, NIF, tax numbers."""
    for hit in hits:
        for field in ("vat_id", "tax_number"):
            if field not in hit.label.fields:
                continue
            taken = first_value(sheet, hits, hit, code_in)
            if taken is None or taken[0].how == "below" or not _NUMBER.fullmatch(taken[1].value):
                continue
            party = _owner(found, hit.row, hit.words)
            if getattr(party, field) is None and not (field == "tax_number" and party.vat_id == taken[1]):
                setattr(party, field, taken[1])


def _has_label(row: SheetRow, hits: Hits, field: str) -> bool:
    return any(hit.row is row and field in hit.label.fields for hit in hits)


def _owner(found: Parties, row: SheetRow, words: Sequence[Word]) -> Party:
    if found.buyer_block is not None and (found.buyer_block.has(words) or _names_other(row, words)):
        return found.buyer
    if found.buyer_block is not None and _stands_under(found.buyer_block, row, words):
        return found.buyer
    return found.seller


def _names_other(row: SheetRow, words: Sequence[Word]) -> bool:
    before = plain(" ".join(word.text for word in row.words if word.right <= words[0].left + 1))
    return any(each in before for each in _OTHERS)


def _stands_under(block: Block, row: SheetRow, words: Sequence[Word]) -> bool:
    """Whether words stand in a run right below a block, in line with it."""
    last_row, last = block.lines[-1]
    run = next((run for run in row.runs if words[0] in run.words), None)
    if run is None or row.page is not last_row.page:
        return False
    return 0 <= row.top - last.top < 2.5 * last.height and abs(run.left - last.left) < 6.0


def _mark_unclear(party: Party, field: str) -> None:
    """Two different numbers of one party: neither is taken."""
    setattr(party, field, None)


class _Nothing:
    fields: frozenset[str] = frozenset()


_NONE = _Nothing()
