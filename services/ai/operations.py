"""The contracts of the AI service: importing them declares their operations."""

from __future__ import annotations

from services.ai.contracts import analyze as analyze
from services.ai.contracts import bank_statement as bank_statement
from services.ai.contracts import invoice as invoice
from services.ai.contracts import own_schema as own_schema
from services.ai.contracts import receipt as receipt
from services.ai.contracts import trial_balance as trial_balance
from services.ai.service import SERVICE as SERVICE
