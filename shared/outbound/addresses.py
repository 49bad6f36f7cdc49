"""Tells the addresses of the public internet from all others, by the registries that define them.

`ipaddress.is_global` is not asked: it follows the registries of one Python version only, takes translated and
tunnelled addresses (6to4, NAT64) for public ones, and multicast too.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: IPv4 addresses that no public host has. IANA "IPv4 Special-Purpose Address Registry" with its sources, the
#: multicast and reserved ranges of the "IPv4 Address Space Registry".
_NOT_PUBLIC_4: dict[str, str] = {
    "0.0.0.0/8": "this network (RFC 791)",
    "10.0.0.0/8": "private (RFC 1918)",
    "100.64.0.0/10": "shared by carriers, clouds put their metadata there too (RFC 6598)",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "169.254.0.0/16": "link-local, the metadata of most clouds (RFC 3927)",
    "172.16.0.0/12": "private (RFC 1918)",
    "192.0.0.0/24": "protocol assignments (RFC 6890)",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.31.196.0/24": "AS112 (RFC 7535)",
    "192.52.193.0/24": "multicast tunnels (RFC 7450)",
    "192.88.99.0/24": "relays of 6to4 (RFC 7526)",
    "192.168.0.0/16": "private (RFC 1918)",
    "192.175.48.0/24": "AS112 (RFC 7534)",
    "198.18.0.0/15": "benchmarks (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved, broadcast (RFC 1112, RFC 8190)",
    # Public by its number, yet it is the inside of Azure for each machine there (Microsoft: "What is IP address
    # 168.63.129.16?").
    "168.63.129.16/32": "the platform of Azure",
}

#: All public IPv6 hosts lie in here: the only range that IANA gives out ("Internet Protocol Version 6 Address Space",
#: RFC 4291). Outside of it are loopback, IPv4-mapped (::ffff:0:0/96) and IPv4-compatible (::/96) addresses, NAT64
#: (64:ff9b::/96 of RFC 6052, 64:ff9b:1::/48 of RFC 8215), discard-only (100::/64), segment routing (5f00::/16),
#: unique local (fc00::/7), link-local (fe80::/10), site-local (fec0::/10) and multicast (ff00::/8) ones.
_GLOBAL_6 = IPv6Network("2000::/3")
#: What is special inside it: IANA "IPv6 Special-Purpose Address Registry" with its sources.
_NOT_PUBLIC_6: dict[str, str] = {
    "2001::/23": "protocol assignments: Teredo (RFC 4380), benchmarks (RFC 5180), ORCHID (RFC 7343)",
    "2001:db8::/32": "documentation (RFC 3849)",
    "2002::/16": "6to4, which carries any IPv4 address (RFC 3056)",
    "2620:4f:8000::/48": "AS112 (RFC 7534)",
    "3fff::/20": "documentation (RFC 9637)",
}
_NOT_PUBLIC: list[tuple[Network, str]] = [
    (ip_network(text), why) for text, why in (_NOT_PUBLIC_4 | _NOT_PUBLIC_6).items()
]


def why_not_public(address: Address) -> str | None:
    """What the address is if it is none of the public internet, with the source; None for a public one."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "of one link only: it carries a zone (RFC 4007)"
        if address not in _GLOBAL_6:
            return "outside of what is given out for public hosts (RFC 4291)"
    return next((why for network, why in _NOT_PUBLIC if address in network), None)
