"""The AI service, its settings, and the model server that its engines may ask."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.operation import Service
from shared.upstream import Upstream

#: The one path that engines ask, below BINDERY_AI_BASE_URL.
COMPLETIONS = "/chat/completions"
#: Chosen so that no request is taken for broken off before its own time is over.
_SLACK_S = 5


class Answers(StrEnum):
    """How a server is told the form of its answers."""

    AUTO = "auto"
    JSON_SCHEMA = "json-schema"
    JSON_OBJECT = "json-object"
    TEXT = "text"


class AiSettings(BaseSettings):
    """What the operator says of the language model. Without a base URL there is none."""

    model_config = SettingsConfigDict(env_prefix="BINDERY_AI_", extra="ignore", frozen=True, hide_input_in_errors=True)

    base_url: str = Field(
        "",
        description="Server that speaks the OpenAI API, with the path before /chat/completions, "
        "as https://api.openai.com/v1 or http://localhost:11434/v1; empty: no model.",
    )
    api_key: SecretStr = Field(SecretStr(""), description="Key for that server; empty: none is sent.")
    model: str = Field("", description="Name of the model at that server.")
    vision: bool = Field(False, description="The model sees pictures: pages are sent as images beside their text.")
    answers: Answers = Field(
        Answers.AUTO,
        description="How the server is told the form of answers: json-schema (best), json-object or text (in words); "
        "auto tries them in this order, which costs each job a request or two that fail.",
    )
    request_time_limit_s: float = Field(120, gt=0, le=600, description="Longest that one answer may take.")
    parallel_requests: int = Field(2, ge=1, le=16, description="Requests of one job at the same time.")
    context_tokens: int = Field(
        32_000, ge=2000, description="Tokens that the model takes and gives in one request; long documents are cut."
    )
    max_answer_tokens: int = Field(8000, ge=256, description="Most tokens of one answer.")
    max_tokens: int = Field(200_000, ge=1000, description="Most tokens that one job may cost, in and out together.")
    price_in_per_million: Decimal = Field(
        Decimal(0), ge=0, description="Price of a million tokens that are sent; both prices 0: unknown."
    )
    price_out_per_million: Decimal = Field(Decimal(0), ge=0, description="Price of a million tokens that are answered.")

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("an address that begins with http:// or https://")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address without credentials or query; the key belongs in BINDERY_AI_API_KEY")
        return value.rstrip("/")

    @property
    def configured(self) -> bool:
        """Whether there is a model to ask."""
        return bool(self.base_url)


def model_server() -> Upstream | None:
    """The configured server, for the worker."""
    chosen = AiSettings()
    if not chosen.configured:
        return None
    key = chosen.api_key.get_secret_value()
    return Upstream(
        chosen.base_url,
        paths=frozenset({COMPLETIONS}),
        headers={"Authorization": f"Bearer {key}"} if key else {},
        time_limit_s=chosen.request_time_limit_s + _SLACK_S,
    )


SERVICE = Service(
    "ai",
    summary="Read documents into checked figures.",
    threads=2,
    memory_mb=3072,
    settings=AiSettings,
    upstream=model_server,
)
