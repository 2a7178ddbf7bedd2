"""Redis 7 in a directory of its own, as the peer of feeds that are pushed."""

from __future__ import annotations

import os
import signal
from enum import Enum

import redis

from benchmarks.peers.daemon import Daemon
from benchmarks.processes import free_port


class Appending(Enum):
    """When Redis syncs its append-only file."""

    NEVER = "no append-only file"
    EVERY_SECOND = "appendfsync everysec"
    ALWAYS = "appendfsync always"


# What is different from Redis' own defaults: nothing rewrites or saves during a measurement.
# One thread for commands is Redis' design; its I/O threads would take the core of the load client.
SETTINGS = {
    "save": "", "auto-aof-rewrite-percentage": "0", "protected-mode": "no", "bind": "127.0.0.1",
    "maxclients": "20000", "tcp-backlog": "511",
}


class RedisServer:
    """One `redis-server`, empty at first."""

    def __init__(self, directory: str, appending: Appending) -> None:
        self.appending = appending
        os.makedirs(directory)
        self.port = free_port()
        words = ["redis-server", "--port", str(self.port), "--dir", directory]
        for name, value in SETTINGS.items():
            words += [f"--{name}", value]
        if appending is not Appending.NEVER:
            mode = "always" if appending is Appending.ALWAYS else "everysec"
            words += ["--appendonly", "yes", "--appendfsync", mode]
        self.client = redis.Redis(port=self.port, socket_timeout=600)
        self.daemon = Daemon("redis-server", words, f"{directory}.log")
        self.daemon.wait_until(self._is_ready)

    def _is_ready(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.exceptions.ConnectionError:
            return False
        except redis.exceptions.BusyLoadingError:
            return False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.daemon.pid

    def close(self) -> None:
        self.client.close()
        self.daemon.end(signal.SIGTERM)
