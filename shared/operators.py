"""The journal of operators: who did what to the platform, beside what happened to single jobs (`job_event`)."""

from __future__ import annotations

import json
from typing import Any

from shared import database
from shared.job_records import timestamp

#: Lines of one page of the journal, at most.
MOST_PER_PAGE = 200

_NOTE = "INSERT INTO operator_action (actor, action, details) VALUES (%(actor)s, %(action)s, %(details)s::jsonb)"


def note(actor: str, action: str, details: dict[str, Any] | None = None) -> None:
    """Note what an operator did, after it was done: `note("anna", "queue.paused", {"queue": "ocr"})`.

    `action` is `<thing>.<what became of it>`. `details` hold no secret and no document's content.
    """
    database.rows(_NOTE, {"actor": actor, "action": action, "details": json.dumps(details or {})})


def listed(*, limit: int, before: int) -> tuple[list[dict[str, Any]], int | None]:
    """The newest lines before the one with the number `before`, and where the next page begins (None: the last)."""
    found = database.rows(
        """SELECT id, at, actor, action, details FROM operator_action
           WHERE id < %(before)s ORDER BY id DESC LIMIT %(limit)s""",
        # One more than the page tells whether it is the last.
        {"before": before, "limit": limit + 1},
    )
    page = [{**line, "at": timestamp(line["at"])} for line in found[:limit]]
    return page, page[-1]["id"] if len(found) > limit else None
