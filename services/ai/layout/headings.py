"""The headings of tables: rows of words that mean columns, of one line or several, repeated on each page or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from services.ai.layout.rows import TextRow
from services.ai.layout.vocabulary import Match, Vocabulary, tokens_of, vocabulary_in
from shared.pdf.lines import GAP_HEIGHTS
from shared.pdf.words import Word

#: Parts of a ledger's year: names of columns, or of the debit and the credit column below them.
PARTS = frozenset({"opening", "movement", "closing"})
#: Columns of figures.
MONEY = frozenset({"debit", "credit", "amount", "balance"}) | PARTS
_SIDES = frozenset({"debit", "credit"})
#: Columns of dates.
DATES = frozenset({"date", "transaction_date", "value_date"})
#: Lines of a heading stand no further apart than so many of their heights.
_LEADING = 1.6
#: So large a share of a heading's words mean something.
_KNOWN = 0.5
#: A name of a column that means nothing here has no more words.
_LONGEST_NAME = 3
#: What is printed beside the name of a column.
_FILLERS = frozenset("in en em eur usd gbp chf € the of der die des de la le el il da do und and et y e i a o".split())  # noqa: SIM905
_COLUMNS = Path(__file__).with_name("columns.toml")


@dataclass(slots=True)
class HeadCell:
    """The name of one column, or of two whose values stand below each other (`stacked`)."""

    meanings: frozenset[str]
    left: float
    right: float
    words: list[Word]
    #: What the lines of the cell mean, where these are different columns.
    stacked: list[frozenset[str]] = field(default_factory=list)
    #: What stands above this cell and others: "Opening balance" over "Debit" and "Credit".
    above: frozenset[str] = frozenset()
    #: The two names that this one was joined of, if they may as well be of two columns.
    split: list[HeadCell] = field(default_factory=list)

    @property
    def text(self) -> str:
        """As printed."""
        return " ".join(word.text for word in self.words)


@dataclass(slots=True)
class Heading:
    """The heading of a table on one page; `first` and `end` are the indexes of its rows."""

    cells: list[HeadCell]
    first: int
    end: int
    #: Names above several columns.
    groups: list[HeadCell] = field(default_factory=list)

    def fit(self, columns: int) -> None:
        """Part names that were joined where there are more columns of figures than names."""
        names = sum(bool(cell.meanings & MONEY) for cell in self.cells)
        if names < columns and any(cell.split for cell in self.cells):
            self.cells = [each for cell in self.cells for each in (cell.split or [cell])]

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """What the columns mean, to tell a repeated heading."""
        return tuple(tuple(sorted(cell.meanings)) for cell in self.cells)


def columns_vocabulary() -> Vocabulary:
    """What the columns of statements are called."""
    return vocabulary_in(_COLUMNS, "columns")


def find_headings(rows: Sequence[TextRow], vocabulary: Vocabulary) -> list[Heading]:
    """All headings, in the order of the rows."""
    found: list[Heading] = []
    index = 0
    while index < len(rows):
        cells = _cells_of(rows[index], vocabulary)
        if cells is None:
            index += 1
            continue
        block = [cells]
        end = index + 1
        while end < len(rows) and _follows(rows[end - 1], rows[end]) and len(block) < 4:
            more = _cells_of(rows[end], vocabulary)
            if more is None:
                break
            block.append(more)
            end += 1
        heading = _heading(block, index, end, vocabulary)
        if heading is not None:
            found.append(heading)
            index = heading.end
        else:
            index += 1
    return found


def _follows(row: TextRow, other: TextRow) -> bool:
    return row.page is other.page and other.middle - row.middle < _LEADING * max(row.height, other.height)


def _cells_of(row: TextRow, vocabulary: Vocabulary) -> list[HeadCell] | None:
    """The cells of a row that may be of a heading; None where it has figures, dates or too much other text."""
    if row.dates or len(row.words) > 60 or any(not printed.bare for printed in row.figures):
        return None
    found = []
    for run in row.runs:
        matches = [part for match in vocabulary.matches(run) for part in _parted(match, run, vocabulary)]
        words = [word for word in run if tokens_of(word.text) and not set(tokens_of(word.text)) <= _FILLERS]
        found.append((run, _apart(matches), len(words)))
    # Text beside the table, at the height of its heading.
    while found and not found[-1][1] and found[-1][2] > _LONGEST_NAME:
        found.pop()
    while found and not found[0][1] and found[0][2] > _LONGEST_NAME:
        found.pop(0)
    known = sum(match.end - match.first for _, matches, _ in found for match in matches)
    if not known or known < _KNOWN * sum(words for _, _, words in found):
        return None
    return [cell for run, matches, _ in found for cell in _run_cells(run, matches)]


def _apart(matches: list[Match]) -> list[Match]:
    """Matches of different words: what one word says with a slash, as Buchung/Wert, is one name with all meanings."""
    joined: list[Match] = []
    for match in matches:
        if joined and match.first < joined[-1].end:
            last = joined[-1]
            joined[-1] = Match(last.meanings | match.meanings, last.first, max(last.end, match.end), last.text)
        else:
            joined.append(match)
    return joined


def _parted(match: Match, run: Sequence[Word], vocabulary: Vocabulary) -> Iterable[Match]:
    """Debit and credit side by side are two columns where nothing joins them: "Soll Haben", but not "Soll/Haben"."""
    words = run[match.first : match.end]
    if len(words) == 2 and all(word.text.isalpha() for word in words):
        one, other = (vocabulary.meanings_of(word.text) for word in words)
        if ("debit" in one and "credit" in other) or ("credit" in one and "debit" in other):
            yield Match(one, match.first, match.first + 1, words[0].text)
            yield Match(other, match.first + 1, match.end, words[1].text)
            return
    yield match


def _run_cells(run: Sequence[Word], matches: list[Match]) -> list[HeadCell]:
    """A run is one cell, unless it has several names of columns. Debit with the part of the year is one name."""
    if not matches:
        return [_cell(run, frozenset())]
    plain, matches = matches, _parts_with_sides(matches, run)
    cells = []
    for number, match in enumerate(matches):
        first = 0 if number == 0 else match.first
        end = matches[number + 1].first if number + 1 < len(matches) else len(run)
        cell = _cell(run[first:end], match.meanings)
        inside = [each for each in plain if match.first <= each.first and each.end <= match.end]
        if len(inside) == 2:
            cell.split = [_cell(run[each.first : each.end], each.meanings) for each in inside]
        cells.append(cell)
    return cells


def _parts_with_sides(matches: list[Match], run: Sequence[Word]) -> list[Match]:
    joined: list[Match] = []
    for match in matches:
        before = joined[-1] if joined else None
        joins = before is not None and not any(tokens_of(word.text) for word in run[before.end : match.first])
        if before is not None and joins and _is_one_name(before.meanings, match.meanings):
            joined[-1] = Match(before.meanings | match.meanings, before.first, match.end, f"{before.text} {match.text}")
        else:
            joined.append(match)
    return joined


def _is_one_name(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(a & PARTS and not a & _SIDES and b & _SIDES and not b & PARTS for a, b in ((one, other), (other, one)))


def _cell(words: Sequence[Word], meanings: frozenset[str]) -> HeadCell:
    return HeadCell(meanings, min(word.left for word in words), max(word.right for word in words), list(words))


def _heading(block: list[list[HeadCell]], first: int, end: int, vocabulary: Vocabulary) -> Heading | None:
    """Lines joined into one heading: the one that names most columns, and those whose cells fit to it."""
    sided = [
        number
        for number, line in enumerate(block)
        if any(sum(bool(cell.meanings & names) for cell in line) > 1 for names in (_SIDES, PARTS))
    ]
    # Debit and credit stand in the lowest line, whatever else the lines above name.
    main = sided[-1] if sided else max(range(len(block)), key=lambda number: (_named(block[number]), -number))
    cells = sorted(block[main], key=lambda cell: cell.left)
    low, high = main, main + 1
    groups: list[HeadCell] = []
    while low > 0:
        above, names = _without_groups(block[low - 1], cells)
        if above and not _joined(cells, above, vocabulary, above=True):
            break
        groups.extend(names)
        low -= 1
    while high < len(block) and _joined(cells, block[high], vocabulary, above=False):
        high += 1
    cells.sort(key=lambda cell: cell.left)
    meanings = {meaning for cell in cells for meaning in cell.meanings}
    money, others = meanings & MONEY, meanings - MONEY - {"other"}
    if not money or len(cells) < 2 or (not others and len(money) < 2):
        return None
    return Heading(cells, first + low, first + high, groups)


def _without_groups(line: list[HeadCell], cells: list[HeadCell]) -> tuple[list[HeadCell], list[HeadCell]]:
    """Cells of a line above a heading, and those of them that name several columns below.

    Parts of the year stand above debit and credit, or debit and credit above parts of the year.
    """
    for lower, upper in ((_SIDES, PARTS), (PARTS, _SIDES)):
        below = [cell for cell in cells if cell.meanings & lower and not cell.meanings & upper]
        if len(below) < 2:
            continue
        names = []
        for cell in line:
            under = [each for each in cells if min(each.right, cell.right) - max(each.left, cell.left) > 0]
            within = min(each.left for each in below) <= cell.left and cell.right <= max(each.right for each in below)
            if not cell.meanings & upper or cell.meanings & lower:
                continue
            if all(each in below for each in under) and (under or within):
                names.append(cell)
        for each in below if names else ():
            nearest = min(names, key=lambda cell: abs(cell.left + cell.right - each.left - each.right))
            each.above = nearest.meanings
        if names:
            return [cell for cell in line if cell not in names], names
    return line, []


def _named(cells: list[HeadCell]) -> int:
    return sum(1 for cell in cells if cell.meanings)


def _joined(cells: list[HeadCell], line: list[HeadCell], vocabulary: Vocabulary, *, above: bool) -> bool:
    """Put the cells of a line above or below to those that they stand over; False where they do not fit."""
    plan: list[tuple[HeadCell, list[HeadCell]]] = []
    for cell in line:
        under = [each for each in cells if min(each.right, cell.right) - max(each.left, cell.left) > 0]
        if len(under) > 1 and not above:
            return False
        plan.append((cell, under))
    if len(cells) > 2 and _is_one_run(line) and len({id(each) for _, under in plan for each in under}) > 1:
        # A title over the table.
        return False
    for cell, under in plan:
        if len(under) == 1 and _merged(under[0], cell, vocabulary, above=above) is None:
            return False
    for cell, under in plan:
        if not under:
            cells.append(cell)
        elif len(under) > 1:
            for each in under:
                each.above = each.above | cell.meanings
        else:
            _take(under[0], cell, vocabulary, above=above)
    return True


def _is_one_run(line: list[HeadCell]) -> bool:
    height = max(word.bottom - word.top for cell in line for word in cell.words)
    return all(other.left - one.right < GAP_HEIGHTS * height for one, other in pairwise(line))


def _merged(
    cell: HeadCell, other: HeadCell, vocabulary: Vocabulary, *, above: bool
) -> tuple[frozenset[str], list[frozenset[str]]] | None:
    """The meaning of two cells that stand over each other; None where they cannot be one column's."""
    words = other.words + cell.words if above else cell.words + other.words
    whole = vocabulary.meanings_of(" ".join(word.text for word in words))
    if whole:
        return whole, []
    if not other.meanings:
        return cell.meanings, cell.stacked
    if not cell.meanings:
        return other.meanings, other.stacked
    if _is_one_name(cell.meanings, other.meanings):
        return cell.meanings | other.meanings, []
    if cell.meanings & other.meanings:
        return cell.meanings & other.meanings, []
    mixed = bool(cell.meanings & MONEY) != bool(other.meanings & MONEY)
    if mixed:
        return None
    lines = cell.stacked or [cell.meanings]
    lines = [other.meanings, *lines] if above else [*lines, other.meanings]
    return lines[0], lines


def _take(cell: HeadCell, other: HeadCell, vocabulary: Vocabulary, *, above: bool) -> None:
    merged = _merged(cell, other, vocabulary, above=above)
    assert merged is not None
    cell.meanings, cell.stacked = merged
    cell.words = other.words + cell.words if above else cell.words + other.words
    cell.left, cell.right = min(cell.left, other.left), max(cell.right, other.right)
