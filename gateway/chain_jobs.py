"""Makes the jobs of the steps that a job is done in, where its operation has some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from uuid_utils import uuid4
from uuid_utils.compat import uuid7

from gateway.chains import Added, Chain
from gateway.job_creation import NewJob, NewPipeline, PipelinePlace
from shared import secret_box
from shared.media_types import MediaType
from shared.operation import PASSWORD, Operation


@dataclass(frozen=True)
class Link:
    """One step of a chain or a pipeline: what it does, and what it takes of the step before."""

    operation: Operation
    options: dict[str, Any]
    takes: Sequence[MediaType]
    secrets: Mapping[str, str]
    #: Nobody asked for it by name: what it does not take it hands on.
    added: bool = False

    def job(self, place: PipelinePlace, priority: int) -> NewJob:
        """A job of this step, without inputs."""
        return NewJob(
            id=uuid7(),
            operation=self.operation.name,
            queue=self.operation.queue,
            options=self.options,
            inputs=(),
            max_failures=self.operation.max_failures,
            message_id=str(uuid4()),
            priority=priority,
            secrets=secret_box.seal(self.secrets) if self.secrets else None,
            place=replace(place, takes=[kind.name for kind in self.takes], carries=self.added),
        )


def links(operation: Operation, options: dict[str, Any], secrets: Mapping[str, str], chain: Chain) -> list[Link]:
    """An operation with the steps around it.

    All get the password: what a step makes of an encrypted document is encrypted as that was, or not at all. Secret
    options are the operation's own.
    """
    password = {name: value for name, value in secrets.items() if name == PASSWORD}

    def link(added: Added) -> Link:
        return Link(added.operation, added.options, added.takes, password, added=True)

    own = Link(operation, options, operation.accepts, secrets)
    return [*map(link, chain.before), own, *map(link, chain.after)]


def in_steps(job: NewJob, steps: Sequence[Link]) -> NewJob:
    """The job, done in these steps: the first one takes its inputs."""
    pipeline_id: UUID = uuid7()
    made = [step.job(PipelinePlace(pipeline_id, number, 0), job.priority) for number, step in enumerate(steps)]
    first = replace(made[0], inputs=job.inputs, message_id=job.message_id)
    return replace(job, secrets=None, steps=NewPipeline(pipeline_id, [first, *made[1:]]))
