"""The documentation tells what the code does: generated tables are fresh, commands that it names exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from cli import generated_docs
from cli.main import app
from shared import catalogue
from shared.settings import Settings
from tests.running_platform import RunningPlatform

_ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("document", generated_docs.documents(), ids=lambda path: path.name)
def test_generated_tables_are_fresh(document: Path) -> None:
    text = document.read_text()
    assert generated_docs.rendered(text) == text, "run `make docs`"


def test_every_table_stands_somewhere() -> None:
    everything = "".join(document.read_text() for document in generated_docs.documents())
    assert all(f"<!-- generated: {name} -->" in everything for name in generated_docs.TABLES)


def test_every_setting_is_described() -> None:
    listed = (_ROOT / "docs/configuration.md").read_text()
    for name, declared in Settings.model_fields.items():
        assert f"`BINDERY_{name.upper()}`" in listed
        assert declared.description


def test_every_command_is_described_and_no_other() -> None:
    described = set(re.findall(r"`bindery ([a-z-]+)", (_ROOT / "docs/command-line.md").read_text()))
    assert described == set(get_command(app).commands) | set(catalogue.load().operations)  # type: ignore[attr-defined]


def test_links_between_documents_lead_somewhere() -> None:
    for document in generated_docs.documents():
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (_ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in generated_docs.documents():
        assert set(re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)`", document.read_text())) <= targets


def test_the_curl_example_of_the_readme_makes_a_smaller_file(platform: RunningPlatform, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    (example,) = re.findall(r"^curl -L .*?/v1/compress", (_ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    target = tmp_path / "small.pdf"
    command = example.replace("http://127.0.0.1:8000", platform.url).replace("-o small.pdf", f"-sS -o {target}")
    subprocess.run(["bash", "-c", command], cwd=_ROOT, check=True, timeout=90)
    assert target.read_bytes().startswith(b"%PDF")
    assert target.stat().st_size < (_ROOT / "tests/samples/scanned_letter.pdf").stat().st_size / 5
