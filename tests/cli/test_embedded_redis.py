"""The embedded Redis: on a Unix socket only, never evicting, forgetting everything at its end."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from cli.embedded_redis import EmbeddedRedis
from cli.errors import SetUpError


def test_it_never_evicts_and_keeps_nothing_on_disk(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        found = {name: client.config_get(name)[name] for name in ("maxmemory-policy", "appendonly", "save", "port")}
        assert found == {"maxmemory-policy": "noeviction", "appendonly": "no", "save": "", "port": "0"}


def test_it_starts_again_where_it_was(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    urls = []
    for _ in range(2):
        with server:
            urls.append(server.url)
    assert urls[0] == urls[1]


def test_a_machine_without_redis_gets_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.path", [])
    with pytest.raises(SetUpError, match="Redis is missing") as caught:
        EmbeddedRedis(tmp_path).start()
    assert "BINDERY_REDIS_URL" in caught.value.remedy
