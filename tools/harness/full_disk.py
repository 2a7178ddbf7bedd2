"""Fills a real file system of a few MiB under a server, gives it room again, and looks for
everything that was acknowledged. Needs the right to mount a tmpfs."""

import argparse
import os
import subprocess
import sys
import tempfile

from harness.check import Mismatch
from harness.clients import Lines
from harness.server import Server, StartFailed, run

PASSWORD = "correct horse battery"


def fill(server, round_number, acknowledged):
    """Writes until the server ends; returns its last words."""
    with Lines(server.port, timeout_s=120) as lines:
        if acknowledged:
            lines.ask("AUTH", "ada", PASSWORD)
        else:
            lines.ask("SIGNUP", "ada", PASSWORD)
        number = 0
        try:
            while True:
                text = f"{round_number} {number} " + os.urandom(1_500).hex()
                acknowledged[lines.ask("POST", text)] = text
                number += 1
        except (EOFError, ConnectionError):
            pass
    if server.wait() != 1:
        raise Mismatch(f"ended with {server.process.returncode}")
    return server.output.splitlines()[-1]


def check(server, acknowledged):
    with Lines(server.port) as lines:
        for post, text in acknowledged.items():
            if lines.ask("GET", post)["text"] != text:
                raise Mismatch(f"post {post} is another")


def check_lock_files(server, directory, size):
    """LMDB writes to its lock files through maps: without room, a hole would be a SIGBUS."""
    for part in ("journal", "keys"):
        os.remove(os.path.join(server.data, part, "lock.mdb"))
    subprocess.run(["mount", "-o", f"remount,size={size}m", directory], check=False)
    filler = os.path.join(directory, "filler")
    try:
        with open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4_096))
    except OSError:
        pass
    try:
        server.start()
        raise Mismatch("it starts, with no room for its lock files")
    except StartFailed as failed:
        if failed.status != 1 or "No space left on device" not in failed.output:
            raise
        print(f"no room for lock files: {failed.output.splitlines()[-1]}")
    os.remove(filler)
    subprocess.run(["mount", "-o", f"remount,size={4 * size}m", directory], check=True)
    server.start()
    if server.terminate() != 0:
        raise Mismatch(f"with room for lock files it ended with {server.output}")


def play(directory, options):
    acknowledged = {}
    server = Server(os.path.join(directory, "data"), "--snapshot-every", 500)
    for number in range(1, options.rounds + 1):
        size = number * options.mib
        subprocess.run(
            ["mount", "-o", f"remount,size={size}m", directory], check=True)
        server.start()
        check(server, acknowledged)
        before = len(acknowledged)
        words = fill(server, number, acknowledged)
        if "No space left on device" not in words:
            raise Mismatch(f"its last words are {words}")
        print(f"{size} MiB: full after {len(acknowledged) - before} posts: {words}")
        # Without room: it ends with a sentence, or serves what is there if its file has gaps.
        try:
            server.start()
        except StartFailed as failed:
            if failed.status != 1:
                raise
            print(f"{size} MiB: a start without room: {failed.output.splitlines()[-1]}")
        else:
            check(server, acknowledged)
            server.kill()
            print(f"{size} MiB: a start without room serves what is there")
    subprocess.run(["mount", "-o", f"remount,size={4 * size}m", directory], check=True)
    server.start()
    check(server, acknowledged)
    if server.terminate() != 0:
        raise Mismatch(f"with room again it ended with {server.output}")
    verified = run("verify", "--data", server.data)
    if verified.returncode != 0:
        raise Mismatch(f"verify: {verified.stderr}")
    check_lock_files(server, directory, size)
    print(f"full {options.rounds} times: all {len(acknowledged)} acknowledged posts are there")


def main():
    parser = argparse.ArgumentParser(prog="tools/full-disk", description=__doc__)
    parser.add_argument("--mib", type=int, default=4, help="room that is given each time")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="roost-full-")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={options.mib}m", "roost-full", directory]
    if subprocess.run(mount, check=False).returncode != 0:
        print("full-disk: a tmpfs cannot be mounted here", file=sys.stderr)
        return 2
    try:
        play(directory, options)
    except (Mismatch, StartFailed) as problem:
        print(f"full-disk: {problem}", file=sys.stderr)
        return 1
    finally:
        subprocess.run(["umount", "-l", directory], check=True)
        os.rmdir(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
