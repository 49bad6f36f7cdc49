"""Clients that submit documents over HTTP while things break, and remember exactly what they were told."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx

from tests.chaos.stage import Stage, document, sha256

#: What documents do to their engine, by how many in a hundred do it.
_SHARES = {
    "echo": 40,
    "sleep": 42,
    "fail": 4,
    "fail-retryable": 4,
    "segfault": 2,
    "memory": 3,
    "external": 5,
}
#: How a job may end by what its document does. One that waits for an external program is always cancelled.
ENDS = {
    "echo": {"completed"},
    "sleep": {"completed"},
    "fail": {"failed"},
    "fail-retryable": {"failed"},
    "segfault": {"failed"},
    "memory": {"failed"},
    "external": {"cancelled", "failed"},
}
#: How documents are submitted, by how many in a hundred are: alone; three in one request; in two steps, where the
#: second one copies what the first one made; as one job that is done in three steps, the last of which copies; with an
#: Idempotency-Key, again and again until there is an answer.
_WAYS = {"alone": 58, "batch": 8, "pipeline": 12, "chain": 12, "keyed": 10}
_BATCH = 3
_TRIES, _BETWEEN_TRIES_S = 6, 0.5
#: Of the documents that behave, so many are cancelled soon after.
_CANCELLED_SHARE = 0.05
_BETWEEN_S = (0.1, 0.9)
_CANCEL_AFTER_S = (0.0, 1.5)


@dataclass
class Submission:
    """One document and what its sender was told: a status, or None when the connection broke."""

    sha256: str
    behave: str
    status: int | None = None
    code: str = ""
    job_id: str = ""
    #: The job that makes the result: the last step of a pipeline, else the job itself.
    last_id: str = ""
    #: Whether one of several tries may have created the job without a word.
    uncertain: bool = False
    #: Whether a cancellation was sent, heard or not.
    cancelled: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the platform took the job upon itself."""
        return bool(self.job_id)


class Clients:
    """Some threads; each submits one document after the other, and none twice but under a key."""

    def __init__(self, stage: Stage, seed: int, count: int) -> None:
        self._stage = stage
        self._stop = threading.Event()
        self.submissions: list[Submission] = []
        self._threads = [
            threading.Thread(target=self._submit_on, args=(random.Random(f"{seed}-{number}"),), daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Submit nothing more; return when the last answer is there."""
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a request was never answered"

    @property
    def accepted(self) -> int:
        """Documents that the platform took."""
        return sum(submission.accepted for submission in self.submissions)

    def told(self) -> Counter[str]:
        """How often clients were told what."""
        return Counter(f"{one.status or 'no answer'} {one.code}".strip() for one in self.submissions)

    def _submit_on(self, chance: random.Random) -> None:
        while not self._stop.wait(chance.uniform(*_BETWEEN_S)):
            (behave,) = chance.choices(list(_SHARES), list(_SHARES.values()))
            seconds = {"sleep": chance.uniform(0.3, 3.0), "external": 60}.get(behave, 0.0)
            headers = {"Prefer": "wait=2"} if chance.random() < 0.1 else {}
            cancel = behave == "external" or chance.random() < _CANCELLED_SHARE
            after_s = chance.uniform(*_CANCEL_AFTER_S)
            (way,) = chance.choices(list(_WAYS), list(_WAYS.values()))
            contents = [document() for _ in range(_BATCH if way == "batch" else 1)]
            submissions = [Submission(sha256(content), behave) for content in contents]
            self.submissions.extend(submissions)
            self._submit(way, contents, submissions, {"behave": behave, "seconds": seconds}, headers)
            if cancel:
                time.sleep(after_s)
                for submission in submissions:
                    if submission.accepted:
                        self._cancel(submission)

    def _submit(
        self,
        way: str,
        contents: list[bytes],
        submissions: list[Submission],
        options: dict[str, Any],
        headers: dict[str, str],
    ) -> None:
        address, fields = "/v1/probe", {name: str(value) for name, value in options.items()}
        if way == "pipeline":
            steps = [{"operation": "probe", "options": options}, {"operation": "probe"}]
            address, fields = "/v1/pipelines", {"steps": json.dumps(steps), "keep_intermediate": "true"}
        if way == "chain":
            address, fields = "/v1/chained-probe", {"before": options["behave"], "after": "echo", **_seconds(options)}
        if way == "keyed":
            headers = {**headers, "Idempotency-Key": submissions[0].sha256}
        for _ in range(_TRIES if way == "keyed" else 1):
            files = [("file", ("in.pdf", content, "application/pdf")) for content in contents]
            try:
                answer = self._stage.client.post(address, files=files, data=fields, headers=headers)
            except httpx.TransportError:
                answer = None
            for position, submission in enumerate(submissions):
                _note(submission, answer, way, position)
            if submissions[0].accepted:
                return
            time.sleep(_BETWEEN_TRIES_S if way == "keyed" else 0)

    def _cancel(self, submission: Submission) -> None:
        submission.cancelled = True
        try:
            self._stage.client.post(f"/v1/jobs/{submission.job_id}/cancel")
        except httpx.TransportError:
            return


def _seconds(options: dict[str, Any]) -> dict[str, str]:
    return {"seconds": str(options["seconds"])}


def _note(submission: Submission, answer: httpx.Response | None, way: str, position: int) -> None:
    """Keep what a sender was told."""
    submission.status = answer.status_code if answer else None
    submission.code = ""
    if answer is None:
        submission.uncertain = True
        return
    told = answer.json()
    if answer.status_code not in (202, 303):
        submission.code = told["code"]
        submission.uncertain |= told["code"] == "submission_uncertain"
        return
    jobs = [step["jobs"][0] for step in told["steps"]] if way == "pipeline" else [told]
    if way == "batch":
        jobs = [told["jobs"][position]]
    submission.job_id, submission.last_id = jobs[0]["id"], jobs[-1]["id"]
