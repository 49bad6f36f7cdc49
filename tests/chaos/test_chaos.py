"""The storm: everything that can fail does, again and again, while documents come in; then the invariants are checked.

`make test-chaos` runs it for minutes, `make test` for seconds. Each run prints how to repeat it.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress

import pytest

from shared import database
from shared.errors import DatabaseUnavailable
from tests.chaos import invariants
from tests.chaos.clients import ENDS, Clients, Submission
from tests.chaos.conftest import StartStage
from tests.chaos.faults import FAULTS, Progress, Storm
from tests.chaos.stage import Stage, sha256

_SHORT_S = 40.0
_LONG_S = 270.0
#: A storm of this length must have brought every fault, and a worker that spoke too late.
_ENOUGH_S = 200.0
_CLIENTS = 3
_BETWEEN_FAULTS_S = (0.4, 1.6)
#: A healthy document that loses its worker so often had more bad luck than any storm brings.
_MAX_CRASHES = 8
_WRONG_CLOCK_S = 600
_LEAST_PER_S = 0.75
#: When the storm is over everything ends: leases, back-off and the backlog, on a busy machine.
_SETTLED_AFTER_S = 180


def test_a_short_storm_loses_nothing_and_does_nothing_twice(start_stage: StartStage):
    weather(start_stage, _SHORT_S)


@pytest.mark.heavy
def test_a_long_storm_loses_nothing_and_does_nothing_twice(start_stage: StartStage):
    weather(start_stage, float(os.environ.get("CHAOS_SECONDS", _LONG_S)))


def weather(start_stage: StartStage, seconds: float) -> None:
    """Stand a storm of some seconds and check everything afterwards."""
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
    again = f"CHAOS_SEED={seed} CHAOS_SECONDS={seconds:g} .venv/bin/pytest -s tests/chaos/test_chaos.py -k long"
    print(f"\nto repeat: {again}", flush=True)
    stage = start_stage(workers=0, gateway_processes=2, max_crashes=_MAX_CRASHES)
    stage.start_worker()
    stage.start_worker(clock_off_s=random.Random(seed).choice((-1, 1)) * _WRONG_CLOCK_S)
    stage.wait_until_ready()
    clients, watch = Clients(stage, seed, _CLIENTS), invariants.SlotWatch()
    claims = Claims()
    storm = Storm(stage, seed, _BETWEEN_FAULTS_S, lambda: Progress(clients.accepted, claims.read()))
    clients.start()
    began_s = time.monotonic()
    try:
        while not over(time.monotonic() - began_s, seconds, clients.accepted):
            storm.step()
            stage.look_after()
            watch.look_if_it_answers(stage)
            time.sleep(0.1)
    finally:
        storm.calm()
        clients.stop()
    stage.servers.make_well()
    settle(stage, watch)
    found = [
        *invariants.broken(stage),
        *sorted(watch.broken),
        *invariants.overtaken(stage),
        *invariants.unperformed(stage),
        *[what for submission in clients.submissions for what in broken_promises(stage, submission)],
        *strangers(stage, clients.submissions),
    ]
    report(stage, storm, clients)
    assert not found, "\n".join([f"seed {seed}", *found, *storm.log, stage.last_words()])
    if seconds >= _ENOUGH_S:
        assert set(storm.counts) == {fault.__name__ for fault in FAULTS}
        assert invariants.late_words(stage) > 0, "I7: no late word was refused: the storm was too tame"


def over(passed_s: float, seconds: float, accepted: int) -> bool:
    """A slow machine gets three times as long for the documents without which a storm proves little."""
    return passed_s > seconds and (accepted >= seconds * _LEAST_PER_S or passed_s > 3 * seconds)


class Claims:
    """How many claims there were, as far as the database could be asked."""

    def __init__(self) -> None:
        self._last = 0

    def read(self) -> int:
        """The number now, or the last one known."""
        with suppress(DatabaseUnavailable):
            self._last = database.rows("SELECT count(*) AS count FROM job_event WHERE event = 'claimed'", {})[0][
                "count"
            ]
        return self._last


def settle(stage: Stage, watch: invariants.SlotWatch) -> None:
    """Wait until everything that was accepted has ended; what has not by then is found by the checks."""
    deadline_s = time.monotonic() + _SETTLED_AFTER_S
    while stage.rows("SELECT id FROM job WHERE completed_at IS NULL LIMIT 1") and time.monotonic() < deadline_s:
        stage.look_after()
        watch.look_if_it_answers(stage)
        time.sleep(0.2)
    stage.wait_until_ready()


def broken_promises(stage: Stage, submission: Submission) -> list[str]:
    """What clients see (I1, I2, I6, I8, I11, I14): each document had the end it must have, or no job at all."""
    jobs = stage.rows(
        """SELECT job_id::text AS id FROM job_file JOIN job ON job.id = job_id
           WHERE role = 'input' AND sha256 = %(sha256)s AND coalesce(pipeline_step, 0) = 0
               AND NOT EXISTS (SELECT FROM pipeline WHERE pipeline.id = pipeline_id AND pipeline.job_id IS NOT NULL)""",
        sha256=submission.sha256,
    )
    if not submission.accepted:
        # Without an answer, or with "uncertain", there may be a job; after a refusal there must be none.
        allowed = 1 if submission.uncertain else 0
        return [] if len(jobs) <= allowed else [f"I14: told {submission.status} {submission.code}, yet {jobs}"]
    if [job["id"] for job in jobs] != [submission.job_id]:
        return [f"I1: {submission.job_id} was accepted, there are {jobs}"]
    job = stage.job(submission.job_id)
    allowed_ends = ENDS[submission.behave] | ({"cancelled"} if submission.cancelled else set())
    if job["status"] not in allowed_ends:
        return [f"I2: a document that should {submission.behave} ended so: {job}"]
    if job["crashes"] > _MAX_CRASHES + 1:
        return [f"I8: {job['crashes']} crashes: {submission.job_id}"]
    last = stage.job(submission.last_id)
    if last["status"] != job["status"] and not submission.cancelled:
        return [f"I2: step 1 is {job['status']}, step 2 is {last}"]
    if last["status"] == "completed":
        content = stage.client.get(f"/v1/jobs/{submission.last_id}/result").content
        if sha256(content) != submission.sha256:
            return [f"I6: the result of {submission.last_id} is not its document"]
    return []


def strangers(stage: Stage, submissions: list[Submission]) -> list[str]:
    """I1: jobs of documents that nobody sent."""
    sent = {submission.sha256 for submission in submissions}
    stored = stage.rows("SELECT job_id, sha256 FROM job_file WHERE role = 'input'")
    return [f"I1: nobody sent the document of {row['job_id']}" for row in stored if row["sha256"] not in sent]


def report(stage: Stage, storm: Storm, clients: Clients) -> None:
    """What happened, for whoever reads the output."""
    ends = stage.rows("SELECT status, count(*), sum(attempt) AS attempts FROM job GROUP BY status ORDER BY status")
    print("faults:", dict(storm.counts))
    print("answers:", dict(clients.told()))
    print("ends:", [tuple(row.values()) for row in ends], "late words refused:", invariants.late_words(stage))
    print("starts:", {part.name: part.starts for part in stage.parts}, flush=True)
