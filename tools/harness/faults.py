"""The shim between a server and its disk (tools/faults/shim.c), compiled when it is needed."""

import os
import shutil
import subprocess
import sys
import tempfile

from harness.server import ROOT

SOURCE = os.path.join(ROOT, "tools", "faults", "shim.c")
LIBRARY = os.path.join(ROOT, ".build", "faults", "shim.so")


def library():
    """The compiled shim, anew if its source has changed."""
    if os.path.exists(LIBRARY) and os.path.getmtime(LIBRARY) > os.path.getmtime(SOURCE):
        return LIBRARY
    compiler = next((name for name in ("cc", "clang", "gcc") if shutil.which(name)), None)
    if compiler is None:
        raise SystemExit("faults: there is no C compiler; tools/install-packages --peers has one")
    os.makedirs(os.path.dirname(LIBRARY), exist_ok=True)
    # Under another name first: tests beside each other compile it at the same time.
    made = f"{LIBRARY}.{os.getpid()}"
    subprocess.run(
        [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-fPIC", "-shared",
         "-o", made, SOURCE], check=True)
    os.replace(made, LIBRARY)
    return LIBRARY


def environment(root, log=None, rules=None, fired=None, clock=None):
    """What a server's process needs, so that its files under `root` go through the shim."""
    values = {"LD_PRELOAD": library(), "FAULTS_ROOT": os.path.abspath(root)}
    for name, value in (("LOG", log), ("RULES", rules), ("FIRED", fired), ("CLOCK", clock)):
        if value:
            values[f"FAULTS_{name}"] = str(value)
    return values


def directory_in_memory(prefix):
    """A new directory, in memory where there is one of that kind."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    return tempfile.mkdtemp(prefix=prefix, dir=memory)


def finish(tool, directory, wrong):
    """The exit status. The directory is kept if there is something wrong, and removed if not."""
    if wrong:
        print(f"{tool}: kept in {directory}", file=sys.stderr)
        return 1
    shutil.rmtree(directory)
    return 0


def fired(path):
    """Each time that a rule fired: operation, path, and the how-manieth call that was."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [line.rsplit(" ", 1)[0] for line in file.read().splitlines()]
