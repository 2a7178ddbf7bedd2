"""The small C programs beside this file, compiled on first use."""

from __future__ import annotations

import os
import subprocess

from benchmarks.workplace import Workplace

_SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "native")
_FLAGS = ["-std=gnu11", "-O2", "-march=native", "-Wall", "-Wextra", "-Werror"]


def _compiled(workplace: Workplace, name: str, *libraries: str) -> str:
    """The program's path. Compiled for this machine, once in a run."""
    path = os.path.join(workplace.scratch, name)
    if not os.path.exists(path):
        source = os.path.join(_SOURCES, f"{name}.c")
        subprocess.run(["cc", *_FLAGS, "-o", path, source, *libraries], check=True)
    return path


def _numbers(*command: str) -> list[float]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def memory_limit(workplace: Workplace, people: int, followers: int, seconds: float) -> float:
    """Deliveries per second that one thread could make if it did nothing but write."""
    program = _compiled(workplace, "memory_limit")
    return _numbers(program, str(people), str(followers), str(seconds))[0]


def lmdb_limit(
    workplace: Workplace, entries: int, entry_bytes: int, batch: int, seconds: float
) -> tuple[float, float, float]:
    """Entries per second that LMDB writes in one transaction, reads through a cursor, and commits
    and syncs in batches."""
    program = _compiled(workplace, "lmdb_limit", "-llmdb")
    directory = workplace.new("lmdb")
    os.makedirs(directory)
    written, read, synced = _numbers(
        program, directory, str(entries), str(entry_bytes), str(batch), str(seconds))
    workplace.remove(directory)
    return written, read, synced
