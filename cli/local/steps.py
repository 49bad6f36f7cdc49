"""Does an operation with the steps that go before and after it, as the platform does them one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.local.engines import Engines, Tell
from gateway.chain_jobs import Link
from shared.errors import BinderyError
from shared.media_types import ANY
from shared.operation import InputFile


@dataclass
class Whole:
    """What came of all steps together."""

    files: list[InputFile] = field(default_factory=list)
    result: dict[str, Any] | None = None
    error: BinderyError | None = None
    #: The step that failed, where there are several.
    failed_step: str | None = None


def follow(
    links: Sequence[Link], wanted: str, files: Sequence[InputFile], folder: Path, engines: Engines, tell: Tell
) -> Whole:
    """Lead files through the steps; `wanted` names the one that was asked for. See shared/chains.py."""
    results: list[tuple[str, dict[str, Any]]] = []
    given, carried = list(files), list[InputFile]()
    for number, link in enumerate(links):
        if number:
            given, carried = _apart(given, link)
        own = folder / f"step-{number}"
        own.mkdir(parents=True, mode=0o700)

        def tell_whole(current: int, total: int, message: str, number: int = number) -> None:
            tell(total * number + current, total * len(links), message)

        ended = engines.run(link.operation, link.options, link.secrets, given, own, carries=link.added, tell=tell_whole)
        if ended.error:
            return Whole(error=ended.error, failed_step=link.operation.name if len(links) > 1 else None)
        made = [InputFile(output.path, output.name, output.media_type) for output in ended.outputs]
        given = [*made, *carried]
        results.append((link.operation.name, ended.result or {}))
    return Whole(given, _together(results, wanted))


def _apart(files: Sequence[InputFile], link: Link) -> tuple[list[InputFile], list[InputFile]]:
    """What a step takes of the step before, and what it only hands on."""
    kinds = {kind.name for kind in link.takes}
    taken = [file for file in files if ANY.name in kinds or file.media_type in kinds]
    return taken, [file for file in files if file not in taken] if link.added else []


def _together(results: Sequence[tuple[str, dict[str, Any]]], wanted: str) -> dict[str, Any]:
    if len(results) == 1:
        return results[0][1]
    (own,) = (result for name, result in results if name == wanted)
    others = [{"operation": name, "result": result} for name, result in results if name != wanted]
    return {**own, "other_steps": others}
