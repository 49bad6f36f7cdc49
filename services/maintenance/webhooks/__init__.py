"""Delivers webhooks: a duty of the worker beside its jobs. See docs/decisions/0020-webhooks.md."""
