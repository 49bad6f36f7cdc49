"""One command per operation, against a running platform and without one: same flags, same results."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pikepdf
import pytest

import services
from tests.running_platform import RunningPlatform

_ROOT = Path(__file__).parents[2]
_SERVICES = Path(services.__file__).parent
_DEADLINE_S = 60


@pytest.fixture
def documents(tmp_path: Path) -> list[Path]:
    """Two small PDFs of a page with text each."""
    made = []
    for number in range(2):
        path = tmp_path / f"document {number}.pdf"
        path.write_bytes((_SERVICES / "file_ops/samples/document.pdf").read_bytes())
        made.append(path)
    return made


def test_flags_are_options_and_a_result_replaces_nothing_unasked(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "turned.pdf"
    arguments = ["rotate", str(documents[0]), "--degrees", "180", "--pages", "1", "--no-absolute", "-o", str(target)]
    done = platform.bindery(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{target}\n"
    with pikepdf.open(target) as pdf:
        assert pdf.pages[0].get("/Rotate") == 180
    target.write_text("mine")
    refused = platform.bindery(*arguments)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error [file_in_the_way]")
    assert target.read_text() == "mine"
    assert platform.bindery(*arguments, "--overwrite").returncode == 0
    assert target.read_bytes().startswith(b"%PDF")


def test_results_in_a_folder_take_free_names_and_in_a_zip_all_are_there(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    folder, archive = tmp_path / "new/results", tmp_path / "all.zip"
    for _ in range(2):
        done = platform.bindery("compress", *map(str, documents), "-o", f"{folder}/")
        assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(map(str, folder.glob("*(2).pdf")))
    assert len(list(folder.iterdir())) == 4
    done = platform.bindery("compress", *map(str, documents), "-o", str(archive))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(archive) as found:
        assert len(found.namelist()) == 2
        assert all(found.read(name).startswith(b"%PDF") for name in found.namelist())


def test_several_results_of_one_name_stand_beside_it(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    merged = tmp_path / "merged.pdf"
    assert platform.bindery("merge", *map(str, documents), "-o", str(merged)).returncode == 0
    done = platform.bindery("split", str(merged), "-o", str(tmp_path / "page.pdf"))
    assert done.returncode == 0, done.stderr
    numbered = [tmp_path / f"page-{number}.pdf" for number in range(1, len(done.stdout.splitlines()) + 1)]
    assert len(numbered) > 1
    assert [Path(line) for line in done.stdout.splitlines()] == numbered


def test_json_is_all_that_stdout_has_and_an_answer_without_documents_is_printed(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    asked = platform.bindery("read-metadata", str(documents[0]), "--json", folder=tmp_path)
    record = json.loads(asked.stdout)
    assert record["status"] == "completed"
    told = platform.bindery("read-metadata", str(documents[0]), folder=tmp_path)
    assert json.loads(told.stdout) == record["result"]
    kept = platform.bindery("read-metadata", str(documents[0]), "-o", "facts.json", folder=tmp_path)
    assert kept.stdout == "facts.json\n"
    assert json.loads((tmp_path / "facts.json").read_text()) == record["result"]


def test_a_document_comes_from_stdin_and_leaves_by_stdout(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "turned.pdf"
    with target.open("wb") as out, documents[0].open("rb") as given:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "rotate", "-"],
            **{"cwd": _ROOT, "env": platform.environment, "stdin": given, "stdout": out, "stderr": subprocess.PIPE},
            timeout=_DEADLINE_S,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    with pikepdf.open(target) as pdf:
        assert pdf.pages[0].get("/Rotate") == 90


def test_secrets_come_from_files_and_lists_and_objects_as_they_are_written(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("opens, 'it'\n")
    locked, marked = tmp_path / "locked.pdf", tmp_path / "marked.pdf"
    done = platform.bindery("protect", str(documents[0]), "--user-password", f"@{tmp_path}/secret", "-o", str(locked))
    assert done.returncode == 0, done.stderr
    with pikepdf.open(locked, password="opens, 'it'"):
        pass
    box = tmp_path / "boxes.json"
    box.write_text(json.dumps([{"page": 1, "left": 0, "top": 0, "right": 10, "bottom": 10}]))
    done = platform.bindery(
        *("redact", str(locked), "--password", f"@{tmp_path}/secret", "--boxes", f"@{box}"),
        *("--kinds", "email,iban", "--patterns", "zz{1,2}", "--patterns", "qqq", "-o", str(marked), "--json"),
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    options = httpx.get(f"{platform.url}/v1/jobs/{record['id']}").json()["options"]
    assert options["kinds"] == ["email", "iban"]
    assert options["patterns"] == ["zz{1,2}", "qqq"]
    assert len(options["boxes"]) == 1


def test_a_pipeline_takes_its_steps_from_flags_or_a_file(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    target, file = tmp_path / "one.pdf", tmp_path / "steps.yaml"
    file.write_text("steps:\n- operation: merge\n- {operation: rotate, options: {degrees: 270, pages: '1,2'}}\n")
    for steps in (["--step", "merge", "--step", "rotate:degrees=270,pages=1,2"], ["--steps", str(file)]):
        done = platform.bindery("pipeline", *map(str, documents), *steps, "-o", str(target), "--overwrite")
        assert done.returncode == 0, done.stderr
        with pikepdf.open(target) as pdf:
            assert [page.get("/Rotate", 0) for page in pdf.pages][:2] == [270, 270]
        target.unlink()


def test_an_id_leads_back_to_a_batch_and_its_results(
    platform: RunningPlatform, documents: list[Path], tmp_path: Path
) -> None:
    batch_id = platform.bindery("compress", *map(str, documents), "--no-wait").stdout.strip()
    watched = platform.bindery("watch", batch_id, folder=tmp_path)
    assert watched.returncode == 0, watched.stderr
    assert watched.stdout == ""
    assert watched.stderr.count("completed") == 2
    saved = platform.bindery("download", batch_id, "-o", f"{tmp_path}/saved/")
    assert saved.returncode == 0, saved.stderr
    assert len(list((tmp_path / "saved").glob("*.pdf"))) == 2
    listed = platform.bindery("jobs", "--operation", "compress", "--since", "1h", "--json")
    ids = [json.loads(line)["id"] for line in listed.stdout.splitlines()]
    batch = httpx.get(f"{platform.url}/v1/batches/{batch_id}").json()
    assert {job["id"] for job in batch["jobs"]} <= set(ids)
    assert platform.bindery("jobs", "--since", "2126-01-01").stdout.strip() == "no jobs"


def test_ctrl_c_cancels_what_was_submitted(platform: RunningPlatform, documents: list[Path]) -> None:
    queue = httpx.get(f"{platform.url}/v1/operations/linearize").json()["queue"]
    pending = {"operation": "linearize", "status": "pending"}
    httpx.post(f"{platform.url}/v1/queues/{queue}/pause").raise_for_status()
    try:
        # As a terminal does it, whatever whoever runs the tests has made of the signal.
        waiting = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "linearize", str(documents[0])],
            **{"cwd": _ROOT, "env": platform.environment, "stderr": subprocess.PIPE},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        deadline_s = time.monotonic() + _DEADLINE_S
        while not (jobs := httpx.get(f"{platform.url}/v1/jobs", params=pending).json()["jobs"]):
            assert time.monotonic() < deadline_s
            time.sleep(0.1)
        # It has answered the client too by the time that it waits for the end.
        time.sleep(0.5)
        waiting.send_signal(signal.SIGINT)
        _, told = waiting.communicate(timeout=_DEADLINE_S)
        assert waiting.returncode == 130
        assert "cancelled" in told.decode()
        assert httpx.get(f"{platform.url}/v1/jobs/{jobs[0]['id']}").json()["status"] == "cancelled"
    finally:
        httpx.post(f"{platform.url}/v1/queues/{queue}/resume").raise_for_status()


def _content(path: Path) -> bytes:
    """The bytes, less the identifier that a PDF has of each time that it is saved (ISO 32000-2, 14.4)."""
    return re.sub(rb"/ID ?\[<[0-9a-f]{32}><[0-9a-f]{32}>\]", b"", path.read_bytes())


@pytest.mark.parametrize(
    ("operation", "sample", "flags"),
    [
        ("compress", "file_ops/samples/document.pdf", ["--preset", "small"]),
        ("convert", "file_ops/samples/document.pdf", ["--to", "png", "--dpi", "30"]),
        ("extract-invoice", "ai/samples/extract-invoice.pdf", ["--formats", "json,csv"]),
    ],
    ids=["compress", "convert", "extract-invoice"],
)
def test_what_is_done_here_is_what_the_platform_does(
    platform: RunningPlatform, tmp_path: Path, operation: str, sample: str, flags: list[str]
) -> None:
    # No gateway answers where it looks, and there is no folder of a platform.
    alone = RunningPlatform(tmp_path / "alone")
    arguments = [operation, str(_SERVICES / sample), *flags, "--json", "-o"]
    there = platform.bindery(*arguments, f"{tmp_path}/there/", "--fresh")
    here = alone.bindery(*arguments, f"{tmp_path}/here/", "--local")
    assert there.returncode == here.returncode == 0, there.stderr + here.stderr
    one, other = json.loads(there.stdout), json.loads(here.stdout)
    assert other["result"] == one["result"]
    facts = ("name", "media_type", "bytes")
    assert [[each[fact] for fact in facts] for each in other["outputs"]] == [
        [each[fact] for fact in facts] for each in one["outputs"]
    ]
    made = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert made == sorted(path.name for path in (tmp_path / "there").iterdir())
    assert all(_content(tmp_path / "here" / name) == _content(tmp_path / "there" / name) for name in made)
    assert not (tmp_path / "alone").exists()


def test_here_too_every_problem_is_told_and_a_failure_has_its_exit_code(documents: list[Path], tmp_path: Path) -> None:
    alone = RunningPlatform(tmp_path / "alone")
    text, empty, broken = (tmp_path / name for name in ("a.txt", "empty.pdf", "broken.pdf"))
    text.write_text("no PDF")
    empty.touch()
    broken.write_bytes(b"%PDF-1.7\nnothing of a document")
    refused = alone.bindery("rotate", str(text), str(empty), "--degrees", "45", "--local")
    assert refused.returncode == 6
    assert all(part in refused.stderr for part in ("a.txt: ", "empty.pdf: ", "degrees"))
    some = alone.bindery("rotate", str(broken), str(documents[0]), "--local", "-o", f"{tmp_path}/out/")
    assert some.returncode == 9
    assert "failed broken.pdf: [file_damaged]" in some.stderr
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_an_extra_that_is_not_installed_is_named(documents: list[Path], tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    missing.mkdir()
    (missing / "pikepdf.py").write_text("raise ModuleNotFoundError(\"No module named 'pikepdf'\")")
    environment = {**os.environ, "PYTHONPATH": f"{missing}:{_ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "rotate", str(documents[0]), "--local"],
        **{"cwd": tmp_path, "env": environment, "capture_output": True, "text": True},
        timeout=_DEADLINE_S,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error [extra_missing]")
    assert "pip install 'bindery[file_ops]'" in done.stderr
