"""Replies with their RESP3 types, and as redis-cli shows them."""

import socket

from .examples import ANYTHING, REST

class Simple(str):
    """A simple string."""


class Verbatim(str):
    """A verbatim string: redis-cli prints it as it is."""


class Failure(str):
    """An error: its code and its sentence."""


class Push(list):
    """What comes without having been asked for."""


class Typed:
    """RESP3 over a socket, with every type kept; after a RESET, RESP2."""

    def __init__(self, port, timeout_s=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.send("HELLO", 3)
        self.read()

    def send(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.socket.sendall(b"".join(parts))

    def read(self):
        line = self.file.readline()
        if not line:
            raise EOFError("the server closed the connection")
        kind, rest = line[:1], line[1:].removesuffix(b"\r\n").decode()
        match kind:
            case b"+":
                return Simple(rest)
            case b"-":
                return Failure(rest)
            case b":":
                return int(rest)
            case b",":
                return float(rest)
            case b"_":
                return None
            case b"$":
                return self.bulk(int(rest)).decode() if rest != "-1" else None
            case b"=":
                return Verbatim(self.bulk(int(rest)).decode()[4:])
            case b"*":
                return [self.read() for _ in range(int(rest))]
            case b">":
                return Push(self.read() for _ in range(int(rest)))
            case b"%":
                return {self.read(): self.read() for _ in range(int(rest))}
        raise ValueError(f"no type of RESP3 that this server uses: {line!r}")

    def bulk(self, length):
        data = self.file.read(length + 2)
        assert data.endswith(b"\r\n"), data
        return data[:-2]

    def close(self):
        self.file.close()
        self.socket.close()


def shown(reply, prefix=""):
    """The reply as `redis-cli -3` prints it on a terminal, without the last line's end."""
    if reply is ANYTHING or reply is REST:
        return "…"
    match reply:
        case Failure():
            return f"(error) {reply}"
        case Simple() | Verbatim():
            return str(reply)
        case str():
            return quoted(reply)
        case None:
            return "(nil)"
        case int():
            return f"(integer) {reply}"
        case float():
            return f"(double) {repr(float(reply)).removesuffix('.0')}"
        case dict():
            heads = ["" if key is REST else f"{shown(key)} => " for key in reply]
            return numbered(heads, list(reply.values()), "#", prefix) or "(empty hash)"
        case list():
            return numbered([""] * len(reply), reply, ")", prefix) or "(empty array)"
    raise ValueError(f"no reply: {reply!r}")


def numbered(heads, values, mark, prefix):
    """A line for each value; whoever prints the first has printed its prefix."""
    width = len(str(len(values)))
    inner = prefix + " " * (width + 2)
    lines = []
    for number, (head, value) in enumerate(zip(heads, values), 1):
        start = "" if number == 1 else prefix
        text = shown(value, inner)
        if head and "\n" in text:
            text = f"\n{inner}{text}"
        lines.append(f"{start}{number:{width}}{mark} {head}{text}")
    return "\n".join(lines)


ESCAPES = {
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\a": "\\a", "\b": "\\b"}


def quoted(text):
    """In double quotes; bytes that are not printable ASCII as \\xHH, but for an ellipsis."""
    out = ""
    for character in text:
        if character in ESCAPES:
            out += ESCAPES[character]
        elif character == "…" or " " <= character <= "~":
            out += character
        else:
            out += "".join(f"\\x{byte:02x}" for byte in character.encode())
    return f'"{out}"'
