"""The language that a text is in, told by its script and its small words; None where that is not sure."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from services.ocr.contracts.languages import SCRIPTS

#: Small words that a language cannot do without: a line for each, which its code begins.
_TABLE = Path(__file__).with_name("function_words.txt")
FUNCTION_WORDS = {
    code: frozenset(words) for code, *words in map(str.split, _TABLE.read_text(encoding="utf-8").splitlines())
}
#: Fewer words, or characters of scripts without spaces, tell nothing.
_LEAST_WORDS, _LEAST_CHARACTERS = 8, 12
#: Of the words so many must be small words of the language: prose has a third, lists and tables nearly none.
_LEAST_SHARE = 0.12
_LEAST_HITS = 3
#: Hits count less where other languages have the word too; by so many times and so much must the best be ahead.
_AHEAD_TIMES, _LEAST_AHEAD = 1.2, 1.0
#: Of the letters so many must be of one script.
_SCRIPT_SHARE = 0.6
#: Names of scripts as Unicode's names of letters begin, where that is not how we call them.
_LETTER_SCRIPTS = {"CJK": "Han", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "FULLWIDTH": "Latin"}
#: Common characters that only one of the two ways to write Chinese has.
_SIMPLIFIED = frozenset(
    "这国们来时为会个对发经过还进现动种开问么样关从后两长头见实无业电东车书马门说话将资请输选择档删错误识别网页键应该与处变据检视设总类单点当并"
)
_TRADITIONAL = frozenset(
    "這國們來時為會個對發經過還進現動種開問麼樣關從後兩長頭見實無業電東車書馬門說話將資請輸選擇檔刪錯誤識別網頁鍵應該與處變據檢視設總類單點當並"
)


def language_seen(words: Sequence[str], asked: Collection[str] = ()) -> str | None:
    """The code of the language of a text, one of `asked` where any are named; None where it is not sure."""
    script = _script(words)
    if script in ("Han", "Japanese"):
        return _east_asian(script, words, asked)
    known = [code for code, its in SCRIPTS.items() if its == script and (not asked or code in asked)]
    if len(words) < _LEAST_WORDS:
        return None
    if script != "Latin" and len(known) == 1:
        return known[0]
    return _by_small_words(words, [code for code in known if code in FUNCTION_WORDS])


def _script(words: Iterable[str]) -> str | None:
    """The script that most letters are of."""
    scripts = Counter(_script_of(letter) for word in words for letter in word if letter.isalpha())
    letters = scripts.total()
    if scripts["Japanese"] > 0.1 * letters:
        return "Japanese"
    script, most = scripts.most_common(1)[0] if letters else ("", 0)
    return script if most > _SCRIPT_SHARE * letters else None


@lru_cache(maxsize=8192)
def _script_of(letter: str) -> str:
    first = unicodedata.name(letter, "").split(" ")[0]
    return _LETTER_SCRIPTS.get(first, first.capitalize())


def _east_asian(script: str, words: Iterable[str], asked: Collection[str]) -> str | None:
    text = "".join(words)
    if len(text) < _LEAST_CHARACTERS:
        return None
    if script == "Japanese":
        code: str | None = "jpn"
    else:
        simplified = sum(character in _SIMPLIFIED for character in text)
        traditional = sum(character in _TRADITIONAL for character in text)
        code = None
        if max(simplified, traditional) > 4 * min(simplified, traditional):
            code = "chi_sim" if simplified > traditional else "chi_tra"
    return code if not asked or code in asked else None


def _by_small_words(words: Sequence[str], codes: Sequence[str]) -> str | None:
    found = Counter(part for word in words for part in _parts(word))
    hits, weights = Counter[str](), dict.fromkeys(codes, 0.0)
    for part, times in found.items():
        # What several languages have tells little between them.
        having = [code for code in codes if part in FUNCTION_WORDS[code]]
        for code in having:
            hits[code] += times
            weights[code] += times / len(having)
    first, second, *_ = (*sorted(weights, key=lambda code: weights[code], reverse=True), None, None)
    if first is None or hits[first] < max(_LEAST_HITS, _LEAST_SHARE * found.total()):
        return None
    others = weights[second] if second else 0.0
    return first if weights[first] >= _AHEAD_TIMES * others + _LEAST_AHEAD else None


def _parts(word: str) -> list[str]:
    """The letters of a word without what stands around and between them, in lower case."""
    text = unicodedata.normalize("NFC", word).lower()
    # Vowels of Indian scripts are marks.
    return "".join(one if unicodedata.category(one)[0] in "LM" else " " for one in text).split()
