"""Clients that mean harm, each kind in a process of its own, and how long others wait meanwhile.

Rounds without and with them take turns, so that what else the machine does falls on both alike."""

import asyncio
import contextlib
import multiprocessing
import os
import random
import resource
import socket
import statistics
import struct
import sys
import time

from .clients import Lines, Refused
from .server import wait_until

PASSWORD = "correct horse battery"


# What they do. Each runs until it is killed, and counts in `done` what it has done.

async def _connect(port, **options):
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port, **options)
        except OSError:
            await asyncio.sleep(0.05)


async def _forever(count, one, done):
    async def again(number):
        while True:
            try:
                await one(number, done)
            except (OSError, asyncio.IncompleteReadError, EOFError):
                await asyncio.sleep(0.01)

    await asyncio.gather(*(again(number) for number in range(count)))


async def log_ins(server, done):
    """AUTH with wrong passwords, on 64 connections, for people who are there and who are not."""
    async def one(number, done):
        reader, writer = await _connect(server.port)
        while True:
            name = "ada" if number % 2 else f"nobody{number}"
            writer.write(f'AUTH {name} "not the password"\n'.encode())
            if not await reader.readline():
                return
            done.value += 1

    await _forever(64, one, done)


async def log_ins_past_the_queue(server, done):
    """As log_ins, on 400 connections: more than may wait for their turn."""
    async def one(number, done):
        reader, writer = await _connect(server.port)
        while True:
            writer.write(f'AUTH nobody{number} "not the password"\n'.encode())
            if not await reader.readline():
                return
            done.value += 1
            await asyncio.sleep(0.05)

    await _forever(400, one, done)


async def slowloris(server, done):
    """1 000 connections that send a byte of a request each second, and never its end."""
    async def one(_, done):
        _, writer = await _connect(server.port)
        while True:
            writer.write(b"x")
            await writer.drain()
            done.value += 1
            await asyncio.sleep(1)

    await _forever(1_000, one, done)


async def deaf(server, done):
    """200 connections that ask without end and read nothing."""
    async def one(_, done):
        _, writer = await _connect(server.port, limit=4_096)
        request = b"*2\r\n$4\r\nECHO\r\n$1000\r\n" + b"x" * 1_000 + b"\r\n"
        while True:
            writer.write(request * 16)
            await writer.drain()
            done.value += 16

    await _forever(200, one, done)


async def big_headers(server, done):
    """64 connections that announce 1 GiB, again and again."""
    await _refused(server, done, b"*2\r\n$4\r\nECHO\r\n$1073741824\r\n")


async def nested_arrays(server, done):
    """64 connections that send arrays of arrays of arrays."""
    await _refused(server, done, b"*2\r\n" * 4_000)


async def _refused(server, done, sent):
    async def one(_, done):
        reader, writer = await _connect(server.port)
        writer.write(sent)
        await reader.read()
        writer.close()
        done.value += 1
        await asyncio.sleep(0.01)

    await _forever(64, one, done)


async def connections(server, done):
    """Connects as fast as it can, stays for a second, says nothing; up to 2 000 at once."""
    async def one(_, done):
        _, writer = await _connect(server.port)
        done.value += 1
        await asyncio.sleep(1)
        writer.transport.abort()

    await _forever(2_000, one, done)


async def half_handshakes(server, done):
    """1 500 connections that begin TLS and say no more: more than may be at it."""
    async def one(_, done):
        reader, writer = await _connect(server.tls_port)
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        done.value += 1
        await reader.read()
        writer.close()

    await _forever(1_500, one, done)


async def handshakes(server, done):
    """Shakes hands and hangs up, on 32 connections at a time."""
    import ssl
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    async def one(_, done):
        _, writer = await _connect(server.tls_port, ssl=context)
        writer.transport.abort()
        done.value += 1

    await _forever(32, one, done)


KINDS = {
    kind.__name__.replace("_", "-"): kind for kind in [
        log_ins, log_ins_past_the_queue, slowloris, deaf, big_headers, nested_arrays, connections,
        half_handshakes, handshakes]}


@contextlib.contextmanager
def attacking(kind, server):
    """Has clients of this kind at work; gives the number of what they have done."""
    # One that has no threads of ours.
    context = multiprocessing.get_context("fork")
    done = context.Value("q", 0, lock=False)

    def work():
        # Whoever measures goes before whoever is measured against.
        os.nice(19)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        sys.stderr = open(os.devnull, "w")
        asyncio.run(KINDS[kind](server, done))

    process = context.Process(target=work, daemon=True)
    process.start()
    try:
        yield done
    finally:
        process.kill()
        process.join()


# How others fare.

class Others:
    """People who read and write while that goes on, and know what they wrote."""

    def __init__(self, server, name="ada", count=4):
        self.server = server
        self.name = name
        self.random = random.Random(1)
        self.posts = []
        with Lines(server.port) as first:
            try:
                first.ask("SIGNUP", name, PASSWORD)
            except Refused:
                first.ask("AUTH", name, PASSWORD)
            token = first.ask("TOKEN", "NEW")["token"]
        self.connections = [Lines(server.port, timeout_s=60) for _ in range(count)]
        for connection in self.connections:
            connection.ask("AUTH", token)
        self.posts.append(self.connections[0].ask("POST", "the first"))

    def live(self, seconds):
        """The seconds that each read and each write took."""
        reads, writes = [], []
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end or not (reads and writes):
            connection = self.connections[number % len(self.connections)]
            is_write = number % 10 == 0
            began = time.perf_counter()
            if is_write:
                self.posts.append(connection.ask("POST", f"number {len(self.posts)}"))
            elif number % 2:
                connection.ask("GET", self.random.choice(self.posts))
            else:
                connection.ask("TIMELINE", self.name, "COUNT", 20)
            (writes if is_write else reads).append(time.perf_counter() - began)
            number += 1
            time.sleep(0.001)
        return reads, writes

    def lost(self):
        """What was acknowledged and is not there."""
        found, cursor = set(), []
        while True:
            page = self.connections[0].ask("TIMELINE", self.name, "COUNT", 200, *cursor)
            found.update(item["id"] for item in page["items"])
            if page["end"]:
                return sorted(set(self.posts) - found)
            cursor = ["AFTER", page["cursor"]]

    def close(self):
        for connection in self.connections:
            connection.close()


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Measured:
    """Figures of one kind, in milliseconds: medians over the rounds."""

    def __init__(self, kind, quiet, hostile, done, lost, rss_mib):
        self.kind = kind
        self.done = done
        self.lost = lost
        self.rss_mib = rss_mib
        self.figures = {}
        for what, index in [("read", 0), ("write", 1)]:
            for share in (0.5, 0.99):
                pair = [
                    statistics.median(quantile(times[index], share) for times in rounds) * 1e3
                    for rounds in (quiet, hostile)]
                self.figures[what, share] = pair

    def ratio(self, what, share=0.99):
        quiet, hostile = self.figures[what, share]
        return hostile / quiet


def rss_mib(server):
    with open(f"/proc/{server.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def measure(server, kind, rounds=5, seconds=4.0):
    """Rounds without and with clients of this kind, in turns."""
    others = Others(server)
    quiet, hostile, done_in_all, memory = [], [], 0, 0.0
    others.live(min(1.0, seconds))
    for _ in range(rounds):
        quiet.append(others.live(seconds))
        with attacking(kind, server) as done:
            # Until they are at it.
            wait_until(lambda: done.value > 0, 10)
            time.sleep(0.5)
            before = done.value
            hostile.append(others.live(seconds))
            done_in_all += done.value - before
            memory = max(memory, rss_mib(server))
        # Their connections end.
        wait_until(lambda: _open(others) <= len(others.connections) + 1, 30)
    lost = others.lost()
    others.close()
    return Measured(kind, quiet, hostile, done_in_all / (rounds * seconds), lost, memory)


def _open(others):
    text = others.connections[0].ask("INFO", "clients")
    return int(text.split("connected_clients:")[1].split("\r")[0])
