"""Redis and PostgreSQL for a test: the machine's own, or Debian's packages unpacked beside it.

Nothing is installed: packages are downloaded as any user may and unpacked into a folder of the
test. Where that cannot be, `ServerMissing` says why.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchagent_tests.patience import eventually
from benchagent_tests.running import free_port

APT_S = 120


class ServerMissing(Exception):
    """A server's program is not on this machine and cannot be had; the message says why."""


def find_program(name: str, package: str, folder: Path) -> Path:
    """A program: on this machine, else out of Debian's package.

    Raises:
        ServerMissing: neither.
    """
    places = [*os.environ["PATH"].split(os.pathsep)]
    places += map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    found = shutil.which(name, path=os.pathsep.join(places))
    return Path(found) if found else _unpacked(name, package, folder)


def _unpacked(name: str, package: str, folder: Path) -> Path:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise ServerMissing(f"{name} is not on this machine, and apt-get is not there to fetch it")
    folder.mkdir(parents=True, exist_ok=True)
    plan = ["apt-get", "--simulate", "--no-install-recommends", "install", package]
    said = _run(plan, folder)
    if said is None and os.getuid() == 0:
        _run(["apt-get", "-qq", "update"], folder)
        said = _run(plan, folder)
    if said is None:
        raise ServerMissing(f"{name} is not on this machine, and apt-get knows no {package}")
    wanted = re.findall(r"^Inst (\S+)", said, flags=re.MULTILINE)
    if _run(["apt-get", "-qq", "download", *wanted], folder) is None:
        raise ServerMissing(f"{name} is not on this machine, and {package} cannot be downloaded")
    root = folder / "root"
    for each in folder.glob("*.deb"):
        _run(["dpkg-deb", "-x", str(each), str(root)], folder)
    programs = [path for path in root.rglob(f"bin/{name}") if os.access(path, os.X_OK)]
    if not programs:
        raise ServerMissing(f"{name} is not in {package}")
    return programs[0]


def _run(command: list[str], folder: Path) -> str | None:
    """What a command prints; None where it fails."""
    quiet = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=quiet,
            capture_output=True,
            text=True,
            timeout=APT_S,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout


def _libraries(program: Path) -> dict[str, str]:
    """Lets an unpacked program find the libraries that came with it."""
    roots = [parent for parent in program.parents if parent.name == "root"]
    if not roots:
        return {}
    folders = {str(path.parent) for path in roots[0].rglob("*.so*")}
    return {"LD_LIBRARY_PATH": os.pathsep.join(sorted(folders))}


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """A Redis of one's own; gives its address."""
    program = find_program("redis-server", "redis-server", folder / "redis")
    port = free_port()
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1"]
    log = folder / "redis.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--save", "", "--dir", str(folder)],
            env={**os.environ, **_libraries(program)},
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_it_says("Ready to accept connections", log, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


@contextmanager
def running_postgres() -> Iterator[str]:
    """A PostgreSQL of one's own; gives its address as SQLAlchemy wants it."""
    # It refuses to be root, and another user cannot enter a test's folder.
    home = Path(tempfile.mkdtemp(prefix="benchagent-postgres-"))
    user = _unprivileged()
    if user:
        os.chown(home, user, -1)
    try:
        initdb = find_program("initdb", "postgresql", home / "programs")
        with _postgres(initdb, initdb.with_name("postgres"), home, user) as url:
            yield url
    finally:
        shutil.rmtree(home)


@contextmanager
def _postgres(initdb: Path, postgres: Path, home: Path, user: int | None) -> Iterator[str]:
    data, port = home / "data", free_port()
    environ = {**os.environ, **_libraries(postgres), "LC_ALL": "C"}
    subprocess.run(
        [
            str(initdb),
            "-D",
            str(data),
            "-U",
            "benchagent",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        cwd=home,
        env=environ,
        user=user,
        timeout=APT_S,
    )
    log = home / "log"
    settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}"]
    chosen = [part for each in [*settings, "fsync=off"] for part in ("-c", each)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(postgres), "-D", str(data), *chosen],
            cwd=home,
            env=environ,
            user=user,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_it_says("ready to accept connections", log, server)
        yield f"postgresql+psycopg2://benchagent@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_says(words: str, log: Path, server: subprocess.Popen[bytes]) -> None:
    def said() -> bool:
        text = log.read_text("utf-8")
        assert server.poll() is None, text
        return words in text

    eventually(said, f"{words!r} in {log}")


def _unprivileged() -> int | None:
    """Another user's id where this one is root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServerMissing("PostgreSQL refuses to run as root, and there is no user nobody")
