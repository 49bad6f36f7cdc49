"""Pages that the benchmark sets itself, as PDFs with true text: columns, tables, receipts."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from weasyprint import HTML

_WORDS = """
    account across after agreement among amount answer archive article because before board bridge budget building
    capital careful central chapter church city claim clear climate coast college common company concern condition
    contract council country course court cover credit culture current customer damage debate decision degree demand
    department design detail district doctor document early economy edition education effect eight election energy
    engine evening event evidence example exchange expert factor family farmer figure final finance following foreign
    forest former forward garden general glass government ground growth harbour health history holiday hospital
    house however industry insurance island journal journey judge junior kitchen knowledge labour language large
    letter library license local machine manager margin market measure medical member method middle million minister
    minute modern month morning mountain museum nature nearly neighbour network number object office officer often
    opinion order organ owner paper parish patient pattern people period person picture plan police policy position
    power present price private problem process product program project property public purpose quality quarter
    question railway reason record region report research result return river safety sample school science season
    second section senior service seven several signal simple sister social society source station statement street
    student subject summer supply surface system teacher theory thousand through together travel treaty twenty under
    university valley value vessel village visit volume voyage water weather weight western whether window winter
    without witness woman world writer yellow yesterday
""".split()  # noqa: SIM905 - a list of one word a line would be a long file
_SHOPS = ("Corner Market", "Blue Harbour Cafe", "Station Pharmacy", "Hill Road Hardware")
_GOODS = (
    "Oat bread 500g", "Mineral water 6x1.5l", "Espresso double", "Paper bag", "Free-range eggs 10", "AA batteries 4x",
    "Brie 45%", "Tomatoes loose kg", "Wood screws 4x40", "Hand cream 75ml", "Newspaper", "Green tea 20 bags",
    "Apple juice 1l", "Masking tape 25m", "Plaster 10x", "Croissant", "LED bulb E27 8W", "Basmati rice 1kg",
)  # fmt: skip


def made(kind: str, seed: int, folder: Path) -> Path:
    """A PDF of one page; one seed gives one text."""
    target = folder / f"{kind}-{seed}.pdf"
    if not target.exists():
        html = _MAKERS[kind](random.Random(seed))
        folder.mkdir(parents=True, exist_ok=True)
        HTML(string=html).write_pdf(target)
    return target


def _sentence(luck: random.Random) -> str:
    words = [luck.choice(_WORDS) for _ in range(luck.randint(6, 17))]
    if luck.random() < 0.3:
        words[luck.randrange(len(words))] = str(luck.choice([luck.randint(2, 99), luck.randint(1750, 2030)]))
    if luck.random() < 0.5:
        words[len(words) // 2] += ","
    return " ".join(words).capitalize() + luck.choice(["."] * 8 + ["?", ";"])


def _paragraphs(luck: random.Random, count: int) -> str:
    return "".join(f"<p>{' '.join(_sentence(luck) for _ in range(luck.randint(4, 8)))}</p>" for _ in range(count))


def _columns(luck: random.Random) -> str:
    count, size = luck.choice([(2, 9.5), (2, 10.5), (3, 8.5)])
    title = _sentence(luck).rstrip(".?;")
    return f"""<style>@page {{ size: A4; margin: 18mm 16mm }} body {{ font: {size}pt/1.25 serif; text-align: justify }}
      .c {{ columns: {count}; column-gap: 7mm }} h1 {{ font-size: 17pt; text-align: left }}</style>
      <h1>{title}</h1><div class=c>{_paragraphs(luck, 11)}</div>"""


def _tables(luck: random.Random) -> str:
    border = luck.choice(["0.5pt solid #444", "none"])
    rows = "".join(
        f"<tr><td>{number}<td>{luck.choice(_WORDS).capitalize()} {luck.choice(_WORDS)}"
        f"<td>{luck.randint(1, 28):02}.{luck.randint(1, 12):02}.20{luck.randint(10, 26)}"
        f"<td class=n>{luck.randint(1, 400)}"
        f"<td class=n>{luck.uniform(0.5, 9999):,.2f}<td class=n>{luck.uniform(-9, 30):.1f} %</tr>"
        for number in range(1001, 1001 + luck.randint(26, 38))
    )
    return f"""<style>@page {{ size: A4; margin: 18mm }} body {{ font: 9.5pt sans-serif }} table {{ width: 100%;
      border-collapse: collapse }} td, th {{ border: {border}; padding: 1.2mm 2mm; text-align: left }}
      .n {{ text-align: right }}</style><p>{_sentence(luck)}</p><table>
      <tr><th>No.<th>Item<th>Date<th>Pieces<th>Amount EUR<th>Change</tr>{rows}</table><p>{_sentence(luck)}</p>"""


def _receipts(luck: random.Random) -> str:
    goods = [(luck.choice(_GOODS), luck.randint(1, 4), luck.uniform(0.4, 25)) for _ in range(luck.randint(9, 20))]
    rows = "".join(f"<tr><td>{count} x {name}<td class=n>{count * price:.2f}</tr>" for name, count, price in goods)
    total = sum(count * round(price, 2) for _, count, price in goods)
    return f"""<style>@page {{ size: 80mm {120 + 5 * len(goods)}mm; margin: 4mm }}
      body {{ font: 9pt/1.25 'DejaVu Sans Mono', monospace; text-align: center }}
      table {{ width: 100%; text-align: left }}
      td {{ padding: 0 }} .n {{ text-align: right }}
      .t td {{ font-weight: bold; font-size: 12pt; padding-top: 3mm }}</style>
      <p><b>{luck.choice(_SHOPS)}</b><br>{luck.randint(1, 99)} {luck.choice(_WORDS).capitalize()} Street<br>
      Tel 0{luck.randint(20, 79)} {luck.randint(1000, 9999)} {luck.randint(1000, 9999)}<p>
      {luck.randint(1, 28):02}/{luck.randint(1, 12):02}/2026 {luck.randint(8, 20):02}:{luck.randint(0, 59):02}
      Receipt {luck.randint(10000, 99999)}<table>{rows}<tr class=t><td>TOTAL EUR<td class=n>{total:.2f}</tr>
      <tr><td>VAT 19 %<td class=n>{total * 19 / 119:.2f}</tr></table><p>Card ending {luck.randint(1000, 9999)}<br>
      Thank you for your visit!"""


_MAKERS: dict[str, Callable[[random.Random], str]] = {"columns": _columns, "tables": _tables, "receipts": _receipts}
