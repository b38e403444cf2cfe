"""Addresses: which network addresses Parvis may call. Pure. Asked at connect time by `connectors.outgoing` and the mail
post, so that no name, redirect or spelling can lead inside the town's network.

Only plain global unicast passes. IPv6 ranges that carry an IPv4 address inside (mapped, compatible, 6to4, Teredo,
NAT64, ISATAP) are refused whole: no public service needs them. The operator may permit networks of the town's own
(`PARVIS_OUTGOING_NETWORKS`), never those of `NEVER`.
"""

import ipaddress
from collections.abc import Iterable

from connectors.errors import AddressForbidden

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*written: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(each) for each in written)


# Where clouds answer with their credentials, and what is no host at all.
NEVER = _networks(
    *("169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128"),
    *("fd20:ce::254/128", "224.0.0.0/4", "ff00::/8", "0.0.0.0/8", "::/128", "240.0.0.0/4"),
)
# RFC 6890 and the IANA registries, beyond what `is_global` says of them.
SPECIAL = _networks(
    *("192.88.99.0/24", "192.0.0.0/24", "100.64.0.0/10", "198.18.0.0/15", "192.31.196.0/24", "192.52.193.0/24"),
    *("192.175.48.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "64:ff9b::/96", "64:ff9b:1::/48"),
)
GLOBAL_V6 = ipaddress.ip_network("2000::/3")
ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def networks_of(written: str) -> tuple[Network, ...]:
    """Networks as settings write them: `10.2.0.0/16, fd00::/8`. Raises `ValueError`."""
    return _networks(*(each.strip() for each in written.split(",") if each.strip()))


def is_allowed(written: str, permitted: Iterable[Network] = ()) -> bool:
    """Whether this address (as the resolver or the socket writes it, perhaps with a scope) may be called."""
    try:
        address = ipaddress.ip_address(written.partition("%")[0])
    except ValueError:
        return False
    # ::ffff:10.0.0.1 is 10.0.0.1 to every socket: judged as such, and never public.
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    judged = inner or address
    if _is_in(judged, NEVER):
        return False
    if _is_in(judged, permitted):
        return True
    return inner is None and "%" not in written and _is_public(address)


def check(written: str, permitted: Iterable[Network] = ()) -> None:
    """Raises `AddressForbidden` unless the address may be called."""
    if not is_allowed(written, permitted):
        raise AddressForbidden()


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or _is_in(address, SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in GLOBAL_V6 and (int(address) >> 32) & 0xFFFFFFFF not in ISATAP
    return True


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == each.version and address in each for each in networks)
