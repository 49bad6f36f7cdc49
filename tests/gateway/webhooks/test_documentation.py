"""docs/webhooks.md and the command line: what the examples receive, and what the commands do."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from services.maintenance.service import MaintenanceSettings
from shared import settings
from tests.gateway.documents import PDF, files
from tests.gateway.running_gateway import RunningGateway
from tests.gateway.webhooks.conftest import deliveries, delivering, register
from tests.gateway.webhooks.receiver import Receiver, until
from tests.running_platform import free_port

_DOCUMENT = (Path(__file__).parents[3] / "docs/webhooks.md").read_text()
_PROGRAMS = {"python": [sys.executable, "-c"], "node": ["node", "-e"]}


def ended(client: httpx.Client) -> str:
    """Cancel a fresh job and return its id."""
    job = client.post("/v1/compress", files=files(PDF)).raise_for_status().json()
    client.post(f"/v1/jobs/{job['id']}/cancel").raise_for_status()
    return str(job["id"])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(language: str, port: int, secret: str) -> Iterator[subprocess.Popen[str]]:
    """The receiver of the documentation, as it stands there."""
    (example,) = re.findall(rf"run by the tests: {language} -->\n```\w+\n(.*?)```", _DOCUMENT, re.DOTALL)
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": secret}
    with subprocess.Popen(
        [*_PROGRAMS[language], example],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            until(lambda: listens(port))
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("language", list(_PROGRAMS))
def test_the_receivers_of_the_documentation_take_what_is_signed_and_nothing_else(client: httpx.Client, language: str):
    if not shutil.which(_PROGRAMS[language][0]):
        pytest.skip(f"{language} is not installed")
    port = free_port()
    webhook = register(client, f"http://127.0.0.1:{port}/hook")
    with running(language, port, webhook["secret"]) as receiver, delivering():
        job_id = ended(client)
        assert receiver.stdout
        assert receiver.stdout.readline().split() == ["job.cancelled", job_id]
        until(lambda: deliveries(client, state="delivered"))
        # Signed with a secret that the receiver does not have.
        client.post(webhook["links"]["rotate_secret"], json={"overlap_s": 0}).raise_for_status()
        ended(client)
        (dead,) = until(lambda: deliveries(client, state="dead"))
    assert {each["status_code"] for each in dead["log"]} == {401}


def test_the_waits_that_the_documentation_names_are_those_of_the_settings():
    waits = MaintenanceSettings.model_fields["webhook_delays_s"].default
    units = {"seconds": 1, "minutes": 60, "hours": 3600}
    (sentence,) = re.findall(r"It is tried again after (.*?), spread", _DOCUMENT, re.DOTALL)
    named = re.findall(r"(\d+)\s+(seconds|minutes|hours)", sentence)

    assert [int(number) * units[unit] for number, unit in named] == list(waits)
    assert sum(waits) <= 86_400


def test_the_commands_register_list_redeliver_and_rotate(
    gateway: RunningGateway, client: httpx.Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BINDERY_URL", gateway.url)
    settings.current.cache_clear()

    def bindery(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["webhooks", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    assert bindery("list") == "no webhooks\n"
    webhook_id, secret = bindery("create", receiver.url, "--event", "job.cancelled").split()
    assert client.get(f"/v1/webhooks/{webhook_id}/secret").json() == {"secret": secret}
    assert "job.cancelled" in bindery("list")
    receiver.answering = lambda _number: (500, {})
    ended(client)
    with delivering():
        (dead,) = until(lambda: deliveries(client, state="dead"))
        shown = bindery("deliveries", webhook_id, "--state", "dead")
        assert dead["id"] in shown
        assert "The receiver answered 500." in shown
        receiver.answering = lambda _number: (200, {})
        assert bindery("redeliver", "--dead", webhook_id) == "1 deliveries are sent again\n"
        until(lambda: deliveries(client, state="delivered"))
        bindery("redeliver", dead["id"])
    fresh = bindery("rotate", webhook_id, "--overlap-s", "0").strip()
    assert client.get(f"/v1/webhooks/{webhook_id}/secret").json() == {"secret": fresh}
