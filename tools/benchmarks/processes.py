"""What the kernel says about a process that is measured, and ports that are free."""

from __future__ import annotations

import os
import resource
import socket

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _memory_bytes(pid: int, name: str) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    raise ProcessLookupError(f"process {pid} has no resident memory")


def resident_bytes(pid: int) -> int:
    """Resident memory, shared pages included."""
    return _memory_bytes(pid, "VmRSS")


def private_bytes(pid: int) -> int:
    """Resident memory that is not a file's: without the pages of a mapped journal, which the kernel
    takes back when it needs them."""
    return _memory_bytes(pid, "RssAnon")


def _seconds(stat: str) -> float:
    # The name in parentheses may hold blanks; user and system time are the 12th and 13th after it.
    fields = stat.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def processor_seconds(pid: int) -> float:
    """User and system time of all threads so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return _seconds(file.read())


def thread_seconds(pid: int) -> dict[int, float]:
    """User and system time so far, by thread."""
    seconds = {}
    for name in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{name}/stat", encoding="ascii", errors="replace") as file:
                seconds[int(name)] = _seconds(file.read())
        except FileNotFoundError:
            continue
    return seconds


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raise_descriptor_limit() -> int:
    """As many open files as this process may have, for it and its children; how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
