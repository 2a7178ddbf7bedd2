"""The benchmark's own tools: a tiny network, and a tiny run of each workload on a real server."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from harness.server import Server, binary, run

PEOPLE, FOLLOWS, POSTS, TOKENS = 400, 8_000, 150, 60


def bench(*arguments, timeout_s=60):
    """`roost-bench <arguments>` to its end: the release binary, or that of ROOST_BENCH_BINARY."""
    tool = os.environ.get("ROOST_BENCH_BINARY") or os.path.join(
        os.path.dirname(binary()), "roost-bench")
    assert os.path.exists(tool), "build it: swift build -c release --product roost-bench"
    return subprocess.run(
        [tool, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=timeout_s)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A made network, and what was said about it."""
    data = tmp_path_factory.mktemp("bench") / "data"
    done = bench("network", "--data", data, "--people", PEOPLE, "--follows", FOLLOWS,
                 "--posts", POSTS, "--tokens", TOKENS, "--seed", 5)
    assert done.returncode == 0, done.stderr
    return data, json.loads(done.stdout)


@pytest.fixture(scope="module")
def server(network):
    data, _ = network
    checked = run("verify", "--data", data)
    assert checked.returncode == 0, checked.stderr
    with Server(data, "--connections-max", 2_000) as server:
        yield server
        assert server.is_running, server.output


@pytest.fixture(scope="module")
def load(network, server):
    """Runs a workload on the server: what it printed."""
    _, made = network

    def load(workload, *options, tokens=True, seconds=0.2):
        tokens = ["--tokens", made["tokens"]] if tokens else []
        done = bench("load", "--address", f"127.0.0.1:{server.port}", "--workload", workload,
                     "--seconds", seconds, "--warmup", 0.05, "--json", *tokens, *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return load


def check(result, *, of=None):
    """No errors, and percentiles that ascend."""
    part = result if of is None else result[of]
    assert result["error_count"] == 0, result
    assert part["requests"] > 0
    ascending = [part[name] for name in ("p50_us", "p90_us", "p99_us", "p99_9_us", "max_us")]
    assert ascending == sorted(ascending) and ascending[0] > 0
    assert part["curve"][-1] == [1, part["max_us"]]
    return part


def test_a_network_is_what_was_asked_for(network):
    data, made = network
    asked = {"people": PEOPLE, "follows": FOLLOWS, "posts": POSTS, "likes": 5 * POSTS}
    assert {name: made[name] for name in asked} == asked
    assert made["largest_account"] > 0.9 * PEOPLE
    assert made["bytes"] > 0
    assert os.stat(made["tokens"]).st_mode & 0o777 == 0o600
    position = run("stat", "--data", data).stdout.split("\n", 1)[0].split()[-1]
    assert int(position) == made["events"]


@pytest.mark.parametrize("workload", [
    "ping", "get", "home", "timeline", "like", "follow", "post", "say", "mix"])
def test_requests_are_answered_and_measured(load, workload):
    check(load(workload, "--connections", 4, "--pipeline", 8))


@pytest.mark.parametrize("workload", ["get", "home", "timeline"])
def test_reads_of_anybody_through_a_service_token(load, workload):
    check(load(workload, "--connections", 2, "--service", seconds=0.1))


def test_a_command_of_ones_own(load):
    result = load("command", "--connections", 3, "--", "ECHO", "__n__ of __c__", ";", "PING",
                  tokens=False)
    check(result)


def test_errors_are_counted_by_their_code(load):
    result = load("command", "--connections", 1, "--", "GET", "__r:9__", tokens=False)
    assert set(result["errors"]) <= {"NOTFOUND", "INVALID"}
    assert result["error_count"] == result["requests"] > 0


def test_a_server_that_stalls_is_charged_for_all_whom_it_kept_waiting(load, server):
    """Measured from when they were due: so half of a run in which the server stood still half of
    the time is slow, though few requests were on the way."""
    rate, seconds, stall_s = 400, 1.0, 0.5

    def stall():
        time.sleep(0.3)
        os.kill(server.pid, signal.SIGSTOP)
        time.sleep(stall_s)
        os.kill(server.pid, signal.SIGCONT)

    thread = threading.Thread(target=stall)
    thread.start()
    result = load("ping", "--connections", 2, "--rate", rate, tokens=False, seconds=seconds)
    thread.join()
    check(result)
    assert result["requests"] == rate * seconds
    assert result["max_us"] > 0.8 * stall_s * 1e6
    assert result["p90_us"] > 0.5 * stall_s * 1e6


def test_fan_out_counts_what_became_visible(load):
    result = load("fanout", "--followers", 100, "--pipeline", 4)
    assert result["error_count"] == 0 and result["rounds"] > 0
    assert result["posts"] == 4 * result["rounds"]
    per_post = result["deliveries"] / result["posts"]
    assert 100 / 1.5 <= per_post <= 100 * 1.5


def test_others_are_measured_with_and_without_the_celebrity(load):
    result = load("celebrity", "--followers", 100, "--connections", 2, "--rate", 50,
                  "--celebrity-rate", 20)
    check(result, of="without")
    check(result, of="with")
    check(result, of="celebrity")
    assert result["p99_ratio"] > 0


def test_pushed_messages_all_arrive(load):
    result = load("push", "--connections", 20, "--members", 4, "--rate", 100)
    check(result)
    assert result["said"] == 20 and result["arrivals"] == 4 * result["said"]


def test_idle_connections_are_held_and_weighed(load, server):
    for pid in ([], ["--server-pid", server.pid]):
        result = load("idle", "--connections", 100, *pid, seconds=0.05)
        assert result["resident_held"] >= result["resident_before"] > 0


@pytest.mark.parametrize("words", [
    ["load"], ["load", "--address", "nowhere", "--workload", "ping"],
    ["load", "--address", "127.0.0.1:1", "--workload", "nothing"],
    ["load", "--address", "127.0.0.1:1", "--workload", "ping", "--rate", "0"],
    ["load", "--address", "127.0.0.1:1", "--workload", "ping", "--rate", "1", "--closed"],
    ["load", "--address", "127.0.0.1:1", "--workload", "home"],
    ["network"], ["network", "--data", "x", "--people", "1"], ["nothing"]])
def test_bad_usage_is_said_in_one_sentence(words):
    done = bench(*words)
    assert done.returncode == 2 and len(done.stderr.strip().split("\n")) == 1, done.stderr


def test_help_names_every_workload():
    text = bench("load", "--help").stdout
    for workload in ("ping", "get", "home", "timeline", "like", "follow", "post", "say", "mix",
                     "command", "fanout", "celebrity", "push", "idle"):
        assert f"\n  {workload} " in text
