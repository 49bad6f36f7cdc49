"""What an image's code imports, its extra brings: a worker that lacks a library would never start."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[2]
_OURS = {"bindery", "cli", "gateway", "services", "shared"}
_SERVICES = sorted(path.parent.name for path in (_ROOT / "services").glob("*/operations.py"))
#: Engines of an extra of their own, which are imported only once they are found to be installed.
_OPTIONAL = {"ocr": ("easyocr", "openvino")}


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """Each module that a file imports anywhere, as (module, name taken from it)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def _file_of(module: str) -> Path | None:
    path = _ROOT / module.replace(".", "/")
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists()), None)


def _reached(starts: list[Path]) -> tuple[set[str], set[str]]:
    """Top-level names of foreign modules, and our own modules, that files import, directly or by our own modules."""
    foreign: set[str] = set()
    seen: set[Path] = set()
    waiting = list(starts)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for module, name in _imports(path):
            top = module.partition(".")[0]
            if top in _OURS:
                waiting.extend(found for one in (module, f"{module}.{name}") if (found := _file_of(one)))
            elif top not in sys.stdlib_module_names:
                foreign.add(top)
    return foreign, {str(path.relative_to(_ROOT)) for path in seen}


@cache
def _brought(name: str, extra: str = "") -> frozenset[str]:
    """The distributions that one brings, itself among them; those that are not installed bring nothing more."""
    found = {canonicalize_name(name)}
    try:
        wanted = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return frozenset(found)
    for one in wanted:
        if one.marker is None or one.marker.evaluate({"extra": extra}):
            for each in ("", *one.extras):
                if (canonicalize_name(one.name), each) != (canonicalize_name(name), extra):
                    found |= _brought(one.name, each)
    return frozenset(found)


def _missing(modules: set[str], allowed: Collection[str]) -> set[str]:
    """The modules that no allowed distribution holds."""
    known = packages_distributions()
    by_module = {module: {canonicalize_name(one) for one in known.get(module, ())} for module in modules}
    return {module for module, found in by_module.items() if found and not found & set(allowed)}


@pytest.mark.parametrize("service", _SERVICES)
def test_a_workers_extra_brings_what_its_code_imports(service: str) -> None:
    files = [
        *(_ROOT / f"services/{service}").rglob("*.py"),
        _ROOT / "shared/worker.py",
        _ROOT / "shared/sandbox_host.py",
    ]
    extras = (service, *_OPTIONAL.get(service, ()))
    allowed = {one for extra in extras for one in _brought("bindery", extra)}
    foreign, _ = _reached(files)
    assert not _missing(foreign, allowed), f"add what brings them to the extra {service!r} of pyproject.toml"


def test_the_gateways_extra_brings_what_its_code_imports() -> None:
    foreign, ours = _reached([*(_ROOT / "gateway").glob("*.py")])
    assert not _missing(foreign, _brought("bindery", "gateway"))
    assert not [path for path in ours if path.startswith("cli/")]


def test_the_command_line_without_a_server_needs_no_other_extra_than_its_own() -> None:
    """`pip install 'bindery[cli,compression]'` is enough for `bindery compress --local`."""
    foreign, ours = _reached([_ROOT / "cli/operate.py", _ROOT / "cli/jobs.py", *(_ROOT / "cli/local").glob("*.py")])
    assert "gateway/chains.py" in ours
    assert not _missing(foreign, _brought("bindery", "cli"))
