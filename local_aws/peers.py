"""Whose process is at the other end of a connection: another user of this machine gets no answer.

Servers of the local world listen on 127.0.0.1, which every user of the machine reaches. The kernel knows the
user of each socket; Linux tells it by sock_diag(7), in a tenth of a millisecond.
"""

from __future__ import annotations

import os
import socket
import struct

from local_aws.processes import NOBODY

Address = tuple[str, int]

_SOCK_DIAG, _BY_FAMILY, _REQUEST, _ERROR = 4, 20, 1, 2
_ALL_STATES, _NO_COOKIE = 0xFFFFFFFF, b"\xff" * 8
_HEADER = struct.Struct("=IHHII")
# Of inet_diag_msg: family to retransmits, the two addresses, three counters; then the user.
_USER_AT = _HEADER.size + 4 + 48 + 12


def is_of_this_user(client: Address, server: Address) -> bool:
    """Whether the process behind a client's address on this machine runs as this user, or as root.

    True where the kernel does not say: elsewhere than on Linux, and for a connection that is gone.
    """
    user = user_of(client, server)
    return user is None or user in _own_users()


def user_of(client: Address, server: Address) -> int | None:
    """The user of the client's end of a connection between two IPv4 addresses of this machine."""
    if not hasattr(socket, "AF_NETLINK"):
        return None
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
            kernel.settimeout(1)
            kernel.send(_question(client, server))
            answer = kernel.recv(4096)
    except OSError:
        return None
    if len(answer) < _USER_AT + 4 or struct.unpack_from("=H", answer, 4)[0] == _ERROR:
        return None
    return int(struct.unpack_from("=I", answer, _USER_AT)[0])


def _question(client: Address, server: Address) -> bytes:
    """inet_diag_req_v2 for one socket. Java connects by sockets of IPv6, which the kernel finds by it too."""
    addresses = b"".join(socket.inet_aton(host) + b"\0" * 12 for host, _ in (client, server))
    ports = struct.pack("!HH", client[1], server[1])
    one_socket = ports + addresses + struct.pack("=I", 0) + _NO_COOKIE
    body = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, _ALL_STATES) + one_socket
    return _HEADER.pack(_HEADER.size + len(body), _BY_FAMILY, _REQUEST, 1, 0) + body


def _own_users() -> set[int]:
    """Root reads everything anyway. What root starts may have become nobody."""
    user = os.geteuid()
    return {0, user} if user else {0, NOBODY}
