"""/metrics: what Prometheus reads agrees with the rows, whoever counted, and outlives every process."""

from __future__ import annotations

import signal
from collections.abc import Callable

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared import counts, database, jobs, metrics
from shared.errors import DamagedFile, EngineCrashed
from tests.gateway.documents import PDF, files
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _nothing_counted(gateway: RunningGateway) -> None:
    database.rows("TRUNCATE metric_change, metric_total, health_check, tick", {})


def scraped(url: str) -> Series:
    """Every series of a scrape, as Prometheus' own parser reads it."""
    text = httpx.get(f"{url}/metrics", timeout=30).text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(series: Series, name: str, **labels: str) -> float:
    """The sum of the series of this name that have these labels."""
    return sum(found for (of, has), found in series.items() if of == name and labels.items() <= dict(has).items())


def submit(gateway: RunningGateway, **headers: str) -> None:
    """One document, not answered from the cache."""
    answer = httpx.post(
        f"{gateway.url}/v1/compress", files=files(PDF), headers={"Cache-Control": "no-cache", **headers}, timeout=30
    )
    assert answer.status_code == 202


def test_what_is_told_of_queues_agrees_with_the_rows(gateway: RunningGateway, worker: PlayedWorker):
    for _ in range(3):
        submit(gateway)
    worker.appear(slots=4)
    worker.claim()

    series = scraped(gateway.url)

    assert value(series, "bindery_queue_ready_jobs", queue="compression") == 2
    assert value(series, "bindery_queue_processing_jobs", queue="compression") == 1
    assert value(series, "bindery_queue_consumers", queue="compression") == 1
    assert value(series, "bindery_queue_slots") == 4
    assert value(series, "bindery_queue_oldest_ready_age_seconds", queue="compression") > 0
    assert value(series, "bindery_queue_waiting_for_consumer") == 0
    assert value(series, "bindery_database_up") == 1


def test_counters_agree_with_what_became_of_the_jobs(gateway: RunningGateway, worker: PlayedWorker):
    for _ in range(4):
        submit(gateway)
    worker.complete(worker.claim(), ("a.pdf", b"%PDF"))
    worker.fail(worker.claim(), DamagedFile())
    retried, lost = worker.claim(), worker.claim()
    jobs.fail(retried, EngineCrashed())
    database.rows("UPDATE job SET lease_until = now() - interval '1 s' WHERE id = %(id)s", {"id": lost.job_id})
    jobs.reap()
    httpx.post(f"{gateway.url}/v1/jobs/{lost.job_id}/cancel")
    hit = httpx.post(f"{gateway.url}/v1/compress", files=files(PDF), timeout=30).json()

    series = scraped(gateway.url)

    assert hit["cached"]
    rows = {row["status"]: row["n"] for row in database.rows("SELECT status, count(*) AS n FROM job GROUP BY 1", {})}
    for status in ("completed", "failed", "cancelled"):
        assert value(series, "bindery_jobs_ended_total", status=status, operation="compress") == rows[status], status
    assert value(series, "bindery_jobs_created_total", operation="compress") == sum(rows.values())
    assert value(series, "bindery_cache_hits_total") == 1
    assert value(series, "bindery_jobs_failed_total", code="file_damaged") == 1
    assert value(series, "bindery_job_retries_total", code="engine_crashed") == 1
    assert value(series, "bindery_jobs_reaped_total", queue="compression") == 1
    assert value(series, "bindery_engine_failures_total") == 3
    assert value(series, "bindery_job_start_seconds_count", queue="compression") == 4
    assert value(series, "bindery_job_run_seconds_count", operation="compress") == 4


def test_a_scrape_has_a_help_text_for_each_metric_and_whole_histograms(gateway: RunningGateway, worker: PlayedWorker):
    submit(gateway)
    worker.complete(worker.claim(), ("a.pdf", b"%PDF"))

    families = {
        family.name: family for family in text_string_to_metric_families(httpx.get(f"{gateway.url}/metrics").text)
    }

    assert all(family.documentation for family in families.values())
    run = families["bindery_job_run_seconds"]
    assert run.type == "histogram"
    by_end = {s.labels["le"]: s.value for s in run.samples if s.name.endswith("_bucket")}
    assert by_end["+Inf"] == 1
    assert list(by_end.values()) == sorted(by_end.values())


def test_what_was_folded_and_what_was_not_add_up_and_are_never_counted_twice(gateway: RunningGateway):
    submit(gateway)
    counts.fold()
    submit(gateway)
    before = value(scraped(gateway.url), "bindery_jobs_created_total")
    counts.fold()
    counts.fold()

    assert before == value(scraped(gateway.url), "bindery_jobs_created_total") == 2


def test_codes_that_an_engine_makes_up_cannot_make_series_without_end(gateway: RunningGateway):
    many = [{"name": metrics.FAILED.name, "labels": ["ocr", "ocr", f"code_{number}"]} for number in range(600)]
    for start in (0, 550):
        database.rows(
            "INSERT INTO metric_change (name, labels) SELECT name, labels FROM "
            "unnest(%(names)s::text[], %(codes)s::text[]) AS given (name, code), "
            "LATERAL (SELECT ARRAY['ocr', 'ocr', code] AS labels) AS made",
            {
                "names": [one["name"] for one in many[start : start + 550]],
                "codes": [one["labels"][2] for one in many[start : start + 550]],
            },
        )
        counts.fold()

    series = [key for key in scraped(gateway.url) if key[0] == metrics.FAILED.name]

    assert len(series) == 551
    assert value(scraped(gateway.url), metrics.FAILED.name, code="other") == 50


def test_no_label_comes_from_a_client(gateway: RunningGateway):
    for path in ("/v1/jobs/secret-plan.pdf", "/nowhere/secret-plan", "/v1/secret-plan"):
        httpx.get(f"{gateway.url}{path}")
    httpx.request("SECRETPLAN", f"{gateway.url}/v1/jobs")
    text = httpx.get(f"{gateway.url}/metrics").text

    assert "bindery_http_requests_total" in text
    assert "secret" not in text.lower()


@pytest.fixture
def two_processes(gateway_with: Callable[..., RunningGateway]) -> RunningGateway:
    """A gateway of two processes, whose bells nobody hears."""
    return gateway_with(gateway_processes="2", redis_url="unix:///nowhere/redis.sock")


def test_killing_a_gateway_process_takes_no_counter_back(two_processes: RunningGateway):
    gateway = two_processes
    for _ in range(6):
        submit(gateway, Connection="close")
    before = scraped(gateway.url)
    victim = gateway.processes()[0]
    victim.send_signal(signal.SIGKILL)
    victim.wait(30)
    for _ in range(2):
        submit(gateway, Connection="close")

    after = scraped(gateway.url)

    assert value(before, "bindery_jobs_created_total") == 6
    assert value(after, "bindery_redis_failures_total") > 0
    assert value(after, "bindery_jobs_created_total") == 8
    counters = [key for key in before if key[0].endswith(("_total", "_count", "_sum"))]
    assert all(after[key] >= before[key] for key in counters)


def test_without_a_database_the_scrape_says_so(gateway_with: Callable[..., RunningGateway]):
    gateway = gateway_with(database_url="postgresql:///bindery?host=/nowhere")

    assert scraped(gateway.url) == {("bindery_database_up", frozenset()): 0}
