"""`bindery deploy render`: write every manifest, or say which differ from what would be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cli.deploy import autoscaling, compose, gpu, kubernetes, monitoring, overlays
from shared.settings import Settings

_HEAD = "# Written by `bindery deploy render` from what the code declares. Do not edit: change that.\n"


class _Plain(yaml.SafeDumper):
    """Writes what is equal as often as it stands there: a reader need not follow references."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Text of several lines as it would be read."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Plain.add_representer(str, _Plain.represent_text)


def manifests() -> dict[str, str]:
    """The text of each file by its path below `deploy/`, for the settings' own defaults."""
    chosen = Settings.model_construct()
    files = {"compose.yaml": [compose.render(chosen)], "compose.gpu.yaml": [gpu.compose()]}
    files |= {f"kubernetes/base/{name}": documents for name, documents in kubernetes.render(chosen).items()}
    files |= {f"kubernetes/autoscaling/{name}": documents for name, documents in autoscaling.render(chosen).items()}
    files |= {f"kubernetes/{name}": documents for name, documents in overlays.render(chosen).items()}
    files |= {f"monitoring/{name}": documents for name, documents in monitoring.files(chosen).items()}
    files |= {f"kubernetes/monitoring/{name}": documents for name, documents in monitoring.component(chosen).items()}
    texts = {name: _text(documents) for name, documents in files.items()}
    return {**texts, "monitoring/dashboard.json": monitoring.dashboard_text()}


def _text(documents: list[dict[str, Any]]) -> str:
    return _HEAD + yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)


def write(folder: Path) -> list[str]:
    """Write what differs; remove rendered files that nothing renders any more. Returns the paths that changed."""
    wanted = manifests()
    changed = differing(folder, wanted)
    for name in changed:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def differing(folder: Path, wanted: dict[str, str] | None = None) -> list[str]:
    """The paths below `folder` that are not as they would be rendered."""
    wanted = wanted or manifests()
    rendered = {
        str(path.relative_to(folder)): text
        for path in folder.rglob("*.yaml")
        if (text := path.read_text(encoding="utf-8")).startswith(_HEAD)
    }
    return sorted({*(name for name in wanted if _on_disk(folder / name) != wanted[name]), *(rendered.keys() - wanted)})


def _on_disk(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
