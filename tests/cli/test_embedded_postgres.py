"""The embedded PostgreSQL: durable, restartable, on a Unix socket only, honest about what is missing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from cli.embedded_postgres import EmbeddedPostgres
from cli.errors import SetUpError


def _ask(server: EmbeddedPostgres, sql: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        row = connection.execute(sql).fetchone()
    return row[0] if row else None


def test_rows_survive_a_restart_and_a_kill(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path)
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    assert _ask(server, "SHOW fsync") == "on"
    assert _ask(server, "SHOW listen_addresses") == ""
    server.stop()
    with EmbeddedPostgres(tmp_path) as again:
        assert _ask(again, "SELECT number FROM kept") == 7
        assert again.process
        os.killpg(again.process.pid, signal.SIGKILL)
        again.process.wait()
    with EmbeddedPostgres(tmp_path) as after_kill:
        assert _ask(after_kill, "SELECT number FROM kept") == 7


def test_a_server_that_was_left_behind_gives_way_to_a_new_one(tmp_path: Path) -> None:
    left_behind = EmbeddedPostgres(tmp_path, durable=False)
    left_behind.start()
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert _ask(server, "SELECT 1") == 1
        assert left_behind.process
        assert left_behind.process.wait(10) == 0


def test_a_pid_file_whose_number_now_belongs_to_another_process_does_not_matter(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, durable=False)
    server.start()
    server.stop()
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path / 'postgres'}\n0\n5432\n\n\n")
    with server:
        assert _ask(server, "SELECT 1") == 1


def test_a_folder_name_that_is_too_long_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with EmbeddedPostgres(deep, durable=False) as server:
        assert _ask(server, "SELECT 1") == 1


def test_data_of_another_version_are_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(SetUpError, match=r"PostgreSQL 16, not 18") as caught:
        EmbeddedPostgres(tmp_path).start()
    assert "pg_upgrade" in caught.value.remedy
    assert (tmp_path / "postgres" / "PG_VERSION").read_text() == "16\n"


def test_a_killed_initdb_leaves_nothing_that_looks_like_data(tmp_path: Path) -> None:
    (tmp_path / "postgres.unfinished").mkdir()
    (tmp_path / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert _ask(server, "SELECT 1") == 1
    assert not (tmp_path / "postgres.unfinished").exists()
