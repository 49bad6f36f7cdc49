"""Outputs of a conversion as files of their own, or together in one ZIP archive."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from shared.media_types import ZIP, MediaType
from shared.operation import Task


@dataclass
class Outputs:
    """Promises files to a task; with `as_zip` they become members of one archive."""

    task: Task
    as_zip: bool
    members: list[tuple[str, Path]] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """The name of the input without its suffix."""
        return PurePath(self.task.input.name).stem or "document"

    def path(self, ending: str, media_type: MediaType) -> Path:
        """Promise `<input's name><ending>` and return where to write it."""
        name = f"{self.stem}{ending}"
        if not self.as_zip:
            return self.task.output(name, media_type)
        path = self.task.folder / f"member-{len(self.members):04d}"
        self.members.append((name, path))
        return path

    def finish(self) -> None:
        """Pack the members, if there is an archive to make."""
        if not self.as_zip:
            return
        with zipfile.ZipFile(self.task.output(f"{self.stem}.zip", ZIP), "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in self.members:
                archive.write(path, name)
                path.unlink()
