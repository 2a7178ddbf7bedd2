"""TLS: every client through it, what is refused, certificates that change, and what handshakes
may cost."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest
import redis

from harness.certificates import Authority
from harness.clients import Lines, client
from harness.server import StartFailed, run, wait_until
from town import PASSWORD

HANDSHAKE_S_MAX = 10
PENDING_MAX = 1_024
LINE_REFUSED = b"-ERR this port takes TLS only\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    authority.server = authority.make("server")
    return authority


def flags(authority, certificate=None, *more):
    certificate, key = certificate or authority.server
    return ["--tls-port", 0, "--tls-cert", certificate, "--tls-key", key, *more]


@pytest.fixture(scope="module")
def server(tmp_path_factory, authority):
    """With both ports; nobody ends it or changes its certificates."""
    from harness.server import Server
    data = tmp_path_factory.mktemp("tls") / "data"
    with Server(data, "--shards", 2, *flags(authority)) as server:
        with Lines(server.port) as lines:
            assert lines.ask("SIGNUP", "ada", PASSWORD)
        yield server
        assert server.is_running, server.output
        assert server.terminate() == 0, server.output


@pytest.fixture(scope="module", autouse=True)
def dawdler(server, authority):
    """Begins a handshake before the first test and says no more: when it was hung up on."""
    ended = []
    began = time.monotonic()
    half = socket.create_connection(("127.0.0.1", server.tls_port), timeout=60)
    half.sendall(client_hello(authority)[:20])

    def wait():
        try:
            half.recv(100)
        except OSError:  # Reset by the server, or closed by us.
            pass
        ended.append(time.monotonic() - began)

    threading.Thread(target=wait, daemon=True).start()
    yield ended
    half.close()


def connected(port, context, timeout_s=20):
    """A socket with hands shaken."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain, server_hostname="127.0.0.1")


class TLSLines(Lines):
    """Plain lines, through TLS."""

    def __init__(self, port, context):
        super().__init__(port)
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")


@contextlib.contextmanager
def operator(server):
    """Whom INFO tells everything."""
    with Lines(server.port) as lines:
        lines.ask("AUTH", server.admin_token())
        yield lines


def tls_info(lines):
    text = lines.ask("INFO", "tls")
    return {
        name.removeprefix("tls_"): value
        for name, _, value in (line.partition(":") for line in text.splitlines() if ":" in line)}


def redis_cli(port, *words, options=(), stdin=None):
    return subprocess.run(
        ["redis-cli", "--tls", "-p", str(port), *map(str, options), *words], input=stdin,
        capture_output=True, text=True, timeout=30)


# Clients

@pytest.mark.parametrize("option", ["-2", "-3"])
def test_redis_cli_speaks_through_tls(server, authority, option):
    done = redis_cli(
        server.tls_port, options=["--cacert", authority.certificate, option],
        stdin=f'AUTH ada "{PASSWORD}"\nPOST "through redis-cli"\nTIMELINE ada\nQUIT\n')
    assert done.stdout.splitlines()[0] == "OK", done.stdout + done.stderr
    assert "through redis-cli" in done.stdout


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("key", ["ec", "rsa"])
def test_redis_py_speaks_through_tls(make_server, authority, version, key):
    certificate = authority.make(f"of-{key}", key=key)
    with make_server(f"data-{key}", *flags(authority, certificate)) as server:
        with client(server.tls_port, version, ssl=True, ssl_ca_certs=authority.certificate,
                    ssl_check_hostname=True) as redis:
            redis.execute_command("SIGNUP", "ada", PASSWORD)
            post = redis.execute_command("POST", "through redis-py")
            pipeline = redis.pipeline(transaction=False)
            for _ in range(50):
                pipeline.execute_command("LIKE", post)
            assert pipeline.execute() == [1] * 50


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_both_versions_are_spoken_with_keys_that_last_one_connection(server, authority, version):
    context = authority.context()
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    with connected(server.tls_port, context) as secure:
        name, _, bits = secure.cipher()
        assert bits >= 128 and ("GCM" in name or "CHACHA20" in name)
        assert version == "TLSv1_3" or name.startswith("ECDHE")
        assert not secure.session_reused and secure.compression() is None
        secure.sendall(b"PING\n")
        assert secure.recv(100) == b'"PONG"\n'
        if version == "TLSv1_3":
            assert secure.session is None or not secure.session.has_ticket


def test_a_reply_of_megabytes_and_a_deep_pipeline_come_whole(server, authority):
    with TLSLines(server.tls_port, authority.context()) as lines:
        lines.ask("AUTH", "ada", PASSWORD)
        word = "x" * (1 << 20)
        for _ in range(3):
            request = f"*2\r\n$4\r\nECHO\r\n${len(word)}\r\n{word}\r\n".encode()
            lines.send_raw(request)
            expected = f"${len(word)}\r\n{word}\r\n".encode()
            assert exactly(lines.socket, len(expected)) == expected
        asked = b"".join(b"PING %d\n" % number for number in range(20_000))
        lines.socket.settimeout(60)
        received = asyncio.run(pipelined(server.tls_port, authority.context(), asked, 20_000))
        assert received == [str(number) for number in range(20_000)]


async def pipelined(port, context, asked, count):
    """Sends all of it while it reads so many lines."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="127.0.0.1")
    writer.write(asked)
    lines = [json.loads(await asyncio.wait_for(reader.readline(), 60)) for _ in range(count)]
    writer.close()
    return lines


def exactly(stream, count):
    received = bytearray()
    while len(received) < count:
        part = stream.recv(min(1 << 16, count - len(received)))
        assert part, f"closed after {len(received)} of {count} bytes"
        received += part
    return bytes(received)


def test_who_reads_slowly_gets_everything(server, authority):
    """The system's buffers fill, and records are sent in parts."""
    with TLSLines(server.tls_port, authority.context()) as lines:
        lines.ask("AUTH", "ada", PASSWORD)
        word = b"y" * (1 << 20)
        request = b"*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n" % (len(word), word)
        lines.send_raw(request * 2)
        time.sleep(0.3)
        expected = (b"$%d\r\n%s\r\n" % (len(word), word)) * 2
        assert exactly(lines.socket, len(expected)) == expected
        assert lines.ask("PING") == "PONG"


def test_what_is_pushed_comes_through_tls(server, authority):
    with TLSLines(server.tls_port, authority.context()) as live, Lines(server.port) as ada:
        live.ask("SUBSCRIBE", "user:ada")
        ada.ask("AUTH", "ada", PASSWORD)
        posts = [ada.ask("POST", f"number {number} " + "z" * 4_000) for number in range(20)]
        pushed = [live.next_push()["event"]["post"]["id"] for _ in posts]
        assert pushed == posts


def test_the_end_is_said_and_the_last_word_comes_before_it(server, authority):
    with connected(server.tls_port, authority.context()) as secure:
        secure.sendall(b"PING\nQUIT\n")
        received = b""
        while part := secure.recv(1000):  # An end without a farewell would be an error.
            received += part
        assert received == b'"PONG"\n"OK"\n'


def test_a_client_that_has_finished_sending_gets_its_replies(server, authority):
    with connected(server.tls_port, authority.context()) as secure:
        secure.sendall(b"PING 1\n" * 500)
        socket.socket.shutdown(secure, socket.SHUT_WR)
        assert exactly(secure, len(b'"1"\n') * 500) == b'"1"\n' * 500


# What is refused

def test_plain_text_at_the_tls_port_is_told_so(server):
    with socket.create_connection(("127.0.0.1", server.tls_port), timeout=10) as plain:
        plain.sendall(b"PING\r\n")
        assert plain.recv(100) == LINE_REFUSED
        assert plain.recv(100) == b""
    with pytest.raises(redis.exceptions.RedisError, match="this port takes TLS only"):
        client(server.tls_port, lib_name=None, lib_version=None).ping()


def test_tls_at_the_plain_port_is_refused_at_once(server, authority):
    with pytest.raises(ssl.SSLError):
        connected(server.port, authority.context(), timeout_s=5)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert b"Protocol error: this port takes no TLS" in plain.recv(200)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_older_versions_are_refused(server, authority, version):
    context = authority.context()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    with pytest.raises(ssl.SSLError, match="(?i)version|protocol"):
        connected(server.tls_port, context)


@pytest.mark.parametrize("ciphers", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"])
def test_ciphers_without_forward_secrecy_or_authentication_are_refused(
        server, authority, ciphers):
    context = authority.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    with pytest.raises(ssl.SSLError, match="(?i)handshake"):
        connected(server.tls_port, context)


def test_nobody_renegotiates(server, authority):
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.tls_port}", "-tls1_2",
         "-CAfile", authority.certificate],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        process.stdin.write(b"R\n")
        process.stdin.flush()
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert b"no renegotiation" in output, output


def test_keys_may_be_changed_in_the_middle(server, authority):
    """k: the client's; K: the client's, and it asks for the server's too."""
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.tls_port}", "-tls1_3",
         "-CAfile", authority.certificate],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(process.stdout), daemon=True)
    reader.start()
    try:
        for number, key in enumerate([b"k\n", b"K\n"] * 3):
            for line in [key, b"PING %d\n" % number]:
                process.stdin.write(line)
                process.stdin.flush()
                time.sleep(0.1)
            answer = b'"%d"\n' % number
            assert wait_until(lambda: answer in seen), seen[-5:]
    finally:
        process.kill()
    assert seen.count(b"KEYUPDATE\n") == 6


def test_a_client_that_trusts_another_authority_refuses(server, tmp_path):
    other = Authority(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(server.tls_port, other.context())
    done = redis_cli(server.tls_port, "PING", options=["--cacert", other.certificate])
    assert done.returncode != 0 and "certificate verify failed" in done.stderr


def test_an_expired_certificate_is_said_at_the_start_and_refused_by_clients(
        make_server, authority):
    with make_server("data", *flags(authority, authority.make("expired", days=-1))) as server:
        assert "TLS: the certificate has expired" in server.output
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            connected(server.tls_port, authority.context())


# Client certificates

@pytest.fixture
def strict_server(make_server, authority):
    with make_server(
            "strict", *flags(authority, None, "--tls-client-ca", authority.certificate)) as server:
        yield server


def refused_in_tls(port, context):
    """TLS 1.3 clients hear of it when they read."""
    try:
        with connected(port, context) as secure:
            secure.sendall(b"PING\n")
            return secure.recv(100) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_a_client_certificate_lets_in_and_grants_nothing_more(strict_server, authority, tmp_path):
    certificate = authority.make("back-end")
    with TLSLines(strict_server.tls_port, authority.context(certificate)) as lines:
        assert lines.ask("WHOAMI") is None
        assert lines.ask("SIGNUP", "ben", PASSWORD)["username"] == "ben"
    done = redis_cli(
        strict_server.tls_port, "PING",
        options=["--cacert", authority.certificate, "--cert", certificate[0], "--key",
                 certificate[1]])
    assert done.stdout == "PONG\n"
    stranger = Authority(tmp_path / "stranger").make("stranger")
    # 32 KiB are read of what a client shows.
    long = authority.make("long", names=300)
    with TLSLines(strict_server.tls_port, authority.context(long)) as lines:
        assert lines.ask("PING") == "PONG"
    too_long = authority.make("too-long", names=330)
    for wrong in [None, stranger, authority.make("late", days=-1), too_long]:
        assert refused_in_tls(strict_server.tls_port, authority.context(wrong))
    with operator(strict_server) as lines:  # The plain port asks for none.
        assert tls_info(lines)["client_certificates"] == "required"
        assert wait_until(lambda: tls_info(lines)["handshakes_failed"] == "4")
    assert wait_until(lambda: "no TLS with 127.0.0.1:" in strict_server.output)


# Certificates that change

def fingerprint(port, context):
    with connected(port, context) as secure:
        return secure.getpeercert(binary_form=True)


def test_certificates_are_read_again_while_connections_stay(make_server, authority, tmp_path):
    paths = [str(tmp_path / "live.pem"), str(tmp_path / "live.key")]

    def install(pair):
        for source, target in zip(pair, paths):
            with open(source, "rb") as file:
                content = file.read()
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)

    install(authority.make("first"))
    with make_server("data", *flags(authority, paths)) as server:
        context = authority.context()
        before = fingerprint(server.tls_port, context)
        with TLSLines(server.tls_port, context) as open_one:
            install(authority.make("second"))
            os.kill(server.pid, signal.SIGHUP)
            assert wait_until(lambda: "TLS: the certificates were read again" in server.output)
            assert fingerprint(server.tls_port, context) != before
            assert open_one.ask("PING") == "PONG"
            with operator(server) as lines:
                assert tls_info(lines)["certificate_reloads"] == "1"

            after = fingerprint(server.tls_port, context)
            for number, (spoil, why) in enumerate([
                (lambda: open(paths[0], "w").close(), "no usable certificate"),
                (lambda: install([authority.make("third")[0], authority.server[1]]),
                 "no usable private key"),
                (lambda: install(authority.make("old", days=-1)), "has expired"),
                (lambda: os.remove(paths[1]), "No such file or directory"),
            ]):
                spoil()
                os.kill(server.pid, signal.SIGHUP)
                said = f"TLS: the old certificates stay: {tmp_path}"
                assert wait_until(lambda: server.output.count(said) == number + 1), server.output
                assert why in server.lines[-1]
                assert fingerprint(server.tls_port, context) == after
            assert open_one.ask("PING") == "PONG"


def test_sighup_without_tls_ends_nothing(make_server):
    with make_server() as server:
        os.kill(server.pid, signal.SIGHUP)
        assert wait_until(lambda: "there is no TLS to reload" in server.output)
        with operator(server) as lines:
            assert lines.ask("PING") == "PONG"
            assert lines.ask("INFO", "tls") == ""


# The command line

def test_the_plain_port_can_be_off(make_server, authority):
    server = make_server("data", *flags(authority)).start(port="off")
    with TLSLines(server.tls_port, authority.context()) as lines:
        lines.ask("AUTH", server.admin_token())
        assert lines.ask("CONFIG", "GET", "port") == {"port": "off"}
        assert lines.ask("CONFIG", "GET", "tls-port") == {"tls-port": str(server.tls_port)}
    assert server.port is None and server.terminate() == 0


def test_tls_may_listen_elsewhere_than_the_plain_port(make_server, authority):
    with make_server("data", *flags(authority, None, "--tls-host", "127.0.0.2")) as server:
        with Lines(server.port) as lines:
            assert lines.ask("PING") == "PONG"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.tls_port))
        plain = socket.create_connection(("127.0.0.2", server.tls_port), timeout=10)
        with authority.context().wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            secure.sendall(b"PING\n")
            assert secure.recv(100) == b'"PONG"\n'


def open_to_all(path):
    os.chmod(path, 0o644)
    return path


@pytest.mark.parametrize("words, sentence", [
    (lambda a: ["--tls-port", 0], "--tls-port needs --tls-cert and --tls-key"),
    (lambda a: ["--tls-cert", a.server[0]], "--tls-cert needs --tls-port"),
    (lambda a: ["--tls-client-ca", a.certificate], "--tls-client-ca needs --tls-port"),
    (lambda a: ["--tls-port", 65536], "--tls-port takes 0 to 65535"),
    (lambda a: ["--port", "off"], "--port off needs --tls-port"),
    (lambda a: flags(a, ["/none", a.server[1]]), "/none: No such file or directory"),
    (lambda a: flags(a, [a.server[1], a.server[1]]), "no usable certificate"),
    (lambda a: flags(a, [a.server[0], a.server[0]]), "everybody may read or change this key"),
    (lambda a: flags(a, [a.server[0], a.make("another")[1]]), "no usable private key"),
    (lambda a: flags(a, [a.server[0], open_to_all(a.make("open")[1])]), "everybody may read"),
    (lambda a: flags(a, None, "--tls-client-ca", a.server[1]), "certificate of an authority"),
])
def test_what_cannot_be_used_is_named(authority, tmp_path, words, sentence):
    told = run("serve", "--data", tmp_path / "data", *words(authority))
    assert told.returncode == 2 and sentence in told.stderr, told.stderr
    assert len(told.stderr.splitlines()) == 1 and "PRIVATE" not in told.stderr
    assert not (tmp_path / "data").exists()


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(authority, tmp_path):
    locked = str(tmp_path / "locked.key")
    subprocess.run(
        ["openssl", "pkey", "-in", authority.server[1], "-aes256", "-passout", "pass:secret",
         "-out", locked], check=True, capture_output=True)
    told = run(
        "serve", "--data", tmp_path / "data", *flags(authority, [authority.server[0], locked]))
    assert told.returncode == 2 and "have no passphrase" in told.stderr


def test_a_port_in_use_is_named(make_server, server, authority):
    other = make_server("other", *flags(authority))
    other.flags[other.flags.index("--tls-port") + 1] = str(server.tls_port)
    with pytest.raises(StartFailed, match="Address already in use"):
        other.start()


# What handshakes may cost

def test_a_handshake_that_is_cut_leaves_nothing(server, authority):
    with operator(server) as lines:
        before = int(tls_info(lines)["handshakes_failed"])
        hello = client_hello(authority)
        for count in [0, 1, 8, 9, len(hello) // 2, len(hello)]:
            half = socket.create_connection(("127.0.0.1", server.tls_port), timeout=10)
            half.sendall(hello[:count])
            half.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            time.sleep(0.02)
            half.close()
        assert wait_until(lambda: int(tls_info(lines)["handshakes_failed"]) == before + 6)
        assert int(tls_info(lines)["handshakes_pending"]) <= 1  # The dawdler's.


def client_hello(authority):
    """The first bytes of a client that knows what it does."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = authority.context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        secure.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("head", [
    b"\x16\x03\x01\x02\x00\x01\x00\x40\x01",  # A first message of 16 KiB and a byte.
    b"\x16\x03\x01\x02\x00\x02\x00\x00\x10",  # One that is for servers to send.
])
def test_a_first_message_that_is_none_is_refused_by_its_head(server, head):
    with socket.create_connection(("127.0.0.1", server.tls_port), timeout=5) as plain:
        plain.sendall(head)
        try:
            assert plain.recv(100) == b""
        except ConnectionResetError:
            pass


def test_a_first_message_may_have_16_kib(server):
    with socket.create_connection(("127.0.0.1", server.tls_port), timeout=0.5) as plain:
        plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x40\x00")
        with pytest.raises(TimeoutError):  # The rest of it is waited for.
            plain.recv(100)


def test_half_handshakes_at_the_bound_give_way(make_server, authority):
    """As many as may be, and one more: who comes later waits no longer than the oldest's due."""
    with make_server("data", *flags(authority)) as server:
        hello = client_hello(authority)[:20]
        half = []
        for _ in range(PENDING_MAX):
            half.append(socket.create_connection(("127.0.0.1", server.tls_port), timeout=20))
            half[-1].sendall(hello)
        with operator(server) as lines:
            assert wait_until(
                lambda: tls_info(lines)["handshakes_pending"] == str(PENDING_MAX), 20)
            assert tls_info(lines)["handshakes_displaced"] == "0"
            with TLSLines(server.tls_port, authority.context()) as late:
                assert late.ask("PING") == "PONG"
            assert tls_info(lines)["handshakes_displaced"] == "1"
            assert lines.ask("PING") == "PONG"
            for socket_ in half:
                socket_.close()
            assert wait_until(lambda: tls_info(lines)["handshakes_pending"] == "0", 20)
            assert tls_info(lines)["handshakes_failed"] == str(PENDING_MAX - 1)
        # One line about all of them, not a thousand.
        assert sum("no TLS with" in line for line in server.lines) <= 3


def test_a_thousand_connections_shake_hands_and_are_served(server, authority):
    context = authority.context()

    async def one(number, gate, turns):
        # So many at a time, for this side is slow, and all of them open at once.
        async with turns:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", server.tls_port, ssl=context, server_hostname="127.0.0.1")
        gate.append(number)
        while len(gate) < 1_000:
            await asyncio.sleep(0.05)
        writer.write(b"PING %d\n" % number)
        answer = json.loads(await asyncio.wait_for(reader.readline(), 60))
        # A client is done before its server knows.
        while number == 0 and not held:
            if int(tls_info_line(await asked(reader, writer))) == 1_000:
                held.append(True)
        while not held:
            await asyncio.sleep(0.05)
        writer.close()
        return answer == str(number)

    async def asked(reader, writer):
        writer.write(f"AUTH {server.admin_token()}\nINFO tls\n".encode())
        assert json.loads(await reader.readline()) == "OK"
        return json.loads(await reader.readline())

    async def all_of_them():
        gate, turns = [], asyncio.Semaphore(32)
        return await asyncio.gather(*(one(number, gate, turns) for number in range(1_000)))

    held = []
    assert all(asyncio.run(all_of_them()))
    with operator(server) as lines:
        assert wait_until(lambda: tls_info(lines)["connections"] == "0", 20)


def tls_info_line(text):
    return next(
        line.partition(":")[2] for line in text.splitlines() if line.startswith("tls_connections:"))


def test_a_handshake_ends_by_the_clock_and_not_before(server, dawdler):
    assert wait_until(lambda: dawdler, 60)
    assert HANDSHAKE_S_MAX - 1 < dawdler[0]
    with operator(server) as lines:
        assert int(tls_info(lines)["handshakes_timed_out"]) >= 1


def test_both_ports_share_the_bound_on_connections(make_server, authority):
    with make_server("few", *flags(authority), "--connections-max", 2) as server:
        with Lines(server.port) as plain, TLSLines(server.tls_port, authority.context()) as secure:
            assert plain.ask("PING") == secure.ask("PING") == "PONG"
            for port in [server.port, server.tls_port]:
                with socket.create_connection(("127.0.0.1", port), timeout=10) as third:
                    assert third.recv(100) in (b"", b"-ERR max number of clients reached\r\n")
