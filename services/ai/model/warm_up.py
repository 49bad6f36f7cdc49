"""What the process that engines are forked from loads beforehand, so that no job pays for it."""

from __future__ import annotations

import importlib

from services.ai.service import AiSettings


def warm_up() -> None:
    """Import the openai package, 0.7 s of CPU, if a model is configured. Without one nobody needs it."""
    if AiSettings().configured:
        importlib.import_module("services.ai.model.wire")
        # The package imports its parts when they are first used.
        importlib.import_module("openai.resources.chat.completions")
        importlib.import_module("services.ai.model.client")
