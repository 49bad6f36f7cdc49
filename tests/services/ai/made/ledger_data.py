"""What a trial balance tells, before any layout: accounts whose debits and credits are equal, groups, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

from tests.services.ai.made.vocabulary import VOCABULARIES

ZERO = Decimal(0)


@dataclass(frozen=True)
class Entry:
    """One account: signed opening balance, debits and credits of the period. Debits are positive."""

    code: str
    name: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    group: str

    @property
    def closing(self) -> Decimal:
        """Signed closing balance."""
        return self.opening + self.debit - self.credit


@dataclass
class LedgerData:
    """The accounts of a ledger; `shift` is what was added to the printed total of closing debits."""

    company: str
    entries: list[Entry]
    #: Name of each group by its code.
    groups: dict[str, str] = field(default_factory=dict)
    flaw: str | None = None
    shift: Decimal = ZERO

    def totals(self, columns: Sequence[str], entries: Sequence[Entry] | None = None) -> dict[str, Decimal]:
        """Sums of columns, as printed."""
        chosen = self.entries if entries is None else entries
        sums = {name: sum((figures(entry)[name] for entry in chosen), ZERO) for name in columns}
        if entries is None and self.shift:
            name = "closing_debit" if "closing_debit" in columns else columns[0]
            sums[name] += self.shift
        return sums

    def truth(
        self,
        columns: Sequence[str],
        *,
        codes: bool = True,
        names: bool = True,
        zeros: bool = False,
        totals: bool = True,
        subtotals: Sequence[dict[str, Any]] = (),
        **printed: Any,
    ) -> dict[str, Any]:
        """The trial balance in the words of the typed document; empty cells are null unless `zeros` are printed."""

        def cells(values: dict[str, Decimal]) -> dict[str, str | None]:
            return {name: str(values[name]) if zeros or values[name] else None for name in columns}

        accounts = [
            {
                "code": entry.code if codes else None,
                "name": entry.name if names else None,
                **cells(figures(entry)),
            }
            for entry in self.entries
        ]
        total = {name: str(value) for name, value in self.totals(columns).items()} if totals else None
        return {"company": self.company, **printed, "accounts": accounts, "subtotals": list(subtotals), "totals": total}


def figures(entry: Entry) -> dict[str, Decimal]:
    """An account's columns, without signs."""
    return {
        "opening_debit": max(entry.opening, ZERO),
        "opening_credit": max(-entry.opening, ZERO),
        "debit": entry.debit,
        "credit": entry.credit,
        "closing_debit": max(entry.closing, ZERO),
        "closing_credit": max(-entry.closing, ZERO),
    }


def ledger(
    random: Random,
    language: str,
    count: int,
    *,
    code: str = "{group}{serial:03d}",
    groups: Sequence[str] = ("1", "2", "4", "6"),
    group_names: Sequence[str] = (),
    digits: int = 2,
) -> LedgerData:
    """Accounts in the order of their codes; opening, period and closing are balanced by the last one."""
    words = VOCABULARIES[language]
    step = Decimal(1).scaleb(-digits)
    names: list[str] = []
    while len(names) < count:
        batch = list(words.accounts)
        random.shuffle(batch)
        names += batch if not names else [f"{name} {len(names) // len(batch) + 1}" for name in batch]
    entries = []
    for place in range(count):
        group = groups[place * len(groups) // count]

        def figure(chance: float) -> Decimal:
            size = random.choice([80, 3000, 60000, 900000])
            drawn = Decimal(str(round(random.uniform(0.02, 1) * size, 2))).quantize(step)
            return drawn if random.random() < chance else ZERO.quantize(step)

        opening = figure(0.6) * random.choice([1, -1])
        serial = 10 * (place + 1) % 1000
        entries.append(
            Entry(code.format(group=group, serial=serial), names[place], opening, figure(0.7), figure(0.7), group)
        )
    last = entries[-1]
    opening = last.opening - sum((entry.opening for entry in entries), ZERO)
    moved = sum((entry.debit - entry.credit for entry in entries), ZERO)
    debit, credit = last.debit + max(-moved, ZERO), last.credit + max(moved, ZERO)
    entries[-1] = replace(last, opening=opening, debit=debit, credit=credit)
    company = random.choice(words.companies)
    return LedgerData(company, entries, dict(zip(groups, group_names, strict=False)))


def spoiled(data: LedgerData, random: Random) -> LedgerData:
    """The same with an error that arithmetic must find: a lost account, or a total that does not add up."""
    if random.random() < 0.5:
        moving = [place for place, entry in enumerate(data.entries) if entry.closing and entry.opening and entry.debit]
        if moving:
            entries = list(data.entries)
            kept = data.totals(("closing_debit",))["closing_debit"]
            del entries[random.choice(moving)]
            lost = replace(data, entries=entries, flaw="missing_line")
            # The printed total stays what it was where the lost account was a debit; else the sides differ.
            lost.shift = kept - lost.totals(("closing_debit",))["closing_debit"]
            return lost
    return replace(data, shift=Decimal("100.00"), flaw="total")
