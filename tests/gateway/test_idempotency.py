"""The same submission sent again: one job, by key; the same result, from the cache."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from shared.models import Job
from tests.gateway.documents import a_pdf
from tests.gateway.played_worker import PlayedWorker
from tests.gateway.running_gateway import RunningGateway
