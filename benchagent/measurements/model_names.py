"""What a name of a model looks like, to those who find one where nothing says that it is one."""

import re
from typing import Final

FAMILIES: Final = (
    "gemma|llama|codellama|tinyllama|qwen|phi|mistral|mixtral|smollm|deepseek|granite|falcon|"
    "command-r|olmo|stablelm|vicuna|starcoder|yi|glm|kimi|gpt-oss|nemotron|exaone|aya|solar|"
    "codegemma|openchat|zephyr|hermes|dolphin|internlm|minicpm|devstral|ministral|magistral|"
    "hunyuan|ernie|apertus|qwq|rwkv"
)
FAMILY: Final = re.compile(rf"(?:{FAMILIES})(?:[0-9]+(?:\.[0-9]+)?)?", re.IGNORECASE)
_TAGGED: Final = re.compile(r"[a-z][\w./-]*:[\w.-]*[a-z][\w.-]*", re.IGNORECASE)
# `llama.cpp` and `ollama` run models and are none
_NAMED: Final = re.compile(
    rf"(?:[\w.-]+/)?(?:meta-)?{FAMILY.pattern}(?!\.cpp)(?:[-_: ].*)?", re.IGNORECASE
)
_SIZE: Final = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]+)?[bm](?![a-z])", re.IGNORECASE)


def names_model(text: str) -> bool:
    """Whether a text is a model's name: a family that models are named after, or a tag."""
    plain = text.strip()
    return bool(_TAGGED.fullmatch(plain) or _NAMED.fullmatch(plain))


# What stands beside a family in the whole name of a model; `3060` is a card.
_PART: Final = re.compile(
    r"[0-9]{1,2}(?:\.[0-9]{1,2})?|e?[0-9]{1,3}(?:\.[0-9]+)?[bm]|[0-9]{1,2}x[0-9]{1,3}b|v[0-9](?:\.[0-9])?|r1|"
    r"instruct|it|chat|base|coder|code|math|vision|vl|nemo|mini|nano|tiny|small|medium|large|distill|moe|"
    r"thinking|preview|gguf|awq|gptq|mlx|[48]-?bit",
    re.IGNORECASE,
)


def is_title_of_model(text: str) -> bool:
    """Whether a heading is a model's name and nothing else (`Llama 3.2 3B Instruct (Q4_K_M)`)."""
    first, *rest = re.sub(r"[()\[\]]", " ", text).split() or [""]
    parts = (
        _PART.fullmatch(word) or FAMILY.fullmatch(word) or names_quantization(word) for word in rest
    )
    return is_model(text) and names_model(first) and all(parts)


def is_model(text: str) -> bool:
    """Whether a text is a model's name beyond doubt: `warm:decode` has no size and is of no family."""
    plain = text.strip()
    return names_model(plain) and (bool(_SIZE.search(plain)) or FAMILY.match(plain) is not None)


# What weights are stored in, but for the quantisations of llama.cpp.
STORED: Final = r"b?f(?:p|loat)?(?:16|32)|fp8|int[48]|awq|gptq|nf4"
_STORED: Final = rf"(?:i?q[0-9]\w*|{STORED})"
_QUANTIZATION: Final = re.compile(rf"(?:.*[-_:])?{_STORED}", re.IGNORECASE)


def names_quantization(text: str) -> bool:
    """Whether a text is, or ends in, the name of a quantisation (`Q4_K_M`, `8b-instruct-q4_0`)."""
    return bool(_QUANTIZATION.fullmatch(text.strip()))


# What tells the members of a family apart, or whose they are, and changes no tokenizer.
_NO_FAMILY: Final = re.compile(
    rf"(?<![a-z0-9])(?:{_STORED}|e?[0-9]+(?:\.[0-9]+)?[bm]|[0-9]+x[0-9]+b|instruct|it|chat|base|qat|"
    r"gguf|meta|latest)(?![a-z0-9])",
    re.IGNORECASE,
)
_MINOR: Final = re.compile(r"(?<=[0-9])\.[0-9]+")


def family_of(model: str) -> str:
    """What a model shares its tokenizer with, by its name: `llama3` for `Llama-3.1-8B-Q4_0.gguf`."""
    name = model.lower().rpartition("/")[2].partition(":")[0]
    plain = _NO_FAMILY.sub("", name)
    return re.sub(r"[^a-z0-9]", "", _MINOR.sub("", plain))
