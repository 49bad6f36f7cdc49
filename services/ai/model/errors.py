"""What can go wrong with the language model; no message holds a key, a prompt or text of a document."""

from __future__ import annotations

from shared.errors import ExternalServiceError, FileProcessingError


class ModelNotConfigured(ExternalServiceError):
    """This needs a language model, and none is configured."""

    code = "model_not_configured"
    title = "No language model"
    remedy = (
        "The operator must set BINDERY_AI_BASE_URL and BINDERY_AI_MODEL (and BINDERY_AI_API_KEY if it wants a key)."
    )
    retryable = False


class ModelUnavailable(ExternalServiceError):
    """The language model's server did not answer."""

    code = "model_unavailable"
    title = "The language model did not answer"
    remedy = "The job is tried again by itself; if that does not help, the operator must look at BINDERY_AI_BASE_URL."


class ModelRefused(ExternalServiceError):
    """The language model's server refused the request."""

    code = "model_refused"
    title = "The language model refused"
    remedy = "The operator must look at BINDERY_AI_API_KEY, BINDERY_AI_MODEL and BINDERY_AI_BASE_URL."
    retryable = False


class ModelBudgetSpent(FileProcessingError):
    """The tokens that this job may cost did not suffice for an answer."""

    code = "model_budget"
    title = "Out of tokens"
    remedy = "Choose fewer `pages`, or raise `max_tokens` or the operator's BINDERY_AI_MAX_TOKENS."


class ModelAnswerUnusable(ExternalServiceError):
    """The language model's answers cannot be used."""

    code = "model_answer"
    title = "Unusable answer"
    remedy = "Try another `model`; small ones often cannot keep to a schema."
    retryable = False


class CutOff(Exception):
    """An answer reached its limit of length: ask for less at a time."""


class TooLong(Exception):
    """The model takes no request of this length: ask for less at a time."""


class BudgetReached(Exception):
    """Another request would pass what the job may cost."""
