"""Passwords, tokens and keys: where they are not, who may read what is there, and what a log-in
gives away by the time that it takes."""

import os
import resource
import shutil
import signal
import stat
import statistics
import subprocess
import tempfile
import time
import urllib.request

import pytest

from harness.clients import Lines, Refused
from harness.server import Server, binary, run, wait_until
from town import PASSWORD

SECRETS = {
    "password": "planted-password-Zx91", "wrong password": "planted-wrong-Zx92",
    "new password": "planted-new-Zx93", "email": "planted-Zx94@example.org",
}


def modes(path):
    """The permissions of a directory and of all that is in it."""
    found = {path: stat.S_IMODE(os.stat(path).st_mode)}
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            entry = os.path.join(folder, name)
            found[entry] = stat.S_IMODE(os.lstat(entry).st_mode)
    return found


def holders(path, secrets, besides=()):
    """Files that hold one of these, by its name."""
    found = []
    for folder, _, files in os.walk(path):
        for name in files:
            if name in besides:
                continue
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            found += [(name, key) for key, secret in secrets.items() if secret.encode() in content]
    return found


def test_planted_secrets_are_nowhere(make_server, tmp_path):
    """Not in replies that others get, nor in the log, the metrics, the data directory, a snapshot,
    a backup, or what the tools print."""
    server = make_server("data", "--http-port", 0)
    with server, Lines(server.port) as ada, Lines(server.port) as admin:
        admin.ask("AUTH", server.admin_token())
        ada.ask("SIGNUP", "ada", SECRETS["password"], "EMAIL", SECRETS["email"])
        secrets = dict(SECRETS, admin=server.admin_token())
        secrets["token"] = ada.ask("TOKEN", "NEW", "LABEL", "app")["token"]
        shown = []
        for words in [
            ("AUTH", "ada", SECRETS["wrong password"]), ("AUTH", SECRETS["wrong password"]),
            ("AUTH", "ada", SECRETS["wrong password"], "more"), ("ATUH", secrets["token"]),
            ("PASSWORD", SECRETS["wrong password"], SECRETS["new password"]),
            ("SIGNUP", "ada", SECRETS["password"]), ("SIGNUP", "x", SECRETS["password"]),
            ("ERASE", SECRETS["wrong password"]), ("HELLO", 3, "AUTH", "ada", "x" * 9),
        ]:
            with pytest.raises(Refused) as refusal:
                ada.ask(*words)
            shown.append(refusal.value.message)
        ada.ask("PASSWORD", SECRETS["password"], SECRETS["new password"])
        with Lines(server.port) as other:
            other.ask("AUTH", "ada", SECRETS["new password"])
            secrets["second token"] = other.ask("TOKEN", "NEW")["token"]
        for words in [("INFO",), ("METRICS",), ("CONFIG", "GET", "*"), ("CLIENT", "LIST"),
                      ("JOURNAL", "TAIL", 1), ("TOKEN", "LIST"), ("AS", "ada", "TOKEN", "LIST"),
                      ("JOURNAL", "INFO"), ("AS", "ada", "EXPORT")]:
            shown.append(str(admin.ask(*words)))
        shown.append(str(ada.ask("TOKEN", "LIST")))
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http_port}/metrics") as answer:
            shown.append(answer.read().decode())
        admin.ask("SNAPSHOT")
        admin.ask("BACKUP", str(tmp_path / "backup"))
    shown.append(server.output)
    found = [(name, text[:80]) for name, secret in secrets.items() for text in shown
             if secret in text and not (name == "email" and '"email"' in text)]
    assert not found
    # With the keys, on the machine, tools read what people gave: e-mail addresses too.
    del secrets["email"]
    for words in [["tail", "--from", 1, "--json"], ["replay", "--entity", "user:ada"], ["stat"]]:
        told = run(words[0], "--data", server.data, *words[1:])
        assert told.returncode == 0 and not [n for n, s in secrets.items() if s in told.stdout]
    secrets["email"] = SECRETS["email"]
    assert holders(server.data, secrets, besides=["admin.token"]) == []
    assert holders(tmp_path / "backup", secrets) == []


def test_the_data_directory_is_its_owners_alone(make_server):
    previous = os.umask(0)
    try:
        with make_server() as server, Lines(server.port) as lines:
            lines.ask("SIGNUP", "ada", PASSWORD)
            lines.ask("AUTH", server.admin_token())
            lines.ask("SNAPSHOT")
            wide = {path: oct(mode) for path, mode in modes(server.data).items() if mode & 0o077}
            assert not wide
    finally:
        os.umask(previous)


def test_a_directory_that_was_open_is_shut_and_that_is_said(make_server):
    server = make_server().start()
    server.terminate()
    os.chmod(server.data, 0o755)
    os.chmod(os.path.join(server.data, "admin.token"), 0o644)
    with server:
        assert f"{server.data} was open to others (mode 755); it is 700 now" in server.output
        assert "admin.token was open to others (mode 644); it is 600 now" in server.output
        assert stat.S_IMODE(os.stat(server.data).st_mode) == 0o700
    with server:
        assert "was open to others" not in server.output


def core_limit(server):
    with open(f"/proc/{server.pid}/limits", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("Max core file size"))
    return line.split()[4:6]


def test_a_crash_leaves_neither_a_core_nor_a_look_at_the_memory(make_server, monkeypatch):
    monkeypatch.chdir(os.path.dirname(make_server().data))
    server = make_server().start()
    assert core_limit(server)[0] == "0"
    os.kill(server.pid, signal.SIGSEGV)
    assert wait_until(lambda: not server.is_running, 20)
    assert server.process.returncode == -signal.SIGSEGV
    assert "Registers" not in server.output and "roost: ready" in server.lines[-1]
    assert not [name for name in os.listdir() if name.startswith("core")]


def test_core_dumps_can_be_allowed_for_debugging(make_server):
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        with make_server("data", "--core-dumps") as server:
            soft, hard = core_limit(server)
            assert soft == hard
        with make_server("other") as server:
            assert core_limit(server)[0] == "0"
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("flags, is_closed", [([], True), (["--core-dumps"], False)])
def test_the_memory_is_closed_to_processes_of_the_same_user(monkeypatch, flags, is_closed):
    """What a process that forbids dumps has in /proc belongs to root."""
    nobody = {"user": 65534, "group": 65534}
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="roost-nobody-") as folder:
        os.chmod(folder, 0o777)
        monkeypatch.setenv("ROOST_BINARY", shutil.copy(binary(), folder))
        popen = subprocess.Popen
        with monkeypatch.context() as patch:
            patch.setattr(
                subprocess, "Popen", lambda *words, **options: popen(*words, **options, **nobody))
            server = Server(os.path.join(folder, "data"), *flags).start()
        try:
            tried = subprocess.run(
                ["head", "-c", "1", f"/proc/{server.pid}/environ"], capture_output=True, **nobody)
            assert (tried.returncode != 0) == is_closed, tried
        finally:
            server.kill()


def test_a_name_that_nobody_has_takes_as_long_as_a_wrong_password(make_server):
    with make_server() as server, Lines(server.port) as lines:
        lines.ask("SIGNUP", "ada", PASSWORD)
        lines.ask("LOGOUT")
        times = {"ada": [], "nobody": [], "x": []}
        for _ in range(12):
            for name, seconds in times.items():
                began = time.perf_counter()
                with pytest.raises(Refused, match="wrong username, password or token"):
                    lines.ask("AUTH", name, "not the password")
                seconds.append(time.perf_counter() - began)
        medians = {name: statistics.median(seconds) for name, seconds in times.items()}
        for name in ["nobody", "x"]:
            assert 0.6 < medians[name] / medians["ada"] < 1.67, medians
