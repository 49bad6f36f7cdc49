"""Tables of the documentation that are made from the code, between markers: `make docs` writes them anew.

`<!-- generated: settings -->` ... `<!-- end -->`; the names are those of TABLES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cli import reference
from cli.errors import EXIT_CODES, EXIT_FAILED, EXIT_INTERRUPTED, JobFailed
from cli.settings_table import declared, shown, variable
from gateway.app import routes
from shared import catalogue, errors
from shared.media_types import MediaType
from shared.metrics import METRICS
from shared.operation import Operation

_ROOT = Path(__file__).parents[1]
_SECTION = re.compile(r"(<!-- generated: ([\w -]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FAMILIES = {
    400: "the request or the command was not understood",
    401: "no valid key",
    403: "not allowed",
    404: "there is no such thing",
    408: "the upload stood still",
    409: "the job is in another state",
    413: "too large",
    415: "a kind of file that the operation does not take",
    422: "a field, a file or a document is wrong",
    429: "too many requests",
    503: "the gateway, its database or its storage cannot be reached",
    507: "the storage is full",
    JobFailed.status: "the job that was waited for failed or was cancelled",
}


def documents() -> list[Path]:
    """Every file that may hold generated tables."""
    return [_ROOT / "README.md", *sorted((_ROOT / "docs").glob("*.md"))]


def rendered(text: str) -> str:
    """A document with fresh tables. Raises KeyError for a marker that names no table."""
    return _SECTION.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", text)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings_table() -> str:
    """Every setting."""
    rows = [
        (
            f"`{variable(group, name)}`",
            f"`{shown(field.default_factory() if field.default_factory else field.default)}`",  # type: ignore[call-arg]
            field.description or "",
        )
        for group in declared()
        for name, field in group.model_fields.items()
    ]
    return _table(("variable", "default", "meaning"), rows)


def options_table(operation: str) -> str:
    """Every option of an operation; a line that says so when it has none."""
    schema = catalogue.load().operation(operation).options.model_json_schema()
    required = schema.get("required", ())
    rows = [
        (
            f"`{name}`",
            _values(option, schema.get("$defs", {})),
            "required" if name in required else _default(option.get("default")),
            option.get("description", ""),
        )
        for name, option in schema.get("properties", {}).items()
    ]
    return _table(("option", "values", "default", "meaning"), rows) if rows else "No options."


def services_table() -> str:
    """Every service with its operations."""
    rows = [
        (f"`{service.name}`", service.summary, ", ".join(f"`{name}`" for name in sorted(service.operations)))
        for service in catalogue.load().services.values()
    ]
    return _table(("service and queue", "what it does", "operations"), rows)


def operations_reference() -> str:
    """Every operation on documents: what it takes, what it makes, its options."""
    parts = []
    for service in catalogue.load().services.values():
        parts.append(f"## {service.name}\n{service.summary}")
        parts.extend(_operation(service.operations[name]) for name in sorted(service.operations))
    return "\n\n".join(parts)


def _operation(operation: Operation) -> str:
    takes = {"none": "No file", "one": "One file", "many": "Files together"}[operation.inputs]
    kinds = f" ({_labels(operation.accepts)})" if operation.accepts else ""
    makes = _labels(operation.produces) or "an answer in `result`"
    lines = [f"### {operation.name}", f"{operation.summary} {takes}{kinds} in; {makes} out."]
    lines.extend(
        f"{place} it goes `{step.operation}`, {step.when}."
        for place, steps in (("Before", operation.preceded_by), ("After", operation.followed_by))
        for step in steps
    )
    lines.append("")
    return "\n".join([*lines, options_table(operation.name)])


def _labels(kinds: tuple[MediaType, ...]) -> str:
    return ", ".join(kind.label for kind in kinds)


def _default(value: Any) -> str:
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _values(option: dict[str, Any], definitions: dict[str, Any]) -> str:
    kinds = [kind for kind in option.get("anyOf", [option]) if kind.get("type") != "null"]
    kind = kinds[0]
    if "$ref" in kind:
        kind = definitions[kind["$ref"].rpartition("/")[2]]
    if "enum" in kind:
        return ", ".join(f"`{value}`" for value in kind["enum"])
    if kind["type"] == "boolean":
        return "`true`, `false`"
    if "minimum" in kind and "maximum" in kind:
        return f"{kind['minimum']} to {kind['maximum']}"
    if "minimum" in kind:
        return f"at least {kind['minimum']}"
    return {"array": "a JSON list", "object": "a JSON object", "string": "text"}.get(kind.get("type", ""), "a number")


def routes_table() -> str:
    """Every route."""
    rows = []
    # The resources only keep the process; nobody asks them anything here.
    for address, resource in {**routes(None), "/openapi.json": None}.items():  # type: ignore[arg-type]
        for method in ("get", "post", "patch", "delete"):
            if responder := getattr(resource, f"on_{method}", None):
                rows.append((f"`{method.upper()} {address}`", (responder.__doc__ or "").strip().splitlines()[0]))
    rows.append(("`GET /openapi.json`", "Describe every route (OpenAPI 3.1)."))
    rows.append(("`GET /docs`", "Show that description to people; nothing is asked of another host."))
    return _table(("route", "what it does"), rows)


def errors_table() -> str:
    """Every error that a client can meet."""
    rows = [
        (f"`{kind.code}`", str(kind.status), (kind.__doc__ or "").strip().splitlines()[0], kind.remedy)
        for kind in sorted(_below(errors.BinderyError), key=lambda kind: (kind.status, kind.code))
        if kind.__module__ == errors.__name__
    ]
    return _table(("code", "HTTP", "what is wrong", "what to do"), rows)


def _below(kind: type[errors.BinderyError]) -> Iterator[type[errors.BinderyError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def exit_codes_table() -> str:
    """Every exit code of the command line."""
    meanings = {0: "all went well", EXIT_FAILED: "the set-up, an inner error, or `verify` found a fault"}
    for status, code in EXIT_CODES.items():
        meanings[code] = f"{meanings[code]}; {_FAMILIES[status]}" if code in meanings else _FAMILIES[status]
    meanings[EXIT_INTERRUPTED] = "Ctrl-C"
    return _table(("exit code", "meaning"), [(str(code), meaning) for code, meaning in sorted(meanings.items())])


def commands_table() -> str:
    """Every command that is no operation."""
    return _table(("command", "what it does"), reference.commands())


def common_flags_table() -> str:
    """The flags that every operation has."""
    return _table(("flag", "meaning"), reference.common_flags())


def operation_commands_table() -> str:
    """The command of every operation."""
    return _table(("command", "what it does", "service"), reference.operations())


def metrics_table() -> str:
    """Every metric."""
    rows = [
        (f"`{each.name}`", each.kind, ", ".join(f"`{label}`" for label in each.labels), each.source, each.help)
        for each in METRICS.values()
    ]
    return _table(("metric", "kind", "labels", "of", "meaning"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "metrics": metrics_table,
    "settings": settings_table,
    "options of compress": lambda: options_table("compress"),
    "services": services_table,
    "operations": operations_reference,
    "routes": routes_table,
    "errors": errors_table,
    "exit codes": exit_codes_table,
    "commands": commands_table,
    "flags of operations": common_flags_table,
    "commands of operations": operation_commands_table,
}


def main() -> None:
    """Write every document anew."""
    for path in documents():
        path.write_text(rendered(path.read_text()))


if __name__ == "__main__":
    main()
