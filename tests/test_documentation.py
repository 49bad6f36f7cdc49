"""The documentation tells what the code does: generated tables are fresh, commands that it names exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bindery import Client
from cli import generated_docs
from cli.main import app
from shared import catalogue
from shared.settings import Settings
from tests.documented_examples import examples, prepare, run
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
    """And all others of the README run."""
    prepare(tmp_path, platform, _ROOT / "README.md")
    _run_all(_ROOT / "README.md", tmp_path, platform)
    made, source = tmp_path / "small.pdf", _ROOT / "tests/samples/scanned_letter.pdf"
    assert made.read_bytes().startswith(b"%PDF")
    assert made.stat().st_size < source.stat().st_size / 5


#: Documents whose examples have a test of their own, which says more than that they run.
_ELSEWHERE = {
    "adding-an-operation.md": "tests/test_adding.py",
    "webhooks.md": "tests/gateway/webhooks/test_documentation.py",
}
#: Their examples take seconds; those of the others, together, a minute.
_QUICK = {"client.md", "maintenance.md"}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(each, marks=[] if each.name in _QUICK else [pytest.mark.heavy], id=each.name)
        for each in generated_docs.documents()
        if each.name not in {"README.md", *_ELSEWHERE} and any(example.left_out is None for example in examples(each))
    ],
)
def test_every_example_runs(platform: RunningPlatform, tmp_path: Path, document: Path) -> None:
    prepare(tmp_path, platform, document)
    _run_all(document, tmp_path, platform)


def _run_all(document: Path, folder: Path, platform: RunningPlatform) -> None:
    with Client(platform.url) as client:
        job = client.wait(client.submit("compress", _ROOT / "services/file_ops/samples/document.pdf", preset="print"))
    for example in examples(document):
        if example.left_out is None:
            run(example, folder, platform, job.id)


@pytest.mark.parametrize("document", generated_docs.documents(), ids=lambda path: path.name)
def test_commands_within_sentences_are_understood(document: Path) -> None:
    root: Any = get_command(app)
    context = root.make_context("bindery", ["--help"], resilient_parsing=True)
    for text in re.findall(r"`bindery ([a-z-]+[^`|]*)`", document.read_text()):
        # The usage of a command in a table, and a part that stands for many.
        if "[" in text or "{" in text or not (words := shlex.split(text)) or words[0] == "COMMAND":
            continue
        command = root.get_command(context, words.pop(0))
        assert command, f"`bindery {text}`: there is no such command"
        if below := getattr(command, "commands", None):
            command = below[words.pop(0)] if words else command
        _understood(command, [word for word in words if not word.isupper()], text)


def _understood(command: Any, words: list[str], text: str) -> None:
    known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)} | {"--help"}
    for word in words:
        if word.startswith("-") and word != "-":
            assert word.partition("=")[0] in known, f"`bindery {text}`: {word}"


@pytest.mark.parametrize(("document", "test"), _ELSEWHERE.items(), ids=lambda value: Path(value).name)
def test_a_document_with_a_test_of_its_own_has_it(document: str, test: str) -> None:
    assert document in (_ROOT / test).read_text()


def test_an_example_that_is_not_run_says_why() -> None:
    left_out = [
        each for document in generated_docs.documents() for each in examples(document) if each.left_out is not None
    ]
    assert all(each.left_out for each in left_out)
    assert len(left_out) < 10, "what nobody runs is soon wrong"
