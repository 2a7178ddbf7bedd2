"""A real `roost` process: started on a port of its own choosing, ended by its own process id."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# How much longer everything may take than on a machine of its own; tools/thread-sanitizer sets it.
SLOWNESS = float(os.environ.get("ROOST_SLOWNESS", "1"))
READY = re.compile(
    r"ready on (?:127\.0\.0\.1:(\d+)|no plain port)"
    r"(?:.*?TLS on \S+ port (\d+))?(?:.*?HTTP on port (\d+))?")


def binary():
    """The release binary, or the one that ROOST_BINARY names."""
    path = os.environ.get("ROOST_BINARY") or os.path.join(ROOT, ".build", "release", "roost")
    if not os.path.exists(path):
        raise SystemExit(
            f"there is no {os.path.relpath(path)}; build it: "
            "swift build -c release --product roost")
    return path


class StartFailed(Exception):
    """The server ended before it was ready. `status` and `output` say how."""

    def __init__(self, status, output):
        super().__init__(f"the server ended with status {status}:\n{output}")
        self.status = status
        self.output = output


class Server:
    """One server on one data directory; may be started again and again. Without limits, unless a
    flag sets them: one address does here what a whole town does elsewhere."""

    def __init__(self, data, *flags):
        self.data = str(data)
        self.flags = [str(flag) for flag in flags]
        if "--limits" not in self.flags:
            self.flags += ["--limits", "off"]
        # Beside what this process has; for the shim of tools/faults.
        self.environment = {}
        self.process = None
        self.port = None
        self.tls_port = None
        self.http_port = None
        self.lines = []
        self.reader = None

    def start(self, port=0, timeout_s=60):
        """Returns when the server says that it is ready. Port 0: one that the system chooses;
        "off": none but the one for TLS."""
        command = [binary(), "serve", "--data", self.data, "--port", str(port)] + self.flags
        self.lines = []
        ready = threading.Event()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | self.environment)
        self.reader = threading.Thread(
            target=self._read, args=(self.process.stdout, ready), daemon=True)
        self.reader.start()
        ready.wait(timeout_s * SLOWNESS)
        if self.port is None and self.tls_port is None:
            try:
                status = self.process.wait(5 if ready.is_set() else 0)
            except subprocess.TimeoutExpired:
                self.kill()
                waited = f"not ready in {timeout_s * SLOWNESS:.0f} s"
                raise StartFailed(None, f"{waited}\n{self.output}") from None
            self.reader.join(5)
            raise StartFailed(status, self.output)
        return self

    def _read(self, stream, ready):
        self.port = self.tls_port = None
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            self.lines.append(line)
            match = READY.search(line)
            if match and self.port is None and self.tls_port is None:
                self.tls_port = match.group(2) and int(match.group(2))
                self.http_port = match.group(3) and int(match.group(3))
                self.port = match.group(1) and int(match.group(1))
                ready.set()
        ready.set()

    @property
    def output(self):
        return "\n".join(self.lines)

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def admin_token(self):
        with open(os.path.join(self.data, "admin.token"), encoding="ascii") as file:
            return file.read().strip()

    def terminate(self, timeout_s=60):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout_s)

    def wait(self, timeout_s=60):
        status = self.process.wait(timeout_s * SLOWNESS)
        self.reader.join(5)
        return status

    def kill(self):
        """SIGKILL, as a crash would."""
        if self.is_running:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)

    def __enter__(self):
        return self.start() if not self.is_running else self

    def __exit__(self, *_):
        if self.is_running:
            self.kill()


def run(*arguments, timeout_s=120, **options):
    """`roost <arguments>` to its end: status, standard output and standard error."""
    return subprocess.run(
        [binary(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=timeout_s * SLOWNESS, **options)


def copy_data(source, target):
    """A copy of a data directory without what belongs to a running process."""
    shutil.copytree(source, target)
    return str(target)


def wait_until(condition, timeout_s=10, every_s=0.01):
    """Polls until the condition holds; False where it does not in time."""
    end = time.monotonic() + timeout_s * SLOWNESS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every_s)
    return False
