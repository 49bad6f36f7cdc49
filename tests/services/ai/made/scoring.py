"""Compares what was read with the truth: field by field, line by line, and lists what is wrong but called verified."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel

from services.ai.figures.value import Status, Value
from tests.services.ai.made.alignment import aligned

#: Fields whose spaces mean nothing.
_NUMBERS = frozenset({"iban", "account_number", "vat_id", "tax_number", "bic", "card"})
#: The lists that documents consist of, by the field that holds them.
LISTS = ("movements", "accounts", "subtotals", "lines", "taxes")
#: What the line of totals is called is of no interest.
_NEVER_COUNTED = frozenset({"totals.name", "totals.code"})
#: The list that a kind of document is about.
MAIN_LIST = {"bank_statement": "movements", "trial_balance": "accounts", "invoice": "lines", "receipt": "lines"}


@dataclass(frozen=True)
class Read:
    """A value that was read."""

    value: Any
    status: Status = Status.UNVERIFIABLE
    checks: tuple[str, ...] = ()


@dataclass
class Tally:
    """Counts of one field."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    extra: int = 0
    verified: int = 0

    @property
    def precision(self) -> float | None:
        """Right among what was read."""
        given = self.right + self.wrong + self.extra
        return self.right / given if given else None

    @property
    def recall(self) -> float | None:
        """Right among what the document has."""
        there = self.right + self.wrong + self.missed
        return self.right / there if there else None

    def add(self, other: Tally) -> None:
        """Count another document's in."""
        for name in ("right", "missed", "wrong", "extra", "verified"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class Score:
    """How well one file was read."""

    fields: dict[str, Tally] = field(default_factory=dict)
    #: Lines of the main list: in the truth, and read exactly right in all that they have.
    lines: int = 0
    lines_right: int = 0
    #: The same without their texts: dates and figures only.
    lines_figures_right: int = 0
    #: Lines that were read and are not there.
    lines_extra: int = 0
    #: What is wrong but verified: field, truth, value read, the checks that spoke for it.
    lies: list[str] = field(default_factory=list)
    #: What is wrong, missed or extra, for people.
    faults: list[str] = field(default_factory=list)

    @property
    def fully_right(self) -> bool:
        """Whether nothing is missed, wrong or extra."""
        return not self.faults

    def count(self, path: str, outcome: str, *, verified: bool = False) -> None:
        """Count a value of a field."""
        tally = self.fields.setdefault(path, Tally())
        setattr(tally, outcome, getattr(tally, outcome) + 1)
        tally.verified += verified


def score(
    kind: str,
    found: Sequence[BaseModel],
    truths: Sequence[dict[str, Any]],
    open_fields: Sequence[str] = (),
    *,
    partial: bool = False,
) -> Score:
    """Compare the documents that were read in a file with its true ones.

    Of a `partial` truth only what it tells is counted: nothing that was read beside is extra.
    """
    result = Score()
    read = [plain(document) for document in found]
    if len(truths) == 1 and len(read) > 1:
        # One fault, and then the lines for themselves: they are not wrong because a document was cut in two.
        result.faults.append(f"documents wrong: is 1, read {len(read)}")
        result.count("documents", "wrong")
        read = [{**read[0], **{name: [line for each in read for line in each.get(name) or []] for name in LISTS}}]
    for truth, document in aligned(truths, read, lambda one, other: _same_values(one, other)):
        if partial:
            document = _only(truth or {}, document or {})
        _compare(kind, truth or {}, document or {}, frozenset(open_fields), result)
    return result


def _only(truth: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """What was read of the fields that a partial truth has."""
    kept: dict[str, Any] = {}
    for name, value in truth.items():
        if isinstance(value, dict):
            kept[name] = _only(value, read.get(name) or {})
        elif isinstance(value, list):
            names = {key for line in value for key in line}
            lines = ({key: line[key] for key in names if key in line} for line in read.get(name) or [])
            kept[name] = [line for line in lines if line]
        elif name in read:
            kept[name] = read[name]
    return kept


def plain(model: BaseModel) -> dict[str, Any]:
    """A document as fields of `Read`, sub-documents and lists."""
    shown: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Value):
            shown[name] = Read(value.value, value.status, tuple(value.checks))
        elif isinstance(value, BaseModel):
            shown[name] = plain(value)
        elif isinstance(value, list):
            shown[name] = [plain(each) for each in value]
        elif value is not None:
            shown[name] = Read(value)
    return shown


def same(name: str, truth: Any, read: Any) -> bool:
    """Whether a value is the true one: figures by their worth, texts without regard to white space."""
    if isinstance(read, Decimal):
        try:
            return Decimal(str(truth)) == read
        except InvalidOperation:
            return False
    if isinstance(read, date):
        return read.isoformat() == str(truth)
    return _text(name, str(truth)) == _text(name, str(read))


def _text(name: str, text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", "" if name in _NUMBERS else " ", text).strip()


def _leaves(document: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a document that stand in no list."""
    for name, value in document.items():
        if name == "optional":
            continue
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}.")
        elif not isinstance(value, list) and value is not None:
            yield f"{before}{name}", value


def _same_values(truth: dict[str, Any], read: dict[str, Any]) -> int:
    """How many values two documents, or two lines, have in common."""
    leaves = dict(_leaves(read))
    common = sum(
        2 if isinstance(leaves[path].value, Decimal) else 1
        for path, value in _leaves(truth)
        if path in leaves and same(path.rpartition(".")[2], value, leaves[path].value)
    )
    for name in LISTS:
        common += min(1, len(truth.get(name) or ()), len(read.get(name) or ()))
    return common


def _compare(kind: str, truth: dict[str, Any], read: dict[str, Any], open_fields: frozenset[str], into: Score) -> None:
    _compare_leaves("", truth, read, open_fields, into)
    for name in LISTS:
        if name in open_fields:
            continue
        pairs = aligned(truth.get(name) or [], read.get(name) or [], _same_values)
        for number, (true_line, line) in enumerate(pairs):
            before = len(into.faults)
            _compare_leaves(f"{name}.", true_line or {}, line or {}, open_fields, into, number)
            if name == MAIN_LIST[kind] and true_line is not None:
                faults = into.faults[before:]
                into.lines += 1
                into.lines_right += not faults
                into.lines_figures_right += all(_is_text(fault) for fault in faults)
            elif name == MAIN_LIST[kind]:
                into.lines_extra += 1


def _is_text(fault: str) -> bool:
    return fault.split(" ")[0].rpartition(".")[2] in ("description", "reference", "name", "unit")


def _compare_leaves(
    before: str,
    truth: dict[str, Any],
    read: dict[str, Any],
    open_fields: frozenset[str],
    into: Score,
    number: int | None = None,
) -> None:
    true_values, values = dict(_leaves(truth)), dict(_leaves(read))
    for path, allowed in (truth.get("optional") or {}).items():
        if path in values:
            # Nobody needs to read it; who does must read it right.
            fits = [value for value in allowed if same(path, value, values[path].value)]
            true_values[path] = (fits or allowed)[0]
    optional = frozenset(truth.get("optional") or ())
    for path in dict.fromkeys([*true_values, *values]):
        whole = f"{before}{path}"
        if whole in _NEVER_COUNTED or (open_fields & {whole, path.partition(".")[0]} and path not in optional):
            continue
        true, found = true_values.get(path), values.get(path)
        if found is not None and true is not None and same(path.rpartition(".")[2], true, found.value):
            into.count(whole, "right", verified=found.status is Status.VERIFIED)
            continue
        outcome = "missed" if found is None else "extra" if true is None else "wrong"
        into.count(whole, outcome)
        place = "" if number is None else f" [{number}]"
        given = "" if found is None else f", read {found.value}"
        fault = f"{whole}{place} {outcome}: is {true}{given}"
        into.faults.append(fault)
        if found is not None and found.status is Status.VERIFIED:
            into.lies.append(f"{fault}, verified by {', '.join(found.checks)}")


def total(scores: Sequence[Score]) -> dict[str, Tally]:
    """The fields of several files together."""
    fields: dict[str, Tally] = {}
    for each in scores:
        for name, tally in each.fields.items():
            fields.setdefault(name, Tally()).add(tally)
    return fields


def most_common_faults(scores: Sequence[Score], count: int = 12) -> list[tuple[str, int]]:
    """Which fields fail how often, and in which way."""
    kinds: Counter[str] = Counter()
    for each in scores:
        kinds.update({f"{fault.split(' ')[0]} {fault.split(':')[0].split(' ')[-1]}" for fault in each.faults})
    return kinds.most_common(count)
