"""The programs that we measure ourselves against: how each is called, and which version is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Rival:
    """One way to call one installed program; `{source}` and `{target}` stand for the paths."""

    name: str
    program: str
    arguments: tuple[str, ...]
    #: Exit codes after which the output is looked at; any other is a failure.
    accepted: tuple[int, ...] = (0,)

    @property
    def installed(self) -> bool:
        return shutil.which(self.program) is not None

    @cached_property
    def version(self) -> str:
        """The first version number that the program says of itself; empty when it says none."""
        flag = "-v" if self.program == "mutool" else "--version"
        said = subprocess.run([self.program, flag], capture_output=True, text=True, timeout=60, check=False)
        number = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
        return number.group() if number else ""

    def command(self, source: str, target: str) -> list[str]:
        return [self.program, *(part.format(source=source, target=target) for part in self.arguments)]


def _ghostscript(setting: str) -> Rival:
    flags = ("-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=pdfwrite", f"-dPDFSETTINGS=/{setting}")
    return Rival(f"gs-{setting}", "gs", (*flags, "-sOutputFile={target}", "{source}"))


def _ocrmypdf(level: int) -> Rival:
    # No text recognition: --tesseract-timeout 0 is how releases before 17 are told so.
    flags = ("-q", "--tesseract-timeout", "0", "--skip-text", "--output-type", "pdf", "--jobs", "1")
    return Rival(f"ocrmypdf-{level}", "ocrmypdf", (*flags, "--optimize", str(level), "{source}", "{target}"))


_QPDF = ("--object-streams=generate", "--recompress-flate", "--compression-level=9", "--optimize-images")

RIVALS = {
    rival.name: rival
    for rival in (
        _ghostscript("screen"),
        _ghostscript("ebook"),
        _ghostscript("printer"),
        # 3: it warned about a damaged source and wrote the output all the same.
        Rival("qpdf", "qpdf", (*_QPDF, "{source}", "{target}"), accepted=(0, 3)),
        Rival("mutool", "mutool", ("clean", "-gggz", "{source}", "{target}")),
        _ocrmypdf(1),
        _ocrmypdf(2),
        _ocrmypdf(3),
    )
}
