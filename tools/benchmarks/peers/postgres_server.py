"""PostgreSQL 15 in a directory of its own, tuned for a database that fits into memory."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

from benchmarks.peers.daemon import Daemon, PeerFailed
from benchmarks.processes import free_port

POSTGRES_BIN = "/usr/lib/postgresql/15/bin"
# Debian's package makes this user; PostgreSQL refuses to run as root.
SYSTEM_USER = "postgres"
DATABASE_USER = "bench"


def settings(memory_bytes: int) -> dict[str, str]:
    """What is different from PostgreSQL's own defaults, all of it in its favour: enough memory for
    everything, and neither checkpoints nor vacuum during a measurement."""
    megabytes = memory_bytes // 2**20
    return {
        "shared_buffers": f"{min(megabytes // 4, 4096)}MB",
        "effective_cache_size": f"{megabytes // 2}MB",
        "work_mem": "64MB", "maintenance_work_mem": "512MB",
        "max_connections": "200",
        "max_wal_size": "16GB", "checkpoint_timeout": "1h", "autovacuum": "off",
        "wal_level": "minimal", "max_wal_senders": "0", "wal_buffers": "64MB",
        "jit": "off", "random_page_cost": "1.1",
        "listen_addresses": "127.0.0.1", "logging_collector": "off",
    }


def _as_server_user(*words: str) -> list[str]:
    """The command as the user that PostgreSQL may run as."""
    if os.geteuid() != 0:
        return list(words)
    return [
        "setpriv", f"--reuid={SYSTEM_USER}", f"--regid={SYSTEM_USER}", "--init-groups", *words]


class PostgresServer:
    """One cluster with one database, empty at first."""

    def __init__(self, directory: str) -> None:
        os.makedirs(directory)
        if os.geteuid() == 0:
            shutil.chown(os.path.dirname(directory), SYSTEM_USER)
            shutil.chown(directory, SYSTEM_USER)
            if subprocess.run(_as_server_user("test", "-w", directory)).returncode != 0:
                raise PeerFailed(
                    f"the user {SYSTEM_USER}, as whom PostgreSQL has to run, cannot reach "
                    f"{directory}: choose another place with --work")
        self.port = free_port()
        self._run(_as_server_user(
            f"{POSTGRES_BIN}/initdb", "-D", directory, "-U", DATABASE_USER, "-A", "trust",
            "-E", "UTF8", "--locale=C", "--no-sync"))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        words = [
            f"{POSTGRES_BIN}/postgres", "-D", directory, "-p", str(self.port), "-k", directory]
        for name, value in settings(memory).items():
            words += ["-c", f"{name}={value}"]
        self.daemon = Daemon("postgres", _as_server_user(*words), f"{directory}.log")
        self.daemon.wait_until(self._is_ready)

    def _is_ready(self) -> bool:
        return subprocess.run(
            [f"{POSTGRES_BIN}/pg_isready", "-q", *self.where], check=False).returncode == 0

    @property
    def where(self) -> list[str]:
        """The options that lead a client program to it, over loopback TCP as everybody else."""
        return ["-h", "127.0.0.1", "-p", str(self.port), "-U", DATABASE_USER, "-d", "postgres"]

    @staticmethod
    def _run(command: list[str], given: bytes | None = None) -> str:
        done = subprocess.run(command, input=given, capture_output=True)
        if done.returncode != 0:
            raise PeerFailed(f"{command[0]}: {done.stderr.decode(errors='replace')[-2000:]}")
        return done.stdout.decode()

    def sql(self, text: str) -> str:
        """Runs statements and returns what they print, bare."""
        return self._run(
            [f"{POSTGRES_BIN}/psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", *self.where],
            text.encode())

    def close(self) -> None:
        # Fast shutdown.
        self.daemon.end(signal.SIGINT)
