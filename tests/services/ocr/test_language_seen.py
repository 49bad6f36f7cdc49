"""The language of a text is told where it is sure, and nothing is said where it is not."""

# ruff: noqa: RUF001 - texts of many scripts
from __future__ import annotations

import pytest

from services.ocr.contracts.languages import NAMES
from services.ocr.pages.language_seen import FUNCTION_WORDS, language_seen


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("eng", "It was the best of times, it was the worst of times, and they had everything before them."),
        ("deu", "Es war die beste und die schlimmste Zeit, und sie hatten alles vor sich, wenn es nicht so wäre."),
        ("fra", "C'était le meilleur et le pire des temps, et nous avions tout devant nous, mais rien ne le disait."),
        ("spa", "Era el mejor de los tiempos y el peor de los tiempos, y todo lo que había antes ya no era así."),
        ("ita", "Era il migliore e il peggiore dei tempi, e avevano tutto davanti a loro, ma non era come prima."),
        ("nld", "Het was de beste en de slechtste tijd, en zij hadden alles nog voor zich, maar dat is niet meer zo."),
        ("pol", "To był najlepszy i najgorszy czas, ale nie było tak, jak się to dla nich przed tym być mogło."),
        ("swe", "Det var den bästa och den sämsta av tider, och de hade allt framför sig, men det är inte så nu."),
        ("rus", "Это было лучшее и худшее время, и у них было всё впереди, но это не так, как должно было быть."),
        ("ukr", "Це був найкращий і найгірший час, але це не те, що було для них, як він був цей раз."),
        ("ell", "Ήταν η καλύτερη και η χειρότερη από τις εποχές που είχαμε δει ποτέ στη ζωή μας."),
        ("jpn", "それは最良の時代であり、最悪の時代でもあった。"),
        ("chi_sim", "这是最好的时代，也是最坏的时代，我们应该从这里开始对话。"),
        ("chi_tra", "這是最好的時代，也是最壞的時代，我們應該從這裡開始對話。"),
    ],
)
def test_prose_is_told(code: str, text: str) -> None:
    assert language_seen(text.split()) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Invoice",
        "20417 1,284.50 3.3.2025 14:30 A4 300 DIN 5008 EUR 12 99 100",
        "Müller Meier Schulze Berlin Hamburg Kaufmann Zimmermann Bäcker Schneider Weber",
        "lingua franca totum pro parte quasi persona grata casus belli modus vivendi",
        "xqz vrt kll mnp wrst blgh trf zzk pqr jkl vbn mrt",
        "中文大小上下左右天地人口手足山水火木金土日月",
    ],
)
def test_names_figures_and_noise_are_no_language(text: str) -> None:
    assert language_seen(text.split()) is None


def test_only_languages_that_were_asked_for_are_told() -> None:
    text = [
        "Det",
        "var",
        "den",
        "bedste",
        "af",
        "alle",
        "tider,",
        "og",
        "det",
        "var",
        "ikke",
        "til",
        "at",
        "se",
        "for",
        "dem,",
        "der",
        "var",
        "med",
        "i",
        "det.",
    ]
    assert language_seen(text, ["dan"]) == "dan"
    assert language_seen(text, ["deu", "eng"]) is None


def test_every_language_with_small_words_is_one_that_can_be_asked_for() -> None:
    assert set(FUNCTION_WORDS) <= set(NAMES)
    assert all(len(words) >= 5 for words in FUNCTION_WORDS.values())
