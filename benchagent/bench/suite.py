"""A prompt suite: a text file with one prompt per line; empty lines and `#` lines say nothing."""

from collections import Counter
from pathlib import Path

from benchagent.bench.errors import BenchError


def read_suite(path: Path) -> tuple[str, ...]:
    """The prompts of a file, in its order.

    Raises:
        BenchError: there is no such file, it is no UTF-8 text, has no prompt, or one twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BenchError(
            f"{path}: the prompts cannot be read ({error.strerror}); name a text file with one "
            "prompt per line"
        ) from error
    except UnicodeDecodeError as error:
        raise BenchError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    prompts = read_prompts(text)
    if not prompts:
        raise BenchError(f"{path} has no prompt; write one per line")
    twice = [prompt for prompt, count in Counter(prompts).items() if count > 1]
    if twice:
        raise BenchError(f"{path} has the prompt {twice[0][:60]!r} twice; name each once")
    return prompts


def read_prompts(text: str) -> tuple[str, ...]:
    """The prompts of a text, each with its runs of white space as one space."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return tuple(line for line in lines if line and not line.startswith("#"))
