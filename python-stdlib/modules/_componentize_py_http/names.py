"""Addresses of names. The host looks a name up when it sends the request, so each name gets an address that stands for it."""

import errno
import ipaddress
import re

from . import constants

# Addresses for tests of networks (RFC 2544): no server has one of them.
_FIRST, _COUNT = (198 << 24) + (18 << 16) + 1, (1 << 17) - 2
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?\Z")
_SERVICES = {"http": 80, "https": 443}

_addresses = {}
_names = {}


def inet_pton(family, text):
    kinds = {constants.AF_INET: ipaddress.IPv4Address, constants.AF_INET6: ipaddress.IPv6Address}
    if family not in kinds:
        raise OSError(errno.EAFNOSUPPORT, "unknown address family")
    try:
        return kinds[family](text).packed
    except ValueError:
        raise OSError("illegal IP address string passed to inet_pton") from None


def inet_ntop(family, packed):
    kinds = {constants.AF_INET: (4, ipaddress.IPv4Address), constants.AF_INET6: (16, ipaddress.IPv6Address)}
    if family not in kinds:
        raise ValueError(f"unknown address family {family}")
    size, make = kinds[family]
    if len(packed) != size:
        raise ValueError("invalid length of packed IP address string")
    return str(make(bytes(packed)))


def inet_aton(text):
    parts = text.split(".")
    try:
        *first, last = (int(part, 16 if part[:2].lower() == "0x" else 8 if part[:1] == "0" else 10) for part in parts)
        return bytes(first) + last.to_bytes(5 - len(parts))
    except (ValueError, OverflowError):
        raise OSError("illegal IP address string passed to inet_aton") from None


def inet_ntoa(packed):
    return inet_ntop(constants.AF_INET, packed)


def address_of(name):
    if name not in _addresses:
        if len(_addresses) >= _COUNT:
            raise constants.gaierror(constants.EAI_MEMORY, "too many names")
        address = inet_ntoa((_FIRST + len(_addresses)).to_bytes(4))
        _addresses[name], _names[address] = address, name
    return _addresses[name]


def name_of(address):
    """The name that an address stands for, or the address itself."""
    return _names.get(address, address)


def family_of(host):
    """The family of a numeric address; None for names."""
    for family in (constants.AF_INET, constants.AF_INET6):
        try:
            inet_pton(family, host)
        except OSError:
            continue
        return family
    return None


def text_of(host):
    """A host as a name of the DNS, or a numeric address."""
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii")
    if not isinstance(host, str):
        raise TypeError("getaddrinfo() argument 1 must be string or None")
    if family_of(host) is not None:
        return host
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if len(host) > 253 or not _NAME.match(host):
        raise constants.gaierror(constants.EAI_NONAME, "Name or service not known")
    return host.lower()


def port_of(service):
    if service is None:
        return 0
    if isinstance(service, (bytes, bytearray)):
        service = bytes(service).decode("ascii")
    if isinstance(service, str) and service in _SERVICES:
        return _SERVICES[service]
    try:
        port = int(service)
    except (TypeError, ValueError):
        raise constants.gaierror(constants.EAI_SERVICE, "Servname not supported for ai_socktype") from None
    if not -1 < port < 65536:
        raise OverflowError("getsockaddrarg: port must be 0-65535.")
    return port


def look_up(host, service, family, type, proto, flags):
    """`_socket.getaddrinfo`."""
    port = port_of(service)
    if host is None or host in ("", b""):
        host = "0.0.0.0" if flags & constants.AI_PASSIVE else "127.0.0.1"
    text = text_of(host)
    numeric = family_of(text)
    if numeric is None and flags & constants.AI_NUMERICHOST:
        raise constants.gaierror(constants.EAI_NONAME, "Name or service not known")
    found = numeric or constants.AF_INET
    if family not in (constants.AF_UNSPEC, found):
        raise constants.gaierror(constants.EAI_FAMILY, "ai_family not supported")
    address = text if numeric else address_of(text)
    full = (address, port, 0, 0) if found == constants.AF_INET6 else (address, port)
    canonical = text if flags & constants.AI_CANONNAME else ""
    kinds = ((constants.SOCK_STREAM, constants.IPPROTO_TCP), (constants.SOCK_DGRAM, constants.IPPROTO_UDP))
    return [(found, kind, number, canonical, full) for kind, number in kinds if type in (0, kind) and proto in (0, number)]
