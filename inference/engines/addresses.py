"""Which numbers on the network are the internet's, however they are written down. Pure, and shared by all rooms."""

from __future__ import annotations

import ipaddress
import socket

Number = ipaddress.IPv4Address | ipaddress.IPv6Address
# Gateways that turn what follows into IPv4 (RFC 6052, RFC 8215), and a writing of IPv4 that is out of use.
_TRANSLATED = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("::/96"),
)


def is_public(number: Number) -> bool:
    """Whether it is the internet's, and so is every number that it wraps."""
    return number.is_global and not number.is_multicast and all(map(is_public, _within(number)))


def _within(number: Number) -> list[Number]:
    if isinstance(number, ipaddress.IPv4Address):
        return []
    found: list[Number | None] = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
    if any(number in network for network in _TRANSLATED):
        found.append(ipaddress.IPv4Address(int(number) & 0xFFFF_FFFF))
    return [one for one in found if one is not None]


def numbers_of(host: str, port: int) -> list[str]:
    """What a name, or a number in any writing, stands for. Raises OSError where it is not found."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # with an empty part, or one of more than 63 letters
        raise OSError(f"{host!r} is no name") from error
    return [str(place[0]) for *_, place in found]


def public_numbers_of(host: str, port: int) -> list[str]:
    """The same, or none where a single one of them is inside: a name must not be half ours."""
    found = numbers_of(host, port)
    return found if all(is_public(ipaddress.ip_address(one.partition("%")[0])) for one in found) else []
