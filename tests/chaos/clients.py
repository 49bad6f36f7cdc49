"""Clients that submit documents over HTTP while things break, and remember exactly what they were told."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass

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
    #: Whether a cancellation was sent, heard or not.
    cancelled: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the platform took the job upon itself."""
        return bool(self.job_id)


class Clients:
    """Some threads; each submits one document after the other, and never twice."""

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
            self._submit(behave, seconds, headers, after_s if cancel else None)

    def _submit(self, behave: str, seconds: float, headers: dict[str, str], cancel_after_s: float | None) -> None:
        content = document()
        submission = Submission(sha256(content), behave)
        self.submissions.append(submission)
        try:
            answer = self._stage.post(content, behave, headers=headers, seconds=seconds)
        except httpx.TransportError:
            return
        submission.status = answer.status_code
        if answer.status_code not in (202, 303):
            submission.code = answer.json()["code"]
            return
        submission.job_id = answer.json()["id"]
        if cancel_after_s is not None:
            time.sleep(cancel_after_s)
            self._cancel(submission)

    def _cancel(self, submission: Submission) -> None:
        submission.cancelled = True
        try:
            self._stage.client.post(f"/v1/jobs/{submission.job_id}/cancel")
        except httpx.TransportError:
            return
