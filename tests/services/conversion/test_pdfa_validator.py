"""Our validator's verdicts are those of veraPDF's corpus, whose files break one rule each and say so in their names."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from services.conversion.to_pdf.pdfa_rules.check import check_pdfa

_SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "pdfa").glob("*.pdf"))


def test_the_samples_are_there():
    assert len(_SAMPLES) >= 20
    assert {sample.name[:2] for sample in _SAMPLES} == {"1b", "2b", "3b"}


@pytest.mark.parametrize("sample", _SAMPLES, ids=lambda path: path.stem)
def test_a_verdict_is_that_of_the_corpus(sample: Path):
    findings = check_pdfa(sample, int(sample.name[0]))

    assert bool(findings) == ("-fail-" in sample.name), [finding.as_record() for finding in findings]


def test_a_finding_names_the_clause_that_the_corpus_names():
    named = {}
    for sample in _SAMPLES:
        if "-fail-" in sample.name:
            clause = sample.stem.split("-t0")[0].partition("-")[2].replace("-", ".")
            named[clause] = [finding.clause for finding in check_pdfa(sample, int(sample.name[0]))]

    assert all(any(told == clause for told in found) for clause, found in named.items()), named


def test_what_is_no_pdf_or_locked_does_not_conform(tmp_path: Path):
    (tmp_path / "a.pdf").write_bytes(b"nothing")
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "b.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))

    assert [finding.clause for finding in check_pdfa(tmp_path / "a.pdf", 2)] == ["6.1"]
    assert [finding.clause for finding in check_pdfa(tmp_path / "b.pdf", 2)] == ["6.1.3"]


def test_each_thing_that_is_wrong_with_a_plain_pdf_is_named(tmp_path: Path):
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_stream(b"BT /F 12 Tf 1 0 0 rg (text) Tj ET")
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=b"app.alert(1)")
        pdf.save(tmp_path / "a.pdf")

    told = {finding.clause for finding in check_pdfa(tmp_path / "a.pdf", 2)}

    assert {"6.2.11.4.1", "6.2.4.3", "6.5.1", "6.6.2.1"} <= told
