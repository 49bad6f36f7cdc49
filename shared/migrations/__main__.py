"""`python -m shared.migrations`: bring the schema up to date, from an image that has no command line."""

from __future__ import annotations

import sys

from shared import database, settings


def main() -> int:
    """Apply what is missing, say what that was, return the exit code."""
    url = settings.current().database_url.get_secret_value()
    if not url:
        sys.stderr.write("error: BINDERY_DATABASE_URL is not set; remedy: set it to a PostgreSQL\n")
        return 2
    database.configure(url, "bindery migrate")
    applied = database.migrate()
    database.disconnect()
    sys.stdout.write(f"applied {', '.join(applied)}\n" if applied else "nothing to do: the schema is up to date\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
