"""Finds every service and operation: each services/<name>/operations.py declares one SERVICE."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import services
from shared.errors import UnknownOperation
from shared.operation import Operation, Service


@dataclass(frozen=True)
class Catalogue:
    """All that this installation can do."""

    services: dict[str, Service]
    operations: dict[str, Operation]

    def operation(self, name: str) -> Operation:
        """Raises UnknownOperation, which names what there is."""
        try:
            return self.operations[name]
        except KeyError:
            known = ", ".join(sorted(self.operations))
            raise UnknownOperation(f"There is no operation {name[:80]!r}. There are: {known}.") from None

    @property
    def queues(self) -> list[str]:
        """The queue of every service."""
        return sorted(self.services)


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """Import every contract. Raises ValueError when two services declare one name."""
    found: dict[str, Service] = {}
    operations: dict[str, Operation] = {}
    for root in services.__path__:
        for contract in sorted(Path(root).glob("*/operations.py")):
            folder = contract.parent.name
            if folder in found:
                # Another checkout on the path: as with any import, the first one counts.
                continue
            service: Service = importlib.import_module(f"services.{folder}.operations").SERVICE
            if service.name != folder:
                raise ValueError(f"services/{folder} declares a service named {service.name!r}")
            found[service.name] = service
            for operation in service.operations.values():
                if operation.name in operations:
                    raise ValueError(f"operation {operation.name!r} is declared by two services")
                operations[operation.name] = operation
    return Catalogue(found, operations)
