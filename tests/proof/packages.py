"""PgBouncer, MariaDB and tmux: the system's, else unpacked from Debian's packages into a folder that git ignores.

`python packages.py` gets what is missing and never fails: what it cannot get (no Debian, no network) it says, and the
tests that need it are skipped with that reason. Nothing is installed, no service is started, and it needs no rights.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

UNPACKED = Path(__file__).resolve().parent / ".packages"
# Where programs for services are; not everybody has these on the path.
SERVICES = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"))
PACKAGES = {"pgbouncer": "pgbouncer", "mariadbd": "mariadb-server-core", "tmux": "tmux"}
"""Programs, and Debian's packages that hold them."""
_INSTALLS = re.compile(r"^Inst (\S+)", re.MULTILINE)
_LONGEST = 120  # seconds
# As one's own user, who has a way into the folder.
_OPTIONS = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20", "-o", "APT::Sandbox::User=")


class UnavailableError(RuntimeError):
    """A program is not here; the message says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """An executable. `root`: the folder that stands for / of its package, None where it is the system's own."""

    path: Path
    root: Path | None = None

    def environment(self) -> dict[str, str]:
        """What it has to be started with: it finds the libraries that came with it."""
        if self.root is None:
            return dict(os.environ)
        folders = {str(path.parent) for path in self.root.rglob("*.so.*")}
        return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))}


def find(name: str) -> Program:
    """The program `name` of PACKAGES. Raises UnavailableError with the reason where there is none.

    With PROOF_PACKAGES=unpacked in the environment the system's own does not count.
    """
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), SERVICES))
    if os.environ.get("PROOF_PACKAGES") != "unpacked" and (found := shutil.which(name, path=path)):
        return Program(Path(found))
    root = UNPACKED / PACKAGES[name]
    for folder in ("sbin", "bin"):
        if (root / "usr" / folder / name).is_file():
            return Program(root / "usr" / folder / name, root)
    reason = root.with_suffix(".failed")
    why = reason.read_text().strip() if reason.is_file() else "`make node` gets it"
    raise UnavailableError(f"no {name} here: {why}")


def get(name: str) -> None:
    """Unpack the program's package, and those of the libraries that the system lacks.

    Raises UnavailableError with one line of why not.
    """
    missing = [tool for tool in ("apt-get", "dpkg-deb") if shutil.which(tool) is None]
    if missing:
        raise UnavailableError(f"install it; from Debian's packages it cannot be had without {' and '.join(missing)}")
    UNPACKED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED) as folder:
        work = Path(folder)
        try:
            files = _download(name, work / "system", [])
        except UnavailableError:
            # The system's lists of packages are missing or too old, so lists of our own are made.
            files = _download(name, work / "own", _lists(work / "lists"))
        root = work / "root"
        for file in files:
            _run(["dpkg-deb", "--extract", str(file), str(root)], work)
        # Another run may have been faster: what is there is the same.
        shutil.rmtree(UNPACKED / PACKAGES[name], ignore_errors=True)
        root.rename(UNPACKED / PACKAGES[name])


def _download(name: str, folder: Path, options: list[str]) -> list[Path]:
    folder.mkdir()
    package = PACKAGES[name]
    plan = _run(["apt-get", *options, "--simulate", "--no-install-recommends", "install", package], folder)
    installs = _INSTALLS.findall(plan)
    libraries = [each for each in installs if each.startswith("lib") and not each.endswith("-perl")]
    _run(["apt-get", *options, *_OPTIONS, "download", package, *libraries], folder)
    return sorted(folder.glob("*.deb"))


def _lists(folder: Path) -> list[str]:
    """Options of apt-get for lists of packages in `folder`, which are downloaded."""
    (folder / "partial").mkdir(parents=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True)
    options = ["-o", f"Dir::State::Lists={folder}", "-o", f"Dir::Cache={folder / 'cache'}"]
    strict = ["-o", "APT::Update::Error-Mode=any"]  # else it is content with what it cannot fetch
    _run(["apt-get", *options, *_OPTIONS, *strict, "update"], folder)
    return options


def _run(command: list[str], folder: Path) -> str:
    try:
        run = subprocess.run(
            command, cwd=folder, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=_LONGEST,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"{command[0]} takes longer than {_LONGEST} s") from None
    if run.returncode:
        said = [line for line in run.stderr.splitlines() if line.startswith(("E: ", "dpkg-deb: "))]
        raise UnavailableError(f"{command[0]} says {(said or ['nothing'])[0]}")
    return run.stdout


def main() -> int:
    """Get what is missing. Where that is impossible it says so, and that is no failure."""
    for name, package in PACKAGES.items():
        reason = (UNPACKED / package).with_suffix(".failed")
        try:
            find(name)
        except UnavailableError:
            reason.unlink(missing_ok=True)
            try:
                get(name)
            except (UnavailableError, OSError) as error:
                UNPACKED.mkdir(exist_ok=True)
                reason.write_text(f"{error}\n")
                print(f"no {name} here: {error}; the tests that need it are skipped", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
