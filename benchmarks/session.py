"""One session of measuring: each document through each tool on one core, then compared with its source."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import Document
from benchmarks.measure import LIMIT_CPU_S, ForkServer, Run
from benchmarks.rivals import RIVALS, Rival

RESULTS = Path(__file__).parent / "results"
#: How similarity, words and structure are measured stands in these files: a change there voids what is cached.
METHOD = hashlib.sha256(
    b"".join((Path(__file__).parent / name).read_bytes() for name in ("fidelity.py", "structure.py"))
).hexdigest()[:12]


@dataclass(frozen=True)
class Record:
    """What became of one document in one tool. A document that failed has an `error` and no similarity."""

    document: str
    kind: str
    tool: str
    in_bytes: int
    out_bytes: int
    cpu_s: float
    peak_bytes: int
    error: str | None
    from_cache: bool
    #: What our engine said of it; empty for rivals.
    said: dict[str, Any]
    pages: list[dict[str, Any]]
    #: Kinds of structure of which fewer came out: kind -> [had, has].
    lost: dict[str, list[int]]
    image_share: float

    @property
    def similarity(self) -> float:
        return float(sum(page["similarity"] for page in self.pages)) / len(self.pages)

    @property
    def worst_similarity(self) -> float:
        return float(min(page["similarity"] for page in self.pages))

    @property
    def identical(self) -> bool:
        return all(page["identical"] for page in self.pages)

    @property
    def words_lost(self) -> int:
        return sum(page["words"] - page["words_kept"] for page in self.pages)


class Session:
    """Measures tools on documents. Rivals' runs come from the cache when `cached`; ours never do."""

    def __init__(
        self, *, cached: bool, keep: Path | None = None, core: int = 0, limit_cpu_s: int = LIMIT_CPU_S
    ) -> None:
        self._cached = cached
        self._cache = RESULTS / "cache"
        self._cache.mkdir(parents=True, exist_ok=True)
        self._keep = keep
        self._ours = ForkServer("benchmarks.ours:compress", {core}, limit_cpu_s)
        self._programs = ForkServer("benchmarks.measure:execute", {core})
        self._describe = ForkServer("benchmarks.fidelity:describe", {0, 1})
        self._compare = ForkServer("benchmarks.fidelity:compare", {0, 1})

    def close(self) -> None:
        for server in (self._ours, self._programs, self._describe, self._compare):
            server.close()

    def facts(self, document: Document) -> dict[str, Any]:
        """Return what the source is (see `fidelity.describe`); one on which the viewer died does not open."""
        key = f"source-{document.sha256}-{METHOD}"
        found: dict[str, Any] | None = self._recall(key)
        if found is None:
            run = self._describe(source=str(document.path))
            found = run.value or {"opens": False, "reason": run.error}
            self._remember(key, found)
        return found

    def measure(self, document: Document, tool: str) -> Record:
        """Run one tool over one document and compare what comes out."""
        rival = RIVALS.get(tool)
        if rival is None:
            return self._measured(document, tool, None)
        template = json.dumps([rival.version, *rival.command("IN", "OUT")])
        key = f"run-{document.sha256}-{hashlib.sha256(template.encode()).hexdigest()[:16]}-{METHOD}"
        found = self._recall(key) if self._cached else None
        if found is not None:
            return Record(**{**found, "document": document.name, "kind": document.kind, "from_cache": True})
        record = self._measured(document, tool, rival)
        self._remember(key, record.__dict__)
        return record

    def _measured(self, document: Document, tool: str, rival: Rival | None) -> Record:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            target = Path(folder) / "out.pdf"
            if rival:
                run, error = self._run_rival(rival, document, target)
            else:
                run = self._ours(source=str(document.path), target=str(target), preset=tool)
                error = run.error or (None if target.exists() else "wrote nothing")
            facts = self.facts(document)
            compared: dict[str, Any] = {"pages": [], "structure": {}}
            if error is None and facts["opens"]:
                compared, error = self._compared(document, target)
            if self._keep and target.exists():
                kept = self._keep / tool / f"{document.name}.pdf"
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(target.read_bytes())
            has = compared["structure"]
            return Record(
                document=document.name,
                kind=document.kind,
                tool=tool,
                in_bytes=document.size_bytes,
                out_bytes=target.stat().st_size if target.exists() else 0,
                cpu_s=run.cpu_s,
                peak_bytes=run.peak_bytes,
                error=error,
                from_cache=False,
                said=run.value or {},
                pages=compared["pages"],
                lost={
                    kind: [count, has[kind]]
                    for kind, count in facts.get("structure", {}).items()
                    if kind in has and has[kind] < count
                },
                image_share=facts.get("image_share", 0.0),
            )

    def _run_rival(self, rival: Rival, document: Document, target: Path) -> tuple[Run, str | None]:
        errors = target.with_suffix(".err")
        run = self._programs(command=rival.command(str(document.path), str(target)), errors=str(errors))
        if run.error is None and run.exit_code not in rival.accepted:
            said = errors.read_text(errors="replace").strip().splitlines()[-1:]
            return run, f"exit code {run.exit_code}: {' '.join(said)}"[:300]
        return run, run.error or (None if target.exists() and target.stat().st_size else "wrote nothing")

    def _compared(self, document: Document, target: Path) -> tuple[dict[str, Any], str | None]:
        output = hashlib.sha256(target.read_bytes()).hexdigest()
        key = f"pair-{document.sha256}-{output}-{METHOD}"
        found = self._recall(key)
        if found is None:
            run = self._compare(source=str(document.path), target=str(target))
            if run.error:
                return {"pages": [], "structure": {}}, f"output: {run.error}"
            found = run.value
            self._remember(key, found)
        return found, None

    def _recall(self, key: str) -> Any:
        path = self._cache / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        return json.loads(path.read_text()) if path.exists() else None

    def _remember(self, key: str, found: Any) -> None:
        path = self._cache / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        path.write_text(json.dumps(found))


def usable(tools: list[str]) -> list[str]:
    """Return the tools that can be run here; say of each other one, loudly, that it is left out."""
    for tool in tools:
        if tool in RIVALS and not RIVALS[tool].installed:
            print(f"!! LEFT OUT: {tool}: `{RIVALS[tool].program}` is not installed", file=sys.stderr)
    return [tool for tool in tools if tool not in RIVALS or RIVALS[tool].installed]
