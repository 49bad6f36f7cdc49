"""`python -m gateway.make_key OWNER NAME [SCOPE ...]`: the first API key, from an image that has no command line."""

from __future__ import annotations

import argparse
import sys

from shared import api_keys, database, operators, settings
from shared.callers import Scope


def main() -> int:
    """Make a key in the database of BINDERY_DATABASE_URL, print it, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gateway.make_key", description="Make an API key and print it.")
    parser.add_argument("owner", help="whose jobs it makes and sees")
    parser.add_argument("name", help="for people: where it is used")
    parser.add_argument("scopes", nargs="*", type=Scope, default=[Scope.ADMIN], help="submit, read, admin (default)")
    given = parser.parse_args()
    url = settings.current().database_url.get_secret_value()
    if not url:
        sys.stderr.write("error: BINDERY_DATABASE_URL is not set; remedy: set it to a PostgreSQL\n")
        return 2
    database.configure(url, "bindery keys")
    shown, record = api_keys.create(given.owner, given.name, given.scopes, actor="console")
    details = {name: record[name] for name in ("id", "owner", "name", "scopes")}
    operators.note("console", "key.created", details)
    database.disconnect()
    sys.stdout.write(f"{shown}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
