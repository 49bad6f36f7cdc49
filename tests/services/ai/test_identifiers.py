"""Numbers with check digits, currencies and labels: what is taken for one, and what is not."""

from __future__ import annotations

import pytest

from services.ai.layout.currencies import codes_of, decide
from services.ai.layout.figures import figures
from services.ai.layout.identifiers import bic_in, iban_holds, ibans, vat_id_holds, vat_ids
from services.ai.layout.labels import label_at
from services.ai.layout.total_labels import Sum, names_base, percent_in, sum_named
from shared.pdf.words import Word


def words_of(text: str) -> list[Word]:
    """Words of a line, five points a letter."""
    found, left = [], 0.0
    for part in text.split(" "):
        found.append(Word(part, left, 0.0, left + 5.0 * len(part), 10.0))
        left += 5.0 * (len(part) + 1)
    return found


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("IBAN DE02 1203 0000 0000 2020 51 BIC BYLADEM1001", "DE02120300000000202051"),
        ("IBAN:GB82WEST12345698765432", "GB82WEST12345698765432"),
        ("pay to NO93 8601 1117 947 today", "NO9386011117947"),
        ("FR14 2004 1010 0505 0001 3M02 606.", "FR1420041010050500013M02606"),
    ],
)
def test_an_iban_is_found_in_groups_and_glued_to_its_label(line: str, value: str) -> None:
    (found,) = ibans(words_of(line))
    assert found.value == value
    assert iban_holds(found.value)


def test_what_has_not_the_length_of_its_country_is_no_iban() -> None:
    for line in ("US1234567890", "DE02 1203 0000", "ZZ99 1203 0000 0000 2020 51", "Order DE99 and 12 more"):
        assert list(ibans(words_of(line))) == []
    assert iban_holds("DE03120300000000202051") is False
    assert iban_holds("US1234567890") is None


@pytest.mark.parametrize("value", ["DE136695976", "ATU13585627", "FR40303265045", "CHE107787577MWST", "NL004495445B01"])
def test_check_digits_of_vat_ids_hold_and_one_wrong_digit_shows(value: str) -> None:
    assert vat_id_holds(value) is True
    place = next(index for index, letter in enumerate(value) if index > 3 and letter.isdigit())
    wrong = value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]
    assert vat_id_holds(wrong) is False


def test_vat_ids_are_found_with_spaces_and_points_and_nothing_else_is() -> None:
    assert [each.value for each in vat_ids(words_of("USt-IdNr. DE 136 695 976"))] == ["DE136695976"]
    assert [each.value for each in vat_ids(words_of("MWST CHE-107.787.577 MWST"))] == ["CHE107787577MWST"]
    assert list(vat_ids(words_of("DE 80333 München"))) == []
    assert vat_id_holds("12345") is None


def test_a_bic_needs_the_shape_and_a_country() -> None:
    found = bic_in(words_of("BYLADEM1001 und"))
    assert found is not None
    assert found.value == "BYLADEM1001"
    assert bic_in(words_of("ABCDXX22")) is None
    assert bic_in(words_of("bank")) is None


def test_a_long_line_of_hostile_words_costs_little() -> None:
    line = [Word("DE00" * 6, 0, 0, 1, 1)] * 20_000
    assert list(ibans(line)) == []
    assert list(vat_ids(line)) == []


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        ("$ 12.00", "", None),
        ("$ 12.00", "Springfield, IL 62704", "USD"),
        ("$ 12.00", "ABN 53 004 085 616", "AUD"),
        ("$ 12.00", "Springfield, IL 62704 and Toronto, Canada", None),
        ("12,00 \u20ac", "", "EUR"),
        ("kr 12,00", "", None),
        ("kr 12,00", "organisationsnummer 556012-5790", "SEK"),
        ("\u00a512,000", "", None),
        ("\u00a512,000", "\u682a\u5f0f\u4f1a\u793e", "JPY"),
        ("CHF 12.00", "", "CHF"),
        ("12.00", "", None),
    ],
)
def test_an_ambiguous_sign_is_a_currency_only_with_other_evidence(line: str, text: str, code: str | None) -> None:
    found = decide(figures(words_of(line)), text)
    assert (found.code if found else None) == code


def test_two_currencies_that_are_shown_as_often_decide_nothing() -> None:
    assert decide([*figures(words_of("EUR 12.00")), *figures(words_of("USD 13.00"))], "") is None
    assert codes_of("XYZ") == ()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Rechnungs-Nr.: 17", "number"),
        ("Rechnungs Nr. 17", "number"),
        ("N\u00b0 de facture : 17", "number"),
        ("Invoice # 17", "number"),
        ("F\u00e4lligkeitsdatum 3.4.", "due_date"),
        ("Data wystawienia: 3", "issue_date"),
        ("Rechnungsdatum/Lieferdatum 3.4.", "delivery_date"),
        ("Forfallodag 3", "due_date"),
        ("\u8acb\u6c42\u756a\u53f7: 7", "number"),
    ],
)
def test_labels_are_known_whatever_their_accents_points_and_spaces(text: str, field: str) -> None:
    label = label_at(words_of(text), 0)
    assert label is not None
    assert field in label.fields


def test_a_common_word_is_a_label_only_when_it_stands_alone_or_before_a_colon() -> None:
    assert label_at(words_of("An der Alster 1"), 0) is None
    assert label_at(words_of("De Boer BV"), 0) is None
    assert label_at(words_of("An: Boer"), 0) is not None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Total excl. VAT", Sum.NET),
        ("Total incl. VAT", Sum.GROSS),
        ("incl. 19 % MwSt.", Sum.TAX),
        ("Net \u00e0 payer (EUR)", Sum.DUE),
        ("Total HT", Sum.NET),
        ("Rechnungsbetrag", Sum.TOTAL),
        ("Gesamtbetrag der Zuschl\u00e4ge", Sum.CHARGE),
        ("Erhaltene Anzahlungen", Sum.PREPAID),
        ("\u00d6resavrundning", Sum.ROUNDING),
        ("Summa exkl. moms", Sum.NET),
        ("Razem netto", Sum.NET),
        ("\u00dcbertrag", Sum.CARRIED),
        ("\u6d88\u8cbb\u7a0e", Sum.TAX),
        ("Shelf oak 80 x 200", None),
        ("Thank you for your order and for all that you told us about it in the letter of last week", None),
    ],
)
def test_a_label_says_which_sum_it_is(label: str, kind: Sum | None) -> None:
    assert sum_named(label) is kind


def test_the_rate_and_the_base_of_a_tax_are_told_by_its_label() -> None:
    assert percent_in("zzgl. 19 % USt. auf") == "19"
    assert percent_in("7 % and 19 %") is None
    assert names_base("zzgl. 19 % USt. auf")
    assert not names_base("Umsatzsteuer 19 %")
