"""Sends one delivery to its receiver: one signed request, whose status is all that counts of the answer."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared import secret_box
from shared.errors import BinderyError
from shared.logs import get_logger
from shared.outbound.fetching import Limits, opened
from shared.webhooks import signing
from shared.webhooks.deliveries import Attempt, Claimed

log = get_logger()

#: A receiver that asks for more patience than this is asked again nevertheless.
_MOST_RETRY_AFTER_S = 6 * 3600
_BUSY = (429, 503)


class Refused(BinderyError):
    """The receiver answered with another status than 2xx."""

    code = "refused"
    remedy = "Look at the receiver: it must answer with a status from 200 to 299."


class Redirected(Refused):
    """The receiver answered with a redirection, which is not followed."""

    code = "redirected"
    remedy = "Change the webhook's URL to the address that the receiver has now."


class SenderFailed(BinderyError):
    """The server could not send it."""

    code = "sender_failed"
    remedy = "The operator finds the cause in the log of the maintenance worker."


async def send(claimed: Claimed, time_limit_s: float) -> Attempt:
    """Make one attempt; whatever comes of it is told, nothing raises. Redirections are not followed."""
    began_s = time.monotonic()
    status, retry_after_s, error = None, 0.0, None
    try:
        body = json.dumps(claimed.payload, separators=(",", ":"), ensure_ascii=False).encode()
        signed_with = [secret_box.unseal(sealed)["secret"] for sealed in claimed.secrets]
        headers = {
            **signing.headers(str(claimed.id), int(time.time()), body, signed_with),
            "Content-Type": "application/json",
            "User-Agent": "Bindery-Webhooks",
        }
        # The body of the answer is nobody's business: it is not even read.
        limits = Limits(total_s=time_limit_s, most_bytes=0)
        async with opened(claimed.url, limits, method="POST", headers=headers, content=body) as answer:
            status, retry_after_s = answer.status, _patience_s(answer.status, answer.headers.get("retry-after", ""))
        error = _judged(status)
    except BinderyError as wrong:
        error = wrong
    except Exception as wrong:
        log.error("webhook.sender_failed", delivery_id=str(claimed.id), exc_info=wrong)
        error = SenderFailed()
    return Attempt(time.monotonic() - began_s, status, error, retry_after_s)


def _judged(status: int) -> BinderyError | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Redirected(f"The receiver answered {status}: a redirection, which is not followed.")
    return Refused(f"The receiver answered {status}.")


def _patience_s(status: int, retry_after: str) -> float:
    """What `Retry-After` asks for, as seconds or as a date (RFC 9110, 10.2.3); 0 where it does not count."""
    if status not in _BUSY or not retry_after:
        return 0
    try:
        if retry_after.isascii() and retry_after.isdigit():
            asked_s = float(retry_after[:9])
        else:
            asked_s = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0
    return min(max(asked_s, 0), _MOST_RETRY_AFTER_S)
