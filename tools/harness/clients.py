"""Clients of the three dialects: plain lines over a socket, RESP2 and RESP3 by redis-py."""

import json
import select
import socket

import redis

from .server import SLOWNESS


class Refused(Exception):
    """An error reply. `code` is its first word."""

    def __init__(self, code, message):
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class Lines:
    """Plain lines out, lines of JSON back."""

    def __init__(self, port, timeout_s=20):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=timeout_s * SLOWNESS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.pushed = []

    @staticmethod
    def encoded(*words):
        """The bytes of one request."""
        return (" ".join(quoted(word) for word in words) + "\n").encode()

    def send(self, *words):
        self.send_raw(self.encoded(*words))

    def send_raw(self, data):
        self.socket.sendall(data)

    def read_line(self):
        """The next line; EOFError where the server has closed."""
        while b"\n" not in self.buffer:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError("the server closed the connection")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def read(self):
        """The next reply's value; messages of channels go to `pushed`."""
        while True:
            value = json.loads(self.read_line())
            if isinstance(value, dict) and set(value) == {"message"}:
                self.pushed.append(value["message"])
                continue
            if isinstance(value, dict) and set(value) == {"error"}:
                raise Refused(value["error"]["code"], value["error"]["message"])
            return value

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def next_push(self, timeout_s=10):
        """The next message of a channel: its channel and its event."""
        if not self.pushed:
            self.socket.settimeout(timeout_s * SLOWNESS)
            value = json.loads(self.read_line())
            assert set(value) == {"message"}, f"expected a message, got {value}"
            self.pushed.append(value["message"])
        return self.pushed.pop(0)

    def is_quiet(self, for_s=0.3):
        """Whether nothing arrives for this long."""
        if self.pushed or self.buffer:
            return False
        return not select.select([self.socket], [], [], for_s)[0]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Resp:
    """RESP through redis-py's own connection and parser, without its reshaping of replies."""

    def __init__(self, port, version, timeout_s=20):
        self.connection = redis.Connection(
            host="127.0.0.1", port=port, protocol=version, decode_responses=True,
            socket_timeout=timeout_s * SLOWNESS, lib_name=None, lib_version=None)
        self.connection.connect()
        self.version = version

    def send(self, *words):
        try:
            self.connection.send_command(*words)
        except redis.exceptions.RedisError as error:
            raise refusal(error) from None

    def read(self):
        """The next reply; ConnectionError where there is none any more."""
        try:
            # Pushes of RESP3 are replies too: they come in the order in which they were sent.
            return self.connection.read_response(push_request=True)
        except redis.exceptions.RedisError as error:
            raise refusal(error) from None

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def close(self):
        self.connection.disconnect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def client(port, version=2, **options):
    """A whole redis-py client."""
    return redis.Redis(
        host="127.0.0.1", port=port, protocol=version, decode_responses=True,
        socket_timeout=20 * SLOWNESS,
        **options)


# redis-py turns the codes that it knows into exception types and drops the word.
_KNOWN = {
    redis.exceptions.NoPermissionError: "NOPERM", redis.exceptions.ReadOnlyError: "READONLY",
    redis.exceptions.BusyLoadingError: "LOADING",
}


def refusal(error):
    """What redis-py makes of an error reply, or of a connection that is gone, as we name it."""
    text = str(error)
    # Exactly: errors of authentication are connection errors to redis-py.
    if type(error) is redis.exceptions.ConnectionError:
        return ConnectionError(text)
    if type(error) is redis.exceptions.TimeoutError:
        return TimeoutError(text)
    code, _, message = text.partition(" ")
    if code.isupper() and len(code) > 1:
        return Refused(code, message)
    # "ERR …" and "NOAUTH …" lose their first word on the way through redis-py.
    for kind, known in _KNOWN.items():
        if isinstance(error, kind):
            return Refused(known, text)
    if isinstance(error, redis.exceptions.AuthenticationError):
        return Refused("NOAUTH", text)
    return Refused("ERR", text)


def quoted(word):
    """A word of a plain line, in double quotes where it needs them."""
    word = str(word)
    if word and all(c.isalnum() or c in "_-.:@#/+*=," for c in word):
        return word
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c) for c in word) + '"'
