"""Where the benchmarks keep what they make: networks, programs, and the directories of a run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

# Not below the checkout, as PostgreSQL's own user must reach it; not on /tmp, which may be memory.
DEFAULT_DIRECTORY = "/var/tmp/roost-benchmarks"


class Workplace:
    """A directory that outlives the run (networks are large) with one in it that does not."""

    def __init__(self, directory: str) -> None:
        self.directory = os.path.abspath(directory)
        os.makedirs(self.directory, mode=0o755, exist_ok=True)
        self.scratch = tempfile.mkdtemp(prefix="run-", dir=self.directory)
        os.chmod(self.scratch, 0o755)

    def kept(self, name: str) -> str:
        """A path that the next run finds again."""
        return os.path.join(self.directory, name)

    def new(self, name: str) -> str:
        """A path of this run, at which nothing is."""
        return os.path.join(tempfile.mkdtemp(prefix=f"{name}-", dir=self.scratch), name)

    def copy(self, source: str, name: str) -> str:
        """A copy of a directory, sharing blocks where the file system can."""
        target = self.new(name)
        subprocess.run(["cp", "-r", "--reflink=auto", source, target], check=True)
        return target

    def remove(self, path: str) -> None:
        """Removes what `new` or `copy` made."""
        shutil.rmtree(os.path.dirname(path))

    def close(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
