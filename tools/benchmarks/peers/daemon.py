"""A server process of a peer: started, waited for, ended by its own process id."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable


class PeerFailed(Exception):
    """A peer did not start or did not do what was asked; says what it said."""


class Daemon:
    """One child process whose output goes to a file."""

    def __init__(self, name: str, command: list[str], log: str) -> None:
        self.name = name
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_until(self, is_ready: Callable[[], bool], timeout_s: float = 60) -> None:
        """Returns when it is ready; PeerFailed where it ends first or takes longer."""
        end = time.monotonic() + timeout_s
        while not is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.log, encoding="utf-8", errors="replace") as file:
                    said = file.read()[-2000:]
                self.end(signal.SIGKILL)
                raise PeerFailed(f"{self.name} did not start:\n{said}")
            time.sleep(0.01)

    def end(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait()
