"""Who is served next: owners take turns, and nobody has more jobs running than the limit allows."""

from __future__ import annotations

import threading
import uuid

import pytest

from shared import database, jobs
from shared.explain import queues
from shared.job_records import job as record_of
from shared.models import Job, Owner
from tests.shared.job_factory import OPERATIONS, QUEUE, claimed, created, output_of

pytestmark = pytest.mark.usefixtures("database_url")


def owner_of(claim: jobs.Claim) -> str:
    """Whose job was claimed."""
    return str(Job.get_by_id(claim.job_id).owner)


def limit(owner: str, running_jobs: int | None) -> None:
    """Let so many jobs of an owner run at once."""
    database.rows(
        "INSERT INTO owner (name, running_jobs) VALUES (%(name)s, %(most)s) "
        "ON CONFLICT (name) DO UPDATE SET running_jobs = excluded.running_jobs",
        {"name": owner, "most": running_jobs},
    )


def a_claim() -> jobs.Claim | None:
    """What a worker gets."""
    return jobs.claim(QUEUE, OPERATIONS, uuid.uuid4())


def test_a_backlog_of_ten_thousand_does_not_starve_another_owners_single_job():
    created(owner="anna")
    database.rows(
        "INSERT INTO job (id, owner, operation, queue, options, max_failures) "
        "SELECT uuidv7(), 'anna', 'probe', %(queue)s, '{}', 3 FROM generate_series(1, 10000)",
        {"queue": QUEUE},
    )
    single = created(owner="ben")
    # One slot: nothing runs when it is free again.
    for _ in range(2):
        claim = claimed()
        jobs.complete(claim, [], {})

    assert Job.get_by_id(single).status == "completed"


def test_the_owner_with_the_fewest_running_jobs_is_served_first():
    for owner in ("anna", "anna", "anna", "ben", "ben"):
        created(owner=owner)

    assert [owner_of(claimed()) for _ in range(5)] == ["anna", "ben", "anna", "ben", "anna"]


def test_of_equals_the_one_that_was_served_longest_ago_is_next():
    for owner in ("anna", "ben", "cleo") * 2:
        created(owner=owner)
    served = []
    for _ in range(6):
        claim = claimed()
        served.append(owner_of(claim))
        jobs.complete(claim, [], {})

    assert served == ["anna", "ben", "cleo"] * 2


def test_priority_orders_an_owners_own_jobs_and_gets_nobody_ahead_of_others():
    created(owner="anna", priority=0)
    urgent = created(owner="anna", priority=0)
    later, sooner = created(owner="ben", priority=9), created(owner="ben", priority=1)

    assert [claimed().job_id for _ in range(4)][1:] == [sooner, urgent, later]


def test_an_owner_at_the_limit_waits_while_others_go_on():
    limit("anna", 1)
    first, second = created(owner="anna"), created(owner="anna")
    for _ in range(2):
        created(owner="ben")
    claims = [claimed() for _ in range(3)]

    assert a_claim() is None
    jobs.complete(next(claim for claim in claims if claim.job_id == first), [], {})
    assert claimed().job_id == second


def test_a_job_says_that_its_owner_is_at_the_limit():
    limit("anna", 2)
    waiting = [created(owner="anna") for _ in range(3)][-1]
    database.rows(
        "INSERT INTO worker (id, service, queue, host, pid, version, slots, operations) "
        "VALUES (%(id)s, 'probe', %(queue)s, 'here', 1, '1', 4, '{\"probe\": null}')",
        {"id": uuid.uuid4(), "queue": QUEUE},
    )
    claimed(), claimed()

    assert record_of(waiting)["waiting"] == {
        "code": "owner_limit",
        "message": "Its owner is at the limit: 2 of 2 jobs run.",
    }
    assert queues()[QUEUE].processing == 2


def test_the_place_in_a_full_queue_is_the_one_in_which_it_is_served():
    for _ in range(3):
        created(owner="anna")
    waiting = {created(owner="ben"), created(owner="ben"), created(owner="cleo")}
    database.rows(
        "INSERT INTO worker (id, service, queue, host, pid, version, slots, operations) "
        "VALUES (%(id)s, 'probe', %(queue)s, 'here', 1, '1', 1, '{\"probe\": null}')",
        {"id": uuid.uuid4(), "queue": QUEUE},
    )
    claimed()
    told = {job.id: record_of(job.id)["waiting"]["message"] for job in Job.select().where(Job.status == "pending")}
    served = [claimed().job_id for _ in range(5)]

    assert waiting < set(served)
    assert [told[job_id].rpartition("; ")[2] for job_id in served] == [
        f"position {n} in the queue." for n in range(1, 6)
    ]


def test_an_owner_with_a_default_limit_is_limited_too(settings_env):
    settings_env(running_jobs=1)
    for owner in ("anna", "anna", "ben"):
        created(owner=owner)
    limit("ben", 0)
    created(owner="ben")

    assert sorted(owner_of(claimed()) for _ in range(3)) == ["anna", "ben", "ben"]
    assert a_claim() is None


@pytest.mark.parametrize("most", [1, 3])
def test_workers_that_claim_at_once_never_exceed_the_limit(most: int):
    limit("anna", most)
    for _ in range(60):
        created(owner="anna")
    for _ in range(20):
        created(owner="ben")
    seen: list[int] = []
    left = threading.Semaphore(80)
    started = threading.Barrier(6)

    def work() -> None:
        started.wait(30)
        while left.acquire(blocking=False):
            while (claim := a_claim()) is None:
                if not Job.select().where(Job.status == "pending").count():
                    break
            else:
                running = Job.select().where(Job.status == "processing", Job.owner == "anna").count()
                seen.append(running)
                jobs.complete(claim, [output_of(claim)], {})
        database.disconnect()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert Job.select().where(Job.status != "completed").count() == 0
    assert max(seen) == most
    assert Owner.get_by_id("anna").claims == 60
