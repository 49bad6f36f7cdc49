"""Which operations go before and after the one that was asked for, as its contract declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.catalogue import Catalogue
from shared.errors import OptionsError
from shared.media_types import ANY, MediaType, accepted
from shared.operation import Operation, Options, Step


@dataclass(frozen=True)
class Added:
    """A step that nobody asked for by name: it comes with another operation."""

    operation: Operation
    options: dict[str, Any]
    #: What it takes of the step before; the rest it hands on.
    takes: Sequence[MediaType]


@dataclass(frozen=True)
class Chain:
    """What goes before and after one job."""

    before: tuple[Added, ...] = ()
    after: tuple[Added, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.before or self.after)


def chain_of(catalogue: Catalogue, operation: Operation, options: Options, kinds: Iterable[str]) -> Chain:
    """The steps around an operation on documents that may be of these `kinds` (names of media types).

    A step before is left out when it takes none of them. Raises OptionsError when a step refuses what the options
    make of its own.
    """
    before = []
    may_come = {*kinds, ANY.name}
    for added in _applying(catalogue, operation.preceded_by, options):
        if may_come & {kind.name for kind in added.takes}:
            before.append(added)
            may_come |= {kind.name for kind in added.operation.produces}
    return Chain(tuple(before), tuple(_applying(catalogue, operation.followed_by, options)))


def _applying(catalogue: Catalogue, steps: Sequence[Step], options: Options) -> list[Added]:
    return [_added(catalogue, step, options) for step in steps if step.applies(options)]


def _added(catalogue: Catalogue, step: Step, options: Options) -> Added:
    operation = catalogue.operation(step.operation)
    try:
        valid = operation.options.model_validate(step.options(options))
    except ValidationError as error:
        wrong = " ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}." for each in error.errors())
        raise OptionsError(f"The step {step.operation!r}, which goes along, refuses this: {wrong}") from error
    chosen = valid.model_dump(mode="json", exclude=set(operation.secret_options))
    return Added(operation, chosen, operation.accepts if step.takes is None else step.takes)


def check(catalogue: Catalogue) -> None:
    """Raise ValueError, which says what is wrong, for a declared step that could not work."""
    for operation in catalogue.operations.values():
        for step in (*operation.preceded_by, *operation.followed_by):
            if wrong := _wrong(catalogue, operation, step):
                raise ValueError(f"operation {operation.name!r}, step {step.operation!r}: {wrong}")


def _wrong(catalogue: Catalogue, operation: Operation, step: Step) -> str | None:
    target = catalogue.operations.get(step.operation)
    if target is None:
        return "this installation has no such operation"
    if target is operation or target.inputs != "one":
        return "a step is another operation, on one file"
    before = step in operation.preceded_by
    comes, goes = (target.produces, operation.accepts) if before else (operation.produces, step.takes or target.accepts)
    if not any(accepted(kind, tuple(goes)) for kind in comes):
        return "it does not fit: nothing of what the one makes is taken by the other"
    try:
        # What the self-test uses is valid, also where an option has no default.
        options = operation.options.model_validate(operation.self_test_options)
    except ValidationError:
        # Its workers say so: no other service has to stand still for that.
        return None
    try:
        valid = target.options.model_validate(_added(catalogue, step, options).options)
    except OptionsError as error:
        return error.message
    if any(own.applies(valid) for own in (*target.preceded_by, *target.followed_by)):
        return "with these options it would have steps of its own, which a step has not"
    return None
