"""The bounds of requests: exactly at each, and one past it."""

import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies

from harness.clients import Lines
from harness.server import wait_until
from town import PASSWORD

KIB = 1024


class Raw:
    """A socket that sends bytes as they are."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def send(self, *parts):
        for part in parts:
            self.socket.sendall(part)
        return self

    def until_closed(self):
        received = b""
        while True:
            try:
                part = self.socket.recv(65536)
            except ConnectionResetError:
                return received
            if not part:
                return received
            received += part

    def line(self):
        received = b""
        while not received.endswith(b"\n"):
            received += self.exactly(1)
        return received

    def exactly(self, count):
        received = b""
        while len(received) < count:
            part = self.socket.recv(count - len(received))
            assert part, f"closed after {received!r}"
            received += part
        return received


def array(*words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        word = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
    return b"".join(parts)


@pytest.fixture
def raw(shared_server):
    return Raw(shared_server.port)


@pytest.fixture
def member(shared_server, lines_town):
    """A raw connection that is logged in."""
    raw = Raw(shared_server.port)
    person = lines_town.person("framer")
    raw.send(array("AUTH", person.name, PASSWORD))
    assert raw.exactly(5) == b"+OK\r\n"
    return raw


def refused(raw):
    """The protocol error after which the server closed."""
    reply = raw.until_closed()
    assert reply.startswith(b"-ERR Protocol error: "), reply[:200]
    assert reply.endswith(b"\r\n") and reply.count(b"\r\n") == 1
    return reply


def test_an_argument_of_1_mib_is_accepted_and_one_byte_more_is_not(member, shared_server):
    word = b"x" * (KIB * KIB)
    member.send(array("ECHO", word))
    expected = b"$%d\r\n%s\r\n" % (len(word), word)
    assert member.exactly(len(expected)) == expected
    member.send(b"*2\r\n$4\r\nECHO\r\n$%d\r\n" % (len(word) + 1))
    refused(member)


def test_1024_arguments_are_accepted_and_one_more_is_not(member):
    member.send(array("PING", *["x"] * 1023))
    assert b"wrong number of arguments" in member.line()
    member.send(b"*1025\r\n")
    refused(member)


def test_a_line_of_64_kib_is_accepted_and_one_byte_more_is_not(member):
    word = b"x" * (64 * KIB - len("ECHO "))
    member.send(b"ECHO " + word + b"\n")
    expected = b'"' + word + b'"\n'
    assert member.exactly(len(expected)) == expected
    member.send(b"ECHO x" + word + b"\n")
    refused(member)


def test_before_logging_in_16_arguments_are_accepted_and_one_more_is_not(raw):
    raw.send(array("PING", *["x"] * 15))
    assert b"wrong number of arguments" in raw.line()
    raw.send(b"*17\r\n")
    refused(raw)


def test_before_logging_in_an_argument_has_1_kib_and_not_a_byte_more(raw):
    word = b"x" * KIB
    raw.send(array("ECHO", word))
    assert raw.exactly(9 + KIB) == b"$1024\r\n" + word + b"\r\n"
    raw.send(b"*2\r\n$4\r\nECHO\r\n$1025\r\n")
    refused(raw)


@pytest.mark.parametrize("broken", [
    b"*x\r\n", b"*1\r\n:3\r\n", b"*1\r\n$-2\r\n", b"*1\r\n$abc\r\n",
    b"*1\r\n$4\r\nPINGxx", b"*99999999999999999999\r\n", b'PING "open\n',
    b"*2\r\n*1\r\n$4\r\nPING\r\n"])
def test_malformed_framing_is_refused_and_the_connection_closed(raw, broken):
    reply = raw.send(broken).until_closed()
    assert reply.startswith((b"-ERR Protocol error: ", b'{"error":')), reply[:200]
    assert b"Protocol error" in reply


def test_a_huge_bulk_header_costs_nothing(raw):
    raw.send(b"*2\r\n$4\r\nECHO\r\n$1073741824\r\n")
    refused(raw)


def test_requests_may_come_a_byte_at_a_time_and_many_at_once(shared_server):
    raw = Raw(shared_server.port)
    for byte in array("PING", "slowly"):
        raw.send(bytes([byte]))
    assert raw.exactly(12) == b"$6\r\nslowly\r\n"
    raw.send(array("PING") * 5_000)
    assert raw.exactly(7 * 5_000) == b"+PONG\r\n" * 5_000


def test_a_connection_may_mix_both_framings(raw):
    raw.send(array("PING") + b"PING\r\n" + array("PING", "x") + b"ECHO 'it is'\n")
    expected = b'+PONG\r\n"PONG"\n$1\r\nx\r\n"it is"\n'
    assert raw.exactly(len(expected)) == expected


def test_replies_come_in_the_order_of_their_requests(lines_town):
    ada = lines_town.person("ada")
    ada.connection.send_raw(
        b"".join(b'POST "number %d"\nPING %d\n' % (n, n) for n in range(100)))
    ids = []
    for n in range(100):
        ids.append(ada.connection.read())
        assert ada.connection.read() == str(n)
    assert ids == sorted(ids, key=int) and len(set(ids)) == 100


def test_text_that_is_not_utf8_is_invalid(member):
    member.send(array("ECHO", b"\xff\xfe"))
    assert member.exactly(8) == b"-INVALID"


def test_quotes_and_escapes_of_plain_lines(shared_server):
    with Lines(shared_server.port) as lines:
        for sent, expected in [
            (rb'"a\tb\n\x41\"\\"', 'a\tb\nA"\\'), (rb"'a\tb \"'", r'a\tb \"'), (b'""', ""),
            ("größer".encode(), "größer"),
        ]:
            lines.send_raw(b"ECHO " + sent + b"\n")
            assert lines.read() == expected


def test_what_is_half_sent_does_nothing(shared_server, lines_town):
    ada = lines_town.person("ada")
    ada.connection.send_raw(b"POST 'never fini")
    ada.close()
    assert lines_town.again(ada).ask("TIMELINE", ada.name)["items"] == []


@settings(
    max_examples=200, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=strategies.text(max_size=120))
def test_any_text_comes_back_as_it_was_sent(town, text):
    if not hasattr(town, "echoing"):
        town.echoing = town.stranger()
    assert town.echoing.ask("ECHO", text) == text


def test_one_connection_past_the_bound_is_told_so(make_server):
    with make_server("few", "--connections-max", 2) as server:
        inside = [Lines(server.port), Lines(server.port)]
        assert [lines.ask("PING") for lines in inside] == ["PONG", "PONG"]
        answer = Raw(server.port).until_closed()
        assert answer.startswith(b"-ERR max number of clients reached"), answer
        inside[0].close()
        assert wait_until(lambda: is_served(server.port))


def is_served(port):
    try:
        with Lines(port) as lines:
            return lines.ask("PING") == "PONG"
    except (EOFError, ValueError, ConnectionError):
        return False
