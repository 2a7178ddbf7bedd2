"""What operators see and set: METRICS, the HTTP port, CONFIG, JOURNAL TAIL and VERIFY."""

import json
import pathlib
import re
import socket
import time
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.clients import Refused
from harness.server import run, wait_until
from town import PASSWORD, Person, as_map


def get(server, path):
    """Status, content type and body."""
    url = f"http://127.0.0.1:{server.http_port}{path}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def samples(text):
    """As a Prometheus server reads them: (name, labels) to value."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples}


def test_prometheus_reads_the_metrics(make_server, dialect):
    with make_server("data", "--shards", 2, "--http-port", 0) as server:
        assert get(server, "/healthz")[0] == 200
        assert get(server, "/readyz") == (200, "text/plain; charset=utf-8", "ready\n")
        assert get(server, "/admin")[0] == 404
        ada = Person(dialect, server.port)
        ada.ask("SIGNUP", "ada", PASSWORD)
        for number in range(5):
            ada.ask("POST", f"number {number}")
        with pytest.raises(Refused):
            ada.ask("GET", "1")
        status, kind, text = get(server, "/metrics")
        assert status == 200 and kind.startswith("text/plain; version=0.0.4")
        seen = samples(text)
        assert seen["roost_commands_total", (("command", "POST"),)] == 5
        assert seen["roost_command_errors_total", (("code", "NOTFOUND"), ("command", "GET"))] == 1
        assert seen["roost_entities", (("kind", "post"),)] == 5
        assert seen["roost_shards", ()] == 2
        assert seen["roost_journal_commit_seconds_count", ()] >= 6
        assert 1e6 < seen["process_resident_memory_bytes", ()] < 1e9
        buckets = [value for (name, labels), value in seen.items()
                   if name == "roost_command_seconds_bucket" and ("class", "post") in labels]
        assert buckets == sorted(buckets) and buckets[-1] == 5
        position = seen["roost_journal_position", ()]
        admin = Person(dialect, server.port)
        admin.ask("AUTH", server.admin_token())
        assert samples(admin.ask("METRICS"))["roost_journal_position", ()] == position
        for number in range(200):
            get(server, "/metrics")
        after = samples(get(server, "/metrics")[2])
        assert after["process_open_fds", ()] <= seen["process_open_fds", ()] + 3


def raw(server, request, timeout_s=10):
    """What is answered to these bytes, until the connection ends."""
    with socket.create_connection(("127.0.0.1", server.http_port), timeout_s) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


def is_refused(server):
    """With 503, or reset where the request came before the refusal was read."""
    try:
        return raw(server, b"GET /healthz HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 503 ")
    except ConnectionResetError:
        return True


def test_the_http_port_is_bounded(make_server):
    most, bytes_max, seconds_max = 64, 8 << 10, 5
    with make_server("data", "--http-port", 0) as server:
        # First of all: a connection that is about to end would take one's place.
        address = ("127.0.0.1", server.http_port)
        began = time.monotonic()
        idle = [socket.create_connection(address) for _ in range(most)]
        assert wait_until(lambda: is_refused(server))
        assert Person("resp3", server.port).ask("PING") == "PONG"
        for connection in idle:
            assert connection.recv(1) == b""
        assert seconds_max - 1 < time.monotonic() - began < seconds_max + 5
        assert wait_until(lambda: not is_refused(server))
        line = b"GET /healthz HTTP/1.1\r\nX: "
        exact = line + b"x" * (bytes_max - len(line) - 4) + b"\r\n\r\n"
        assert raw(server, exact).startswith(b"HTTP/1.1 200 ")
        assert raw(server, exact[:-4] + b"x\r\n\r\n").startswith(b"HTTP/1.1 431 ")
        assert raw(server, b"x" * (bytes_max + 1)).startswith(b"HTTP/1.1 431 ")
        assert raw(server, b"POST /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 405 ")
        assert raw(server, b"hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        head = raw(server, b"HEAD /healthz HTTP/1.0\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and head.endswith(b"\r\n\r\n")


def test_parameters_change_while_it_runs(make_server, dialect):
    with make_server("data", "--connections-max", 50) as server:
        admin = Person(dialect, server.port)
        admin.ask("AUTH", server.admin_token())
        shown = as_map(admin.ask("CONFIG", "GET", "*"))
        assert shown["durability"] == "always" and shown["port"] == str(server.port)
        assert shown["connections-max"] == "50"
        narrow = as_map(admin.ask("CONFIG", "GET", "c?nn*", "nothing"))
        assert narrow == {"connections-max": "50"}
        assert admin.ask("CONFIG", "SET", "connections-max", "2") == "OK"
        second = Person(dialect, server.port)
        second.ask("PING")
        with pytest.raises(Exception):
            Person(dialect, server.port).ask("PING")
        second.close()
        admin.ask("CONFIG", "SET", "connections-max", "1000")
        wait_until(lambda: Person(dialect, server.port).ask("PING") == "PONG")
        for value in ("0", "1000001", "many", "-1", ""):
            with pytest.raises(Refused) as refusal:
                admin.ask("CONFIG", "SET", "connections-max", value)
            assert refusal.value.code == "INVALID"
        admin.ask("CONFIG", "SET", "private", "yes")
        with pytest.raises(Refused) as refusal:
            Person(dialect, server.port).ask("PUBLIC")
        assert refusal.value.code == "NOAUTH"
        admin.ask("CONFIG", "SET", "snapshot-every", "10")
        for number in range(12):
            admin.ask("POST", f"number {number}")
        wait_until(lambda: "snapshot_position:0" not in admin.ask("INFO", "snapshots"))
    assert "CONFIG SET by user:1: private no -> yes" in server.output


def test_the_journal_over_the_wire_is_the_one_on_the_disk(make_server, dialect="resp3"):
    with make_server("data") as server:
        admin = Person(dialect, server.port)
        admin.ask("AUTH", server.admin_token())
        ada = Person(dialect, server.port)
        ada.ask("SIGNUP", "ada", PASSWORD)
        for number in range(1_100):
            ada.ask("POST", f"secret number {number}", "VISIBILITY", "private")
        lines = []
        while page := admin.ask("JOURNAL", "TAIL", str(len(lines) + 1), "COUNT", "1000"):
            assert len(page) <= 1_000
            lines += page
        events = [json.loads(line) for line in lines]
        assert [event["position"] for event in events] == list(range(1, len(events) + 1))
        assert "secret number" not in "".join(lines)
        assert admin.ask("JOURNAL", "TAIL", "1") == lines[:100]
        for count in ("0", "1001"):
            with pytest.raises(Refused):
                admin.ask("JOURNAL", "TAIL", "1", "COUNT", count)
        told = run("tail", "--data", server.data, "--from", "1", "--json").stdout.splitlines()
        for event, other in zip(events, map(json.loads, told), strict=True):
            other.pop("text", None)
            other["fields"].pop("hash", None)
            event["fields"].pop("hash", None)
            assert event == other
        verified = admin.ask("JOURNAL", "VERIFY")
        assert verified == {
            "ok": 1, "position": len(events), "first_bad": None, "findings": []}


def test_damage_is_found_by_the_running_server(make_server, dialect="resp3"):
    with make_server("data") as server:
        admin = Person(dialect, server.port)
        admin.ask("AUTH", server.admin_token())
        for number in range(200):
            admin.ask("POST", f"number {number} " + "x" * 200)
        assert admin.ask("JOURNAL", "VERIFY")["ok"] == 1
        path = pathlib.Path(server.data) / "journal" / "data.mdb"
        # Into the chain itself: the map is shared, so the server sees it too.
        hashed = bytes.fromhex(admin.ask("JOURNAL", "INFO")["hash"])
        admin.ask("POST", "one more, which holds the hash of what is before it")
        content = path.read_bytes()
        # Wherever it stands: pages that are no longer used hold it too.
        with open(path, "r+b") as file:
            for found in re.finditer(re.escape(hashed), content):
                file.seek(found.start())
                file.write(bytes([hashed[0] ^ 0xFF]))
        verified = admin.ask("JOURNAL", "VERIFY")
        assert verified["ok"] == 0 and verified["findings"], verified
        server.kill()
