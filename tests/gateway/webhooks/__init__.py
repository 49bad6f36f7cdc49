"""Webhooks from outside: a running gateway, the real delivery, receivers of the test's own."""
