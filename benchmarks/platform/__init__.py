"""What the platform itself costs and survives, beside stock Dramatiq and Celery in the same session."""
