"""Requests of Redis' protocol as bytes made beforehand, sent as fast as the server takes them.

The client must not be what is measured: while the clock runs it packs nothing, and of the replies
it counts only lines. So one Python process keeps a Redis server busy with a small part of a core.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterable

_CHUNK_BYTES = 1 << 18


def packed(*words: object) -> bytes:
    """One request."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def stream(connection: socket.socket, chunks: Iterable[bytes], replies: int) -> None:
    """Sends everything and returns when so many replies of one line each have come. Reads while it
    writes, so that neither side waits for the other. ValueError if one of them is an error."""
    connection.setblocking(False)
    pending = iter(chunks)
    unsent = memoryview(b"")
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        is_writing = True
        while replies > 0 or is_writing:
            for _, events in selector.select():
                if events & selectors.EVENT_READ:
                    data = connection.recv(_CHUNK_BYTES)
                    if not data:
                        raise EOFError("Redis closed the connection")
                    if b"-" in data and (data[:1] == b"-" or b"\n-" in data):
                        raise ValueError(f"Redis answered {data[:200]!r}")
                    replies -= data.count(b"\n")
                if events & selectors.EVENT_WRITE:
                    if not unsent:
                        unsent = memoryview(next(pending, b""))
                    if unsent:
                        unsent = unsent[connection.send(unsent):]
                    else:
                        is_writing = False
                        selector.modify(connection, selectors.EVENT_READ)
    connection.setblocking(True)
