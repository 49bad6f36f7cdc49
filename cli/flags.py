"""Makes flags of the command line out of the options that an operation declares."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.errors import NoSuchFile, UsageError
from shared.operation import Operation

#: Flags that mean the same for every operation: an option of such a name is reached as `--option-NAME`.
COMMON = frozenset(
    {
        *("out", "overwrite", "json", "wait", "no-wait", "local", "processes", "password", "priority", "fresh"),
        *("from-job", "help"),
    }
)
#: What reads a value from a file.
_FROM_FILE = "@"
#: What asks the person at the terminal.
ASK = "-"
#: Why nobody should write it into the command.
_ASKED_FOR = "`-` asks for it and `@FILE` reads it; what stands in the command other users of this machine see."


class Kind(Enum):
    """How the value of an option is written."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    CHOICES = "choices"
    TEXTS = "texts"
    JSON = "JSON"
    SECRET = "secret"  # noqa: S105 - a kind


@dataclass(frozen=True)
class Flag:
    """One option of an operation."""

    name: str
    kind: Kind
    #: JSON Schema of its value, with what it refers to in its place.
    schema: dict[str, Any]
    required: bool
    default: Any

    @property
    def long(self) -> str:
        """How it is written, with dashes."""
        dashed = self.name.replace("_", "-")
        return f"--option-{dashed}" if dashed in COMMON else f"--{dashed}"

    @property
    def written(self) -> str:
        """How it is written, as Typer wants it."""
        return f"{self.long}/--no-{self.long.removeprefix('--')}" if self.kind is Kind.FLAG else self.long

    @property
    def choices(self) -> list[str]:
        """The values that it may have, where these can be listed."""
        of = self.schema.get("items", {}) if self.kind is Kind.CHOICES else self.schema
        return [str(value) for value in of.get("enum", ())]

    def value(self, given: Any) -> Any:
        """What is sent. Raises UsageError, NoSuchFile."""
        if self.kind is Kind.TEXTS:
            return _texts(given)
        if self.kind is Kind.CHOICES:
            return self._chosen(given)
        if self.kind is Kind.JSON:
            return _json(self.long, from_file(given))
        return secret(given, self.name) if self.kind is Kind.SECRET else given

    def _chosen(self, given: list[str]) -> list[str]:
        chosen = [part.strip() for each in given for part in each.strip("[]").replace('"', "").split(",")]
        for one in filter(None, chosen):
            if one not in self.choices:
                raise UsageError(f"{self.long}: {one!r} is none of {', '.join(self.choices)}.")
        return list(filter(None, chosen))

    def parameter(self) -> inspect.Parameter:
        """Its parameter of a Typer command, called as the option is."""
        declared = typer.Option(self.written, **self._limits(), metavar=self._metavar(), help=self._help())
        kind: Any = self._type()
        default = inspect.Parameter.empty if self.required else None
        annotation: Any = Annotated[kind if self.required else kind | None, declared]
        return inspect.Parameter(
            parameter_name(self.name), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )

    def _type(self) -> Any:
        if self.kind is Kind.CHOICE:
            return Literal[tuple(self.choices)]
        if self.kind is Kind.NUMBER:
            return int if self.schema["type"] == "integer" else float
        return {Kind.FLAG: bool, Kind.CHOICES: list[str], Kind.TEXTS: list[str]}.get(self.kind, str)

    def _limits(self) -> dict[str, Any]:
        if self.kind is not Kind.NUMBER:
            return {}
        return {"min": self.schema.get("minimum"), "max": self.schema.get("maximum")}

    def _metavar(self) -> str | None:
        several = f"{self.choices[0]},..." if self.choices else None
        number = "INTEGER" if self.schema.get("type") == "integer" else "NUMBER"
        plain = {Kind.TEXT: "TEXT", Kind.TEXTS: "TEXT", Kind.NUMBER: number}
        named = {**plain, Kind.CHOICES: several, Kind.JSON: "JSON|@FILE", Kind.SECRET: "-|@FILE|TEXT"}
        return named.get(self.kind)

    def _help(self) -> str:
        parts = [str(self.schema.get("description", ""))]
        if self.kind is Kind.CHOICES:
            parts.append(f"Of {', '.join(self.choices)}.")
        elif self.kind is Kind.TEXTS:
            parts.append("May be given again.")
        elif self.kind is Kind.SECRET:
            parts.append(_ASKED_FOR)
        if self.default not in (None, [], "") and self.default is not False:
            parts.append(f"Default: {_shown(self.default)}.")
        return " ".join(filter(None, parts))


def flags_of(operation: Operation) -> list[Flag]:
    """A flag for each option of an operation, in their order."""
    schema = operation.options.model_json_schema()
    definitions, required = schema.get("$defs", {}), schema.get("required", ())
    found = []
    for name, each in schema.get("properties", {}).items():
        resolved = _resolved(each, definitions)
        kind = Kind.SECRET if name in operation.secret_options else _kind(resolved)
        found.append(Flag(name, kind, resolved, name in required, each.get("default")))
    return found


def parameter_name(option: str) -> str:
    """What the parameter of an option is called in Python, whatever its name."""
    return f"option_{option}"


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    found = kinds[0] if len(kinds) == 1 else {}
    if reference := found.get("$ref"):
        found = definitions[reference.rpartition("/")[2]]
    if items := found.get("items"):
        found = {**found, "items": _resolved(items, definitions)}
    # What the option says of itself counts, not what its type says.
    return {**found, **({"description": schema["description"]} if "description" in schema else {})}


def _kind(schema: dict[str, Any]) -> Kind:
    if "enum" in schema:
        return Kind.CHOICE
    if schema.get("type") == "array":
        items = schema.get("items", {})
        if "enum" in items:
            return Kind.CHOICES
        return Kind.TEXTS if items.get("type") == "string" else Kind.JSON
    plain = {"boolean": Kind.FLAG, "integer": Kind.NUMBER, "number": Kind.NUMBER, "string": Kind.TEXT}
    return plain.get(schema.get("type", ""), Kind.JSON)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _texts(given: list[str]) -> list[str | None]:
    """Each as it stands, for a comma may be part of it; an empty one is null. A JSON list is taken as such."""
    found: list[str | None] = []
    for each in given:
        if each.startswith("["):
            found.extend(_json("list", each))
        else:
            found.append(each or None)
    return found


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: this is not JSON: {text[:60]!r}.", remedy=f"Give JSON, or {name} @FILE.") from error


def from_file(given: str) -> str:
    """The text of the file that `@FILE` names, without the line end at its end; other text as it is.

    Raises NoSuchFile.
    """
    if not given.startswith(_FROM_FILE):
        return given
    path = Path(given.removeprefix(_FROM_FILE))
    try:
        return path.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NoSuchFile(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def secret(given: str, name: str) -> str:
    """A secret: asked for, read from a file, or as it stands."""
    if given == ASK:
        asked: str = typer.prompt(name.replace("_", " ").capitalize(), hide_input=True, err=True)
        return asked
    return from_file(given)


def values(flags: list[Flag], given: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The options that were given, by name. Raises UsageError."""
    for flag in flags:
        chosen = given.get(parameter_name(flag.name))
        # An empty list is one that was not given.
        if chosen is not None and chosen != []:
            yield flag.name, flag.value(chosen)
