"""Personal data that shows by its form: patterns, and the checks that tell it from other numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from services.file_ops.contracts.protection import SecretKind

#: Every quantifier is bounded and no two neighbours match the same text, so that matching stays linear.
_PATTERNS = {
    SecretKind.EMAIL: r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}",
    SecretKind.IBAN: r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}",
    SecretKind.PHONE: r"(?<![\w+.,/-])(?:(?:\+|00)[1-9]\d{0,2}|\(?0\d{1,5}\)?|\(\d{3}\)|\d{3}(?=[ .-]\d{3}[ .-]\d{4}))"
    r"(?:[ ./()-]{0,3}\d){5,12}(?![\w.,/-]?\d)",
    SecretKind.CARD: r"(?<![\d.,-])[2-6](?:[ -]?\d){12,18}(?!\d)",
}
#: Digits of a telephone number with its country (E.164 allows 15; shorter ones are extensions or years).
_PHONE_DIGITS = range(7, 16)
_SHORTEST_IBAN = 15


def pattern(kind: SecretKind) -> re.Pattern[str]:
    """What may be of this kind."""
    return re.compile(_PATTERNS[kind])


def spans(kind: SecretKind, text: str) -> Iterator[tuple[int, int]]:
    """Where a text holds something of this kind, checked by its check digits where it has any."""
    for found in pattern(kind).finditer(text):
        length = _CHECKS[kind](found[0])
        if length:
            yield found.start(), found.start() + length


def _email(_text: str) -> int:
    return len(_text)


def _phone(text: str) -> int:
    digits = sum(character.isdigit() for character in text)
    return len(text) if digits in _PHONE_DIGITS else 0


def _iban(text: str) -> int:
    """The longest beginning whose check digits hold (ISO 13616: modulo 97 is 1): words may follow."""
    for length in range(len(text), 0, -1):
        compact = text[:length].replace(" ", "")
        if len(compact) < _SHORTEST_IBAN:
            return 0
        turned = compact[4:] + compact[:4]
        if text[length - 1] != " " and int("".join(str(int(character, 36)) for character in turned)) % 97 == 1:
            return length
    return 0


def _card(text: str) -> int:
    """Luhn's check digit (ISO/IEC 7812-1)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(text) if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else 0


_CHECKS: dict[SecretKind, Callable[[str], int]] = {
    SecretKind.EMAIL: _email,
    SecretKind.PHONE: _phone,
    SecretKind.IBAN: _iban,
    SecretKind.CARD: _card,
}
