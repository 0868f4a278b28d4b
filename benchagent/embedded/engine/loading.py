"""A model brought into memory: the engine imported without telemetry, opened, and tried once."""

import contextlib
import importlib.metadata
import importlib.util
import logging
import math
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from benchagent.embedded.errors import EngineError
from benchagent.embedded.model import ENGINE_CONTEXT, ServedModel

logger = logging.getLogger(__name__)

_ARCHITECTURES = ("llama", "qwen2", "qwen3")
# f32 is the only precision in which greedy replies do not depend on the processor's extras; plain
# AVX2 needs the second rung, where the first inference fails otherwise.
_LADDER: tuple[dict[str, Any], ...] = (
    {"INFERENCE_PRECISION_HINT": "f32"},
    {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0},
)
# A step cannot be interrupted: small ones make a cancel felt soon.
_TOKENS_A_STEP = 128
_WARM_UP = "The quick brown fox"
_PLACE = re.compile(r"^(\[[\d:]+\] )?/\S+:\d+: ")


def check_installed() -> None:
    """Check that the engine can be imported here.

    Raises:
        EngineError: with what to install, or that this platform has no wheel.
    """
    if importlib.util.find_spec("openvino_genai") is not None:
        return
    if _has_wheel():
        raise EngineError(
            "the embedded engine is not installed: run `pip install 'benchagent[embedded]'`, "
            "or set OLLAMA_HOST to use an Ollama"
        )
    raise EngineError(
        f"the embedded engine has no package for {_platform()}: it runs on Linux x86_64 and "
        "aarch64 (glibc), macOS arm64 and Windows x86_64. Install Ollama, and set OLLAMA_HOST if "
        "it is not on this machine's usual port"
    )


def _has_wheel() -> bool:
    here = (sys.platform, platform.machine().lower())
    if here in {("linux", "x86_64"), ("linux", "aarch64")}:
        return platform.libc_ver()[0] == "glibc"
    return here in {("darwin", "arm64"), ("win32", "amd64")}


def _platform() -> str:
    libc = "" if sys.platform != "linux" else f" ({platform.libc_ver()[0] or 'not glibc'})"
    return f"{platform.system()} {platform.machine()}{libc}"


def import_engine() -> Any:
    """Import the engine so that it reports nothing to anybody.

    Its telemetry sends a usage event and writes into the home folder at import, unless the
    telemetry package cannot be imported: then it falls back to a stub of its own.
    """
    check_installed()
    sys.modules.setdefault("openvino_telemetry", None)  # pyright: ignore[reportArgumentType]
    try:
        import openvino_genai
    except ImportError as error:
        raise EngineError(
            f"the embedded engine is installed but does not load: {error}; "
            "reinstall it with `pip install --force-reinstall 'benchagent[embedded]'`"
        ) from error
    return openvino_genai


def open_pipeline(model: ServedModel, cache: Path, *, parallel: int) -> Any:
    """Load a model and generate two tokens with it; takes seconds.

    The first load from GGUF leaves the converted model in the cache, from which later ones load in
    half the time.

    Raises:
        EngineError: the model's architecture is unknown to the engine, or it cannot run here.
    """
    genai = import_engine()
    if model.header.architecture not in _ARCHITECTURES:
        raise EngineError(
            f"{model.path}: is a {model.header.architecture} model; the embedded engine reads "
            f"{', '.join(_ARCHITECTURES)}: use another GGUF file, or Ollama"
        )
    converted = cache / f"converted-{model.digest[:12]}-{_engine_version()}"
    if (converted / "openvino_model.xml").is_file():
        try:
            return _try_ladder(genai, model, converted, parallel=parallel)
        except EngineError as error:
            logger.warning("%s: not usable, loading the weights instead: %s", converted, error)
            shutil.rmtree(converted, ignore_errors=True)
    with _converting(model, converted) as staged:
        return _try_ladder(genai, model, staged, parallel=parallel)


def _engine_version() -> str:
    return importlib.metadata.version("openvino-genai")


def _try_ladder(genai: Any, model: ServedModel, source: Path, *, parallel: int) -> Any:
    failures: list[str] = []
    for properties in _LADDER:
        try:
            pipeline = _open(genai, source, _scheduler(genai, model, parallel), properties)
            _warm_up(genai, pipeline)
        except RuntimeError as error:
            failures.append(engine_reason(error))
        else:
            return pipeline
    raise EngineError(
        f"{model.path}: the embedded engine cannot run this model on this machine "
        f"({platform.machine()}): {failures[-1]}. Use Ollama instead, with OLLAMA_HOST set"
    )


def _open(genai: Any, source: Path, scheduler: Any, properties: dict[str, Any]) -> Any:
    if source.is_dir():
        return genai.ContinuousBatchingPipeline(str(source), scheduler, "CPU", properties)
    keep = source.parent.name.startswith(".converting-")
    tokenizer = genai.Tokenizer(str(source), enable_save_ov_model=keep)
    return genai.ContinuousBatchingPipeline(
        str(source), tokenizer, scheduler, "CPU", enable_save_ov_model=keep, **properties
    )


def _scheduler(genai: Any, model: ServedModel, parallel: int) -> Any:
    scheduler = genai.SchedulerConfig()
    scheduler.cache_size = _cache_gb(model, parallel)
    scheduler.enable_prefix_caching = True
    scheduler.max_num_seqs = parallel
    scheduler.max_num_batched_tokens = _TOKENS_A_STEP
    return scheduler


def _cache_gb(model: ServedModel, parallel: int) -> int:
    """Room for the attention cache: every request at full length, and twice that for prefixes."""
    header, name = model.header, model.header.architecture
    heads = max(header.whole(f"{name}.attention.head_count", 1), 1)
    kv_heads = header.whole(f"{name}.attention.head_count_kv", heads)
    width = header.whole(f"{name}.embedding_length") // heads
    # Keys and values in 8 bits, with scales: measured 1.2 bytes each.
    token_bytes = 2 * header.whole(f"{name}.block_count") * kv_heads * width * 1.2
    return max(1, math.ceil(3 * parallel * ENGINE_CONTEXT * token_bytes / 2**30))


def _warm_up(genai: Any, pipeline: Any) -> None:
    config = genai.GenerationConfig()
    config.max_new_tokens = 2
    config.ignore_eos = True
    config.apply_chat_template = False
    pipeline.generate([_WARM_UP], [config])


@contextlib.contextmanager
def _converting(model: ServedModel, converted: Path) -> Iterator[Path]:
    """Yield a place to load the weights from, where the engine leaves its converted model.

    It writes beside the weights, slowly and not at once, so they are linked into a folder of their
    own that gets its lasting name in the end. Where that fails, the load is merely not remembered.
    """
    lock = FileLock(converted.parent / ".converting.lock")
    try:
        converted.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except (OSError, Timeout):
        yield model.path
        return
    try:
        for left_behind in converted.parent.glob(".converting-*/"):
            shutil.rmtree(left_behind, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=".converting-", dir=converted.parent))
        link = folder / "model.gguf"
        try:
            yield _linked(model.path, link)
            link.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rename(converted)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def _linked(weights: Path, link: Path) -> Path:
    for make in (os.symlink, os.link):
        try:
            make(weights.resolve(), link)
        except OSError:
            continue
        return link
    return weights


def engine_reason(error: RuntimeError) -> str:
    """Return the sentence of an engine's error without the place in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return _PLACE.sub("", lines[-1]) if lines else "the engine gave no reason"
