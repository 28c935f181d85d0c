"""Which proxy an address is reached through, by the settings and the environment's variables.

`NO_PROXY` is read in all its usual forms: `*`, hosts, domains with or without `.` or `*.` before
them, IP addresses with or without brackets, networks such as `10.0.0.0/8` or `10.*`, each with or
without a scheme or a port, separated by commas, semicolons or whitespace.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.request import getproxies

_SEPARATOR = re.compile(r"[\s,;]+")
_HOST_AND_PORT = re.compile(r"(\[[^\]]*\](?:/\d+)?|[^:]*)(?::(\d{1,5}))?")


def proxy_for(scheme: str, host: str, port: int | None, setting: str = "") -> str:
    """The address of the proxy, "" for none; `setting` takes precedence over the environment.

    This machine is never reached through a proxy.
    """
    host = host.strip("[]").rstrip(".").lower()
    if is_this_machine(host):
        return ""
    if setting:
        return _with_known_scheme(setting)
    # On Windows and macOS these come from the system's settings where no variable is set.
    named = getproxies()
    port = port or (443 if scheme == "https" else 80)
    if any(_matches(entry, host, port) for entry in _SEPARATOR.split(named.get("no", ""))):
        return ""
    return _with_known_scheme(named.get(scheme) or named.get("all") or "")


def is_this_machine(host: str) -> bool:
    """Whether `host`, without brackets, is this machine by its name or address."""
    address = _address(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _with_known_scheme(address: str) -> str:
    """`address` as httpx takes it; GNOME writes `socks://` for a SOCKS 5 proxy."""
    if address and "://" not in address:
        return f"http://{address}"
    return re.sub(r"^socks://", "socks5://", address, flags=re.IGNORECASE)


def _matches(entry: str, host: str, port: int) -> bool:
    """Whether one entry of NO_PROXY stands for the host. One that cannot be read does not."""
    name = entry.rpartition("://")[2].rstrip("/").lower()
    wanted_port = None
    is_bracketed = name.startswith("[")
    parts = _HOST_AND_PORT.fullmatch(name)
    if parts is not None and (is_bracketed or _network(name) is None):
        name, wanted_port = parts[1], parts[2]
    if not name or (wanted_port is not None and int(wanted_port) != port):
        return False
    if fnmatchcase(host, name):
        return True
    address, network = _address(host), _network(name)
    if address is not None or network is not None:
        return address is not None and network is not None and address in network
    domain = name.removeprefix("*").strip(".")
    return host == domain or host.endswith(f".{domain}")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(name: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(name.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
