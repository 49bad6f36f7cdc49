"""The languages that can be asked for: ISO 639-3 codes, their two-letter codes, their scripts. Light."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

AUTO = "auto"
SYNTAX = "auto, or ISO 639 codes joined by '+', the main language first: deu+eng, ja. Chinese: zho or chi_sim, chi_tra."
_MOST = 8

#: Code (639-3, or Tesseract's for Chinese), two-letter code or '-', English name, script.
_TABLE = """
afr af Afrikaans Latin; aze az Azerbaijani Latin; bos bs Bosnian Latin; cat ca Catalan Latin; ces cs Czech Latin;
cym cy Welsh Latin; dan da Danish Latin; deu de German Latin; eng en English Latin; spa es Spanish Latin;
est et Estonian Latin; eus eu Basque Latin; fin fi Finnish Latin; fra fr French Latin; gle ga Irish Latin;
glg gl Galician Latin; hrv hr Croatian Latin; hun hu Hungarian Latin; ind id Indonesian Latin;
isl is Icelandic Latin; ita it Italian Latin; lat la Latin Latin; ltz lb Luxembourgish Latin;
lit lt Lithuanian Latin; lav lv Latvian Latin; mri mi Maori Latin; msa ms Malay Latin; mlt mt Maltese Latin;
nld nl Dutch Latin; nor no Norwegian Latin; oci oc Occitan Latin; pol pl Polish Latin; por pt Portuguese Latin;
que qu Quechua Latin; roh rm Romansh Latin; ron ro Romanian Latin; slk sk Slovak Latin; slv sl Slovenian Latin;
sqi sq Albanian Latin; swe sv Swedish Latin; swa sw Swahili Latin; tgl tl Tagalog Latin; tur tr Turkish Latin;
uzb uz Uzbek Latin; vie vi Vietnamese Latin; epo eo Esperanto Latin; chi_sim zh Simplified_Chinese Han;
chi_tra - Traditional_Chinese Han; jpn ja Japanese Japanese; kor ko Korean Hangul;
rus ru Russian Cyrillic; ukr uk Ukrainian Cyrillic; bel be Belarusian Cyrillic; bul bg Bulgarian Cyrillic;
mkd mk Macedonian Cyrillic; srp sr Serbian Cyrillic; kaz kk Kazakh Cyrillic; mon mn Mongolian Cyrillic;
ell el Greek Greek; ara ar Arabic Arabic; fas fa Persian Arabic; urd ur Urdu Arabic; pus ps Pashto Arabic;
heb he Hebrew Hebrew; yid yi Yiddish Hebrew; hin hi Hindi Devanagari; mar mr Marathi Devanagari;
nep ne Nepali Devanagari; san sa Sanskrit Devanagari; ben bn Bengali Bengali; asm as Assamese Bengali;
tam ta Tamil Tamil; tel te Telugu Telugu; kan kn Kannada Kannada; mal ml Malayalam Malayalam;
guj gu Gujarati Gujarati; pan pa Punjabi Gurmukhi; sin si Sinhala Sinhala; tha th Thai Thai; lao lo Lao Lao;
khm km Khmer Khmer; mya my Burmese Myanmar; kat ka Georgian Georgian; hye hy Armenian Armenian;
amh am Amharic Ethiopic; bod bo Tibetan Tibetan
"""
_ROWS = [row.split() for row in _TABLE.replace("\n", " ").split(";")]
#: Name and script by code.
NAMES = {code: name.replace("_", " ") for code, _, name, _ in _ROWS}
SCRIPTS = {code: script for code, _, _, script in _ROWS}
#: As documents name their language (BCP 47): two letters where there are, and the script of Chinese.
_TAGS = {code: short for code, short, _, _ in _ROWS if short != "-"} | {"chi_sim": "zh-Hans", "chi_tra": "zh-Hant"}
#: Every way to write a code, with the code itself.
_WRITTEN = (
    {code: code for code in NAMES}
    | {short: code for code, short, _, _ in _ROWS if short != "-"}
    | {"zho": "chi_sim", "chi": "chi_sim", "zh-hans": "chi_sim", "zh-hant": "chi_tra", "ger": "deu", "fre": "fra"}
    | {"dut": "nld", "cze": "ces", "rum": "ron", "slo": "slk", "gre": "ell", "per": "fas", "nob": "nor", "nno": "nor"}
)


def tag_of(code: str) -> str:
    """What PDF, hOCR and ALTO call a language: `de`, `zh-Hans`."""
    return _TAGS[code]


def parse(text: str) -> tuple[str, ...]:
    """The codes that `text` names, each once, in its order; none for `auto`. Raises ValueError."""
    written = [part for part in re.split(r"[+,\s]+", text.strip().lower()) if part]
    if written == [AUTO]:
        return ()
    unknown = [part for part in written if part not in _WRITTEN]
    if unknown or not written:
        raise ValueError(f"{(unknown or [text])[0][:20]!r} is no language. {SYNTAX}")
    codes = tuple(dict.fromkeys(_WRITTEN[part] for part in written))
    if len(codes) > _MOST:
        raise ValueError(f"at most {_MOST} languages at once")
    return codes


def _check(text: str) -> str:
    return "+".join(parse(text)) or AUTO


#: The type of an option that takes languages; its value is `auto` or codes of this table joined by '+'.
Languages = Annotated[str, AfterValidator(_check), Field(max_length=100)]
