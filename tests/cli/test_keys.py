"""`bindery keys`: the first key is made in the database, the others through the gateway."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from cli.embedded_postgres import EmbeddedPostgres, running_url
from tests.gateway.conftest import _shared_guarded_gateway as _shared_guarded_gateway
from tests.gateway.conftest import guarded as guarded
from tests.gateway.running_gateway import RunningGateway

_ROOT = Path(__file__).parents[2]


def bindery(gateway: RunningGateway, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line; it knows the gateway's address and what `settings` tell."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BINDERY_")}
    told = {f"BINDERY_{name.upper()}": value for name, value in {"url": gateway.url, **settings}.items()}
    return subprocess.run(
        [sys.executable, *arguments], cwd=_ROOT, env=kept | told, capture_output=True, text=True, timeout=60
    )


def test_the_first_key_needs_the_database_and_the_next_ones_need_a_key(guarded: RunningGateway, tmp_path: Path):
    cli, nowhere = ("-m", "cli.main", "keys"), str(tmp_path)
    url = guarded.environment["BINDERY_DATABASE_URL"]
    first = bindery(guarded, *cli, "create", "root", "laptop", "--scope", "admin", database_url=url)
    key = first.stdout.strip()
    second = bindery(guarded, *cli, "create", "anna", "phone", "--days", "2", "--json", var_dir=nowhere, api_key=key)
    made = json.loads(second.stdout)
    refused = bindery(guarded, *cli, "list", var_dir=nowhere)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert httpx.get(f"{guarded.url}/v1/keys", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert (made["owner"], made["scopes"], made["created_by"]) == ("anna", ["submit", "read"], "root/laptop")
    assert refused.returncode == 3
    assert "remedy: " in refused.stderr

    revoked = bindery(guarded, *cli, "revoke", made["id"], var_dir=nowhere, api_key=key)
    listed = bindery(guarded, *cli, "list", var_dir=nowhere, api_key=key)

    assert "anna/phone is revoked" in revoked.stdout
    assert "revoked" in listed.stdout
    assert made["key"] not in listed.stdout


def test_an_image_without_a_command_line_makes_the_first_key(guarded: RunningGateway):
    made = bindery(
        guarded, "-m", "gateway.make_key", "root", "pod", database_url=guarded.environment["BINDERY_DATABASE_URL"]
    )

    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert httpx.get(f"{guarded.url}/v1/session", headers=headers).json()["scopes"] == ["admin"]


@pytest.mark.parametrize("wrong", [("An na", "laptop"), ("anna", "")])
def test_a_wish_that_cannot_be_says_what_is_wrong(guarded: RunningGateway, wrong: tuple[str, str]):
    url = guarded.environment["BINDERY_DATABASE_URL"]
    refused = bindery(guarded, "-m", "cli.main", "keys", "create", *wrong, database_url=url)

    assert refused.returncode == 2
    assert ("owner" if " " in wrong[0] else "name") in refused.stderr


def test_the_embedded_database_is_found_while_it_runs(embedded_postgres: EmbeddedPostgres, tmp_path: Path):
    url = running_url(embedded_postgres._var_dir)

    assert url == embedded_postgres.url
    with psycopg.connect(url.replace("/bindery?", "/postgres?")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert running_url(tmp_path) is None
