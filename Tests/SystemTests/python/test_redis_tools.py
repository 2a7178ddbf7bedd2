"""redis-cli, redis-benchmark and redis-py, unmodified."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pytest

from harness.clients import client
from harness.server import run, wait_until
from town import PASSWORD


def redis_cli(port, *words, stdin=None, options=()):
    return subprocess.run(
        ["redis-cli", "-p", str(port), *options, *words], input=stdin, capture_output=True,
        text=True, timeout=30)


def test_redis_cli_asks_and_is_answered(shared_server, lines_town):
    ada = lines_town.person("ada")
    script = f'AUTH {ada.name} "{PASSWORD}"\nPOST "from redis-cli #cli"\nHOME\nUNREAD\n'
    done = redis_cli(shared_server.port, stdin=script)
    lines = done.stdout.splitlines()
    assert lines[0] == "OK" and re.fullmatch(r"\d+", lines[1])
    assert "from redis-cli #cli" in done.stdout
    error = redis_cli(shared_server.port, "HOME")
    assert error.stdout.startswith("NOAUTH") or error.stderr.startswith("NOAUTH")


@pytest.mark.parametrize("option", ["-2", "-3", "--json"])
def test_redis_cli_speaks_both_protocols(shared_server, lines_town, option):
    ada = lines_town.person("ada")
    done = redis_cli(shared_server.port, "PROFILE", ada.name, options=[option])
    assert done.returncode == 0
    if option == "--json":
        assert json.loads(done.stdout)["username"] == ada.name
    else:
        assert ada.name in done.stdout


def test_redis_cli_shows_hints_from_command_docs(shared_server):
    """On a terminal, typing a command shows what it takes."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execvp("redis-cli", ["redis-cli", "-p", str(shared_server.port)])
    # A terminal of no width would be asked for its size first.
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    screen = b""

    def shows(text):
        nonlocal screen
        if select.select([terminal], [], [], 0.05)[0]:
            screen += os.read(terminal, 65536)
        return text in screen

    try:
        assert wait_until(lambda: shows(b"> "))
        # The hint follows what is typed; keys arrive one by one, as from a person.
        for byte in b"follow ":
            os.write(terminal, bytes([byte]))
            time.sleep(0.01)
        assert wait_until(lambda: shows(b"username")), screen
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def test_redis_cli_help_knows_our_commands(shared_server):
    done = redis_cli(shared_server.port, stdin="help follow\n")
    assert "FOLLOW" in done.stdout.upper() and "summary" in done.stdout


@pytest.mark.parametrize("option", ["-2", "-3"])
def test_redis_cli_explains_every_command(shared_server, option):
    """Its help is drawn from COMMAND DOCS: name, arguments in order, summary, since, group."""
    table = json.loads(run("commands", "--json").stdout)
    asked = "".join(f"help {command['name']}\n" for command in table)
    done = redis_cli(shared_server.port, stdin=asked, options=[option])
    shown = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).replace("\r", "")
    for command in table:
        found = re.findall(
            rf"^  {command['name']}(| .*)\n  summary: (.*)\n  since: (.*)\n  group: (.*)$", shown,
            re.M)
        facts = (command["summary"], command["since"], command["group"])
        hints = [line for line, *others in found if tuple(others) == facts]
        assert hints, f"{command['name']}: {facts} is not in {found}"
        words = re.findall(r"[\w-]+", hints[0])
        for word in re.findall(r"[\w-]+", command["syntax"]):
            assert word in words, f"{command['name']}: {word} is not in its place in {hints[0]}"
            words = words[words.index(word) + 1:]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("words", [["COMMAND", "DOCS"], ["COMMAND", "INFO"], ["COMMAND"]])
def test_redis_cli_prints_what_describes_every_command(shared_server, words, version):
    table = json.loads(run("commands", "--json").stdout)
    done = redis_cli(
        shared_server.port, *words, options=[f"-{version}", "--no-raw", "--no-auth-warning"])
    assert done.returncode == 0 and done.stderr == ""
    for command in table:
        name = command["name"].lower().replace(" ", "|")
        assert f'"{name}"' in done.stdout, name


def test_redis_cli_subscribes(shared_server, lines_town):
    ada = lines_town.person("ada")
    tag = f"cli{lines_town.number}"
    process = subprocess.Popen(
        ["redis-cli", "-p", str(shared_server.port), "SUBSCRIBE", f"tag:{tag}"],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        seen = [process.stdout.readline().strip() for _ in range(3)]
        assert seen[0].endswith("subscribe")
        ada.ask("POST", f"heard #{tag}")
        while "heard" not in seen[-1]:
            line = process.stdout.readline()
            assert line, "redis-cli ended"
            seen.append(line)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("pipeline", [1, 16, 64])
@pytest.mark.parametrize("words", [
    ["PING"], ["GET", "{post}"], ["HOME", "COUNT", "20"], ["LIKE", "{post}"],
    ["POST", "benchmark __rand_int__"], ["SAY", "{chat}", "benchmark"]])
def test_redis_benchmark_runs_without_an_error(shared_server, lines_town, words, pipeline):
    ada, ben = lines_town.people("ada", "ben")
    token = ada.ask("TOKEN", "NEW")["token"]
    facts = {"post": ada.ask("POST", "target"), "chat": ada.ask("CHAT", "NEW", ben.name)}
    done = subprocess.run(
        ["redis-benchmark", "-p", str(shared_server.port), "-a", token, "-c", "20", "-n", "2560",
         "-P", str(pipeline), "-q", *[word.format(**facts) for word in words]],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "requests per second" in done.stdout
    problems = [
        line for line in (done.stdout + done.stderr).splitlines()
        if re.search("error|warning|err ", line, re.I) and "fetch server CONFIG" not in line]
    assert not problems
    if words[0] == "POST":
        assert ada.ask("PROFILE", ada.name)["posts"] == 2_561
    if words[0] == "LIKE":
        assert ada.ask("GET", facts["post"])["likes"] == 1


@pytest.mark.parametrize("version", [2, 3])
def test_redis_py_as_a_whole_client(shared_server, lines_town, version):
    ada = lines_town.person("ada")
    with client(shared_server.port, version, username=ada.name, password=PASSWORD) as redis:
        assert redis.ping() is True
        assert redis.echo("x") == "x"
        assert redis.client_id() > 0
        assert redis.client_setname("app") and redis.client_getname() == "app"
        assert redis.info()["shards"] == 2
        assert redis.time()[0] > 1_700_000_000
        assert "post" in redis.command()
        assert redis.command_count() > 50
        post = redis.execute_command("POST", "from redis-py")
        pipeline = redis.pipeline(transaction=False)
        for _ in range(50):
            pipeline.execute_command("LIKE", post)
        assert pipeline.execute() == [1] * 50
        shown = redis.execute_command("PROFILE", ada.name)
        if version == 3:
            assert shown["posts"] == 1
        else:
            assert shown[shown.index("posts") + 1] == 1


def test_nc_and_jq(shared_server, lines_town):
    ada = lines_town.person("ada")
    done = subprocess.run(
        f"printf 'PROFILE {ada.name}\\nQUIT\\n' | nc 127.0.0.1 {shared_server.port}"
        " | head -1 | jq -r .username", shell=True, capture_output=True, text=True, timeout=20)
    assert done.stdout.strip() == ada.name
