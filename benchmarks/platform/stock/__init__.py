"""Stock Dramatiq and Celery with Redis, as their documentation sets them up: one actor that notes what it does."""
