"""`bindery deploy render`: manifests are what the code declares, and nothing else."""

from __future__ import annotations

from pathlib import Path

import yaml

from cli.deploy import gpu
from cli.deploy.render import differing, write
from services.ocr.engines.easyocr_engine import WEIGHTS
from shared import catalogue

_DEPLOY = Path(__file__).parents[2] / "deploy"


def test_the_manifests_are_as_the_code_would_write_them() -> None:
    assert differing(_DEPLOY) == [], "run `bindery deploy render`"


def test_a_hand_edit_is_noticed_and_undone(tmp_path: Path) -> None:
    write(tmp_path)
    edited = tmp_path / "kubernetes/base/worker-ocr.yaml"
    before = edited.read_text()
    edited.write_text(before.replace("replicas: 1", "replicas: 0"))
    assert differing(tmp_path) == ["kubernetes/base/worker-ocr.yaml"]
    write(tmp_path)
    assert edited.read_text() == before


def test_a_manifest_of_a_service_that_is_gone_is_removed(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "kubernetes/base/worker-gone.yaml").write_text(
        (tmp_path / "kubernetes/base/worker-ocr.yaml").read_text()
    )
    assert write(tmp_path) == ["kubernetes/base/worker-gone.yaml"]
    assert not (tmp_path / "kubernetes/base/worker-gone.yaml").exists()


def test_every_service_has_a_worker_in_every_manifest() -> None:
    services = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())["services"]
    consumed = {one["environment"].get("BINDERY_SERVICE") for one in services.values() if "environment" in one}
    assert set(catalogue.load().queues) <= consumed
    for queue in catalogue.load().queues:
        assert (_DEPLOY / f"kubernetes/base/worker-{queue.replace('_', '-')}.yaml").exists()


def test_no_manifest_holds_a_secret() -> None:
    for path in _DEPLOY.rglob("*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            assert document.get("kind") != "Secret", path
    environment = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())["services"]["gateway"]["environment"]
    assert environment["BINDERY_SECRET_KEY"].startswith("${")


def test_the_weights_of_the_gpu_variant_lie_where_the_engine_looks() -> None:
    assert Path(gpu.WEIGHTS) == WEIGHTS
