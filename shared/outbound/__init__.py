"""Connections to addresses that somebody else named: documents to fetch, webhooks to call.

`fetching.opened` (asynchronous, streams) and `fetching.send` (blocking, small) are the two faces. What both may reach
is decided in one place: `rules.py` reads and checks the URL, `resolution.py` looks the host up and checks every
address by `addresses.py`, `connection.py` connects to the very address that was checked.
"""
