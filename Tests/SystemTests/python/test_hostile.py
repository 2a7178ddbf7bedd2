"""Clients that mean harm: what one may make the server hold, exactly at each bound and one past
it, and what all of them cost others."""

import contextlib
import os
import resource
import socket
import subprocess
import threading
import time

import pytest

from harness.clients import Lines, Refused
from harness.hostile import KINDS, measure, rss_mib
from harness.server import ROOT, wait_until
from test_framing import Raw, array, refused
from test_tls import authority, connected, flags  # noqa: F401
from town import PASSWORD

KIB = 1_024
LINE_MAX = 20 * KIB
IDLE_S = 3
LINGER_S_MAX = 2
STRANGER_KIB_MAX = 64


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    """Room for all those connections on this side too."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# One connection

def test_before_logging_in_a_line_has_20_kib_and_not_a_byte_more(shared_server):
    words = b" ".join([b"x" * 1_000] * 15)
    line = b"PING " + words + b" " * (LINE_MAX - 5 - len(words))
    raw = Raw(shared_server.port)
    raw.send(line + b"\n")
    assert b"wrong number of arguments" in raw.line()
    refused_line(Raw(shared_server.port).send(b" " + line + b"\n"))


def refused_line(raw):
    assert b"too big inline request" in raw.until_closed()


@pytest.mark.parametrize("sent", [
    b"*16\r\n" + b"$1024\r\n" + b"x" * 1_024 + b"\r\n$1025\r\n", b"*2\r\n*2\r\n",
    b"*1\r\n$1073741824\r\n", b"*2147483647\r\n", b"x" * (LINE_MAX + 1)])
def test_what_no_stranger_may_send_is_refused_before_it_has_come(shared_server, sent):
    reply = Raw(shared_server.port).send(sent).until_closed()
    assert b"Protocol error" in reply


def test_a_browser_cannot_be_made_to_speak_for_a_page(shared_server):
    raw = Raw(shared_server.port)
    body = b'SIGNUP pagevictim "correct horse battery"\n'
    raw.send(
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body))
    assert b"this port takes no HTTP" in raw.until_closed()
    with Lines(shared_server.port) as lines, pytest.raises(Refused) as refusal:
        lines.ask("PROFILE", "pagevictim")
    assert refusal.value.code == "NOTFOUND"


def half_a_line(port, _):
    return Raw(port).send(b"x" * LINE_MAX).socket


def half_a_request(port, _):
    bulk = b"$1024\r\n" + b"x" * 1_024 + b"\r\n"
    return Raw(port).send(b"*16\r\n" + bulk * 15 + bulk[:-1]).socket


def idle(port, _):
    return Raw(port).socket


def deaf(port, _, seconds=0.05):
    """Asks without end and reads nothing."""
    socket_ = socket.socket()
    socket_.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
    socket_.connect(("127.0.0.1", port))
    socket_.setblocking(False)
    request = array("ECHO", "x" * 1_000) * 64
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        try:
            socket_.send(request)
        except BlockingIOError:
            time.sleep(0.005)
    return socket_


def through_tls(port, authority):  # noqa: F811
    return connected(port, authority.context())


measures_memory = pytest.mark.skipif(
    "ROOST_SANITIZER" in os.environ, reason="the sanitizer takes memory itself")


@measures_memory
@pytest.mark.parametrize("kind", [idle, half_a_line, half_a_request, deaf, through_tls])
def test_who_has_not_logged_in_costs_at_most_64_kib(make_server, authority, kind):  # noqa: F811
    count = 40 if kind in (deaf, through_tls) else 400
    with make_server("data", *flags(authority)) as server, contextlib.ExitStack() as stack:
        port = server.tls_port if kind is through_tls else server.port
        # What a server needs once, it has by now.
        for _ in range(20):
            stack.callback(kind(port, authority).close)
        with Lines(server.port) as lines:
            lines.ask("AUTH", server.admin_token())
            assert wait_until(lambda: connected_clients(lines) == 21)
            before = rss_mib(server)
            for _ in range(count):
                stack.callback(kind(port, authority).close)
            assert wait_until(lambda: connected_clients(lines) == 21 + count)
            time.sleep(0.5)
            each_kib = (rss_mib(server) - before) * KIB / count
            print(f"{kind.__name__}: {each_kib:.1f} KiB each")
            assert each_kib <= STRANGER_KIB_MAX
            assert lines.ask("PING") == "PONG"


@measures_memory
def test_who_listens_without_a_name_and_does_not_read_costs_at_most_64_kib(make_server):
    """Everything at once: half a line, 32 channels, answers and messages that nobody fetches."""
    count, posts = 200, 400
    with make_server("data") as server, contextlib.ExitStack() as stack:
        ada = stack.enter_context(Lines(server.port))
        ada.ask("SIGNUP", "ada", PASSWORD)

        def listen():
            raw = deaf(server.port, None, seconds=0)
            stack.callback(raw.close)
            raw.setblocking(True)
            for first in (0, 15):
                raw.sendall(array("SUBSCRIBE", *(f"tag:t{first + n}" for n in range(15))))
            raw.sendall(array("SUBSCRIBE", "public", "user:ada"))
            return raw

        for _ in range(20):
            listen()
        post_many(ada, posts)
        before = rss_mib(server)
        listeners = [listen() for _ in range(count)]
        assert wait_until(lambda: connected_clients(ada) == count + 21)
        post_many(ada, posts)
        for raw in listeners:
            raw.sendall(b"x" * LINE_MAX)
        assert wait_until(lambda: ada.ask("PING") == "PONG")
        time.sleep(0.5)
        each_kib = (rss_mib(server) - before) * KIB / count
        print(f"deaf listeners: {each_kib:.1f} KiB each")
        assert each_kib <= STRANGER_KIB_MAX
        assert connected_clients(ada) == count + 21


def test_a_stranger_who_pauses_is_told_of_the_gap_and_can_resume(make_server):
    """What was pushed is whole up to the gap; what lies within comes when it is asked for."""
    count = 600
    with make_server("data") as server, Lines(server.port) as ada:
        ada.ask("SIGNUP", "ada", PASSWORD)
        stranger = Lines(server.port)
        stranger.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
        stranger.ask("SUBSCRIBE", "public")
        posts = post_many(ada, count)
        heard, gaps = [], []
        while len(heard) < count:
            event = stranger.next_push()["event"]
            if event["event"] == "gap":
                gaps.append(event)
                break
            heard.append(event["post"]["id"])
        assert heard == posts[:len(heard)] and len(gaps) == 1
        with Lines(server.port) as again:
            again.ask("SUBSCRIBE", f"public@{gaps[0]['after']}")
            missed = []
            while not missed or missed[-1]["at"] < gaps[0]["at"]:
                missed.append(again.next_push()["event"])
        assert [event["post"]["id"] for event in missed] == (
            posts[len(heard):len(heard) + len(missed)])
        assert hears_news(stranger, ada)


def hears_news(stranger, author):
    """Whether new posts come again, once what waited has been read: some of these may lie in a gap
    still."""
    for number in range(20):
        news = author.ask("POST", f"news {number}")
        while (event := stranger.next_push()["event"])["event"] != "gap":
            if event["post"]["id"] == news:
                return True
    return False


def post_many(connection, count):
    """Posts of 1 KB; their ids."""
    connection.send_raw(b"".join(
        Lines.encoded("POST", f"{number} {'x' * 1_000}") for number in range(count)))
    return [connection.read() for _ in range(count)]


def test_a_burst_is_no_gap_for_a_stranger_who_reads(make_server):
    count = 200
    with make_server("data") as server, Lines(server.port) as ada:
        ada.ask("SIGNUP", "ada", PASSWORD)
        stranger = Lines(server.port)
        stranger.ask("SUBSCRIBE", "public")
        post_many(ada, count)
        events = [stranger.next_push()["event"] for _ in range(count)]
        assert [event["event"] for event in events] == ["post"] * count


@pytest.mark.parametrize("count, code", [(32, None), (33, "LIMIT")])
def test_before_logging_in_one_follows_32_channels(shared_server, count, code):
    with Lines(shared_server.port) as lines:
        for first in range(0, count, 11):
            names = [f"tag:t{number}" for number in range(first, min(first + 11, count))]
            if code is None or first + 11 < count:
                lines.ask("SUBSCRIBE", *names)
                continue
            with pytest.raises(Refused) as refusal:
                lines.ask("SUBSCRIBE", *names)
            assert refusal.value.code == code


def test_the_system_keeps_256_kib_for_who_does_not_read_and_little_more(shared_server, lines_town):
    """Of what was not sent yet; the rest waits in the server, where it is bounded too."""
    ada = lines_town.person("ada")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
    raw.connect(("127.0.0.1", shared_server.port))
    raw.sendall(array("AUTH", ada.ask("TOKEN", "NEW")["token"]))
    assert raw.recv(5) == b"+OK\r\n"
    waiting = []
    for _ in range(20):
        raw.sendall(array("ECHO", "x" * (50 * KIB)))
        assert ada.ask("PING") == "PONG"
        waiting.append(system_output(shared_server.port, raw.getsockname()[1]))
    # Filled to the bound, with what is on its way besides; and no more with what comes on top.
    assert wait_until(lambda: system_output(
        shared_server.port, raw.getsockname()[1]) >= 256 * KIB)
    assert max(waiting) <= (256 + 64 + 16) * KIB
    raw.close()


def system_output(port, peer):
    """Bytes that the system holds for a connection from this port on."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            local, remote, _, queues = line.split()[1:5]
            if int(local.split(":")[1], 16) == port and int(remote.split(":")[1], 16) == peer:
                return int(queues.split(":")[0], 16)
    return None


def connected_clients(lines):
    text = lines.ask("INFO", "clients")
    return int(text.split("connected_clients:")[1].split("\r")[0])


def test_who_logs_in_may_send_more_and_who_logs_out_may_not(shared_server, lines_town):
    ada = lines_town.person("ada")
    word = "x" * (60 * KIB)
    assert ada.ask("ECHO", word) == word
    assert ada.ask("LOGOUT") == "OK"
    ada.connection.send("ECHO", word)
    assert b"too big inline request" in ada.connection.read_line()


def test_a_pipeline_goes_on_across_logging_in_and_out(shared_server, lines_town):
    """The bounds change in the middle of it, with output on the way."""
    ada = lines_town.person("ada")
    token = ada.ask("TOKEN", "NEW")["token"]
    raw = Raw(shared_server.port)
    echo = array("ECHO", "y" * 1_000)
    rounds = 40
    asked = (echo * 50 + array("AUTH", token) + echo * 50 + array("LOGOUT")) * rounds
    sender = threading.Thread(target=raw.send, args=(asked,))
    sender.start()
    answer = b"$1000\r\n" + b"y" * 1_000 + b"\r\n"
    expected = (answer * 50 + b"+OK\r\n") * 2 * rounds
    assert raw.exactly(len(expected)) == expected
    sender.join()


# Time

def test_a_stranger_who_finishes_no_request_is_hung_up_on(make_server):
    with (make_server("patient", "--anonymous-idle", 0) as patient,
          make_server("data", "--anonymous-idle", IDLE_S) as server):
        for_ever = Raw(patient.port)
        silent, slow, deaf_one = Raw(server.port), Raw(server.port), deaf(server.port, None)
        asking, listening, member = (Lines(server.port) for _ in range(3))
        listening.ask("SUBSCRIBE", "public")
        member.ask("SIGNUP", "ada", PASSWORD)
        began = time.monotonic()
        ended = {}
        while len(ended) < 2 and time.monotonic() < began + 60:
            for name, raw in [("silent", silent), ("slow", slow)]:
                if name not in ended and not still_there(raw, b"x" if name == "slow" else b""):
                    ended[name] = time.monotonic() - began
            assert asking.ask("PING") == "PONG"
            time.sleep(0.2)
        assert set(ended) == {"silent", "slow"} and min(ended.values()) >= IDLE_S - 1
        assert wait_until(lambda: connected_clients(member) <= 4, 60)
        assert asking.ask("PING") == "PONG"
        member.ask("POST", "still here")
        assert listening.next_push()["event"]["event"] == "post"
        deaf_one.close()
        assert still_there(for_ever, b"PING\n")


def test_who_was_refused_and_stays_is_hung_up_on_after_two_seconds(make_server):
    with make_server("data") as server, Lines(server.port) as member:
        member.ask("SIGNUP", "ada", PASSWORD)
        refused_one = Raw(server.port)
        refused_one.send(b"*x\r\n")
        assert b"Protocol error" in refused_one.until_closed()
        began = time.monotonic()
        assert wait_until(lambda: connected_clients(member) == 1, 30)
        assert LINGER_S_MAX - 0.5 < time.monotonic() - began


def still_there(raw, sent):
    raw.socket.setblocking(False)
    try:
        if sent:
            raw.socket.send(sent)
        return raw.socket.recv(10) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


# All of them

def test_connections_end_before_descriptors_do(make_server):
    """As many as may be, and then snapshots and backups still find a descriptor."""
    server = make_server("data", "--connections-max", 50_000)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with limited(600), server:
        assert "the system's limit on descriptors allows 344 connections, not 50000" in (
            server.output)
        admin = Lines(server.port)
        admin.ask("AUTH", server.admin_token())
        others = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(343)]
        assert wait_until(lambda: connected_clients(admin) == 344)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one_more:
            assert b"max number of clients" in one_more.recv(100)
        assert admin.ask("SNAPSHOT")["position"]
        assert admin.ask("CONFIG", "SET", "connections-max", "300") == "OK"
        with pytest.raises(Refused, match="allows 344 connections"):
            admin.ask("CONFIG", "SET", "connections-max", "345")
        assert admin.ask("CONFIG", "GET", "connections-max") == {"connections-max": "300"}
        for other in others:
            other.close()
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] == hard


@contextlib.contextmanager
def limited(count):
    """Programs that start now may open so many descriptors."""
    from harness import server
    popen = server.subprocess.Popen

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))

    server.subprocess.Popen = lambda *words, **options: popen(
        *words, preexec_fn=limit, **options)
    try:
        yield
    finally:
        server.subprocess.Popen = popen


def test_every_kind_is_listed():
    done = subprocess.run(
        [os.path.join(ROOT, "tools", "hostile"), "--list"], capture_output=True, text=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(KINDS)


def test_others_are_served_and_nothing_is_lost(make_server):
    """In the small: tools/hostile measures it, with every kind."""
    with make_server("data") as server:
        measured = measure(server, "deaf", rounds=1, seconds=0.5)
        assert measured.done > 0 and measured.lost == []
        assert server.terminate() == 0, server.output


def test_a_storm_of_connections_leaves_the_server_as_it_was(make_server):
    with make_server("data", "--connections-max", 500) as server:
        member = Lines(server.port)
        member.ask("SIGNUP", "ada", PASSWORD)
        for _ in range(3):
            storm = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(700)]
            post = member.ask("POST", "in the storm")
            assert wait_until(lambda: connected_clients(member) == 500, 20)
            for one in storm:
                one.close()
            assert member.ask("GET", post)["text"] == "in the storm"
            assert wait_until(lambda: connected_clients(member) == 1, 20)
