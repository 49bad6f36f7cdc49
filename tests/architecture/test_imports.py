"""What each kind of process loads: the gateway no engine, a worker no web server, a service no other service."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_ENGINES = {
    *("pikepdf", "numpy", "PIL", "pypdfium2", "pyvips", "fontTools", "deflate", "mozjpeg_lossless_optimization"),
    *("img2pdf", "isal", "openpyxl", "docx", "weasyprint", "markdown_it"),
    *("babel", "jsonschema", "lxml", "openai", "stdnum", "xlsxwriter"),
}
_WEB = {"falcon", "gunicorn", "uvloop", "stream_zip"}
_SERVICES = sorted(contract.parent.name for contract in (_ROOT / "services").glob("*/operations.py"))


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    """The packages that modules belong to."""
    return {module.partition(".")[0] for module in modules}


def test_the_gateway_loads_no_engine_and_of_a_service_only_its_contract():
    modules = loaded_by("import gateway.app, gateway.server; from shared import catalogue; catalogue.load()")

    assert not packages(modules) & _ENGINES
    of_services = {
        module.split(".")[2] for module in modules if module.startswith("services.") and module.count(".") > 1
    }
    assert of_services <= {"operations", "service", "contracts"}
    assert not {module for module in modules if module.startswith("shared.worker") or module == "shared.sandbox"}


def test_a_worker_loads_no_web_server_and_cannot_create_jobs():
    modules = loaded_by("import shared.worker; from shared import catalogue; catalogue.load()")

    assert not packages(modules) & (_WEB | _ENGINES | {"gateway", "cli"})


def test_contracts_are_light():
    modules = loaded_by("from shared import catalogue; catalogue.load()")

    assert not packages(modules) & (_WEB | _ENGINES | {"peewee", "psycopg", "dramatiq", "redis", "obstore"})


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("service", _SERVICES)
def test_a_service_imports_neither_another_service_nor_the_gateway(service: str):
    others = {f"services.{other}" for other in _SERVICES if other != service} | {"gateway", "cli", "falcon"}
    wrong = {
        (str(path.relative_to(_ROOT)), module)
        for path in (_ROOT / "services" / service).rglob("*.py")
        for module in _imports(path)
        if any(module == other or module.startswith(f"{other}.") for other in others)
    }

    assert not wrong


def test_shared_code_imports_neither_the_gateway_nor_a_service():
    wrong = {
        (path.name, module)
        for path in (_ROOT / "shared").rglob("*.py")
        for module in _imports(path)
        if module.startswith(("gateway", "cli", "services."))
    }

    assert not wrong
