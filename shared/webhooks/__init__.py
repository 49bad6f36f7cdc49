"""Webhooks by Standard Webhooks (https://www.standardwebhooks.com): endpoints, secrets, deliveries.

The trigger of migration 0008 makes a delivery when a job ends, in the same transaction; the maintenance service sends
it. See docs/decisions/0020-webhooks.md.
"""
