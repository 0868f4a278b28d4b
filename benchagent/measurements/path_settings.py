# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions at import, where no type checker sees them.
"""Under what a file's runs were measured, where only its name or its folder says so.

`qwen_ngl8_r2.csv` was run with `num_gpu=8`. Only options of one meaning count, with their number: a
`t4` may be threads, a temperature or a card. What the file itself says of an option, its name does not.
"""

import json
import re
from collections import defaultdict
from typing import Final

import numpy as np
import pyarrow as pa

from benchagent.formats.settings import read_setting, write_settings
from benchagent.measurements.named_columns import codes_of, encode, name_codes
from benchagent.measurements.readings import Scalar

_OPTIONS: Final = {
    **dict.fromkeys(("ngl", "gpulayers", "ngpulayers"), "num_gpu"),
    **dict.fromkeys(("ctx", "numctx", "nctx", "ctxsize", "context"), "num_ctx"),
    **dict.fromkeys(("threads", "numthreads", "nthreads", "numthread", "nthread"), "num_thread"),
    **dict.fromkeys(("bs", "batchsize"), "batch_size"),
    **dict.fromkeys(("ubatch", "nubatch", "ubatchsize"), "n_ubatch"),
    **dict.fromkeys(("concurrency", "conc", "clients", "users"), "concurrency"),
    **dict.fromkeys(("numpredict", "npredict", "maxtokens"), "num_predict"),
    "temperature": "temperature",
}
_JOINS: Final = re.compile(r"[_-]")
# Of fewer tokens it may be the number of a context.
_OF_TOKENS: Final = frozenset(("num_ctx", "num_predict"))
_FEWEST_TOKENS: Final = 64
_NAMES: Final = (
    "ngl|(?:n[_-]?)?gpu[_-]?layers|(?:num[_-]?|n[_-]?)?ctx|ctx[_-]?size|context|n(?:um)?[_-]?threads?|threads|"
    "bs|batch[_-]?size|(?:n[_-]?)?ubatch|ubatch[_-]?size|concurrency|conc|clients|users|"
    "n(?:um)?[_-]?predict|max[_-]?tokens|temperature"
)
# `ctx_4096`, `ngl=8`; `ngl0-33` and `threads_4_8` are ranges and lists
_OPTION: Final = re.compile(
    rf"(?<![a-z0-9])(?P<name>{_NAMES})[=_-]?(?P<number>[0-9]{{1,7}}(?:\.[0-9]{{1,3}})?k?)(?![a-z0-9])"
    r"(?P<more>[-_+,~.]{1,2}[0-9]+k?(?![a-z0-9])|[-_](?:to|vs|and|bis)[-_]?[0-9])?",
    re.IGNORECASE,
)
# Whose rows are of anybody's making: tools record what they ran with.
OWN: Final = frozenset(
    "llm-calls-csv llm-calls-json llm-summary-csv llm-summary-json result-rows result-lines".split()
)


def tell_settings(path: str, format: str | None) -> str | None:
    """What a path tells of how its file's runs were measured, as `write_settings` writes it, if anything.

    Args:
        path: relative POSIX path of the file.
        format: the format that reads it.
    """
    told = find_settings_in_path(path) if format in OWN else {}
    return write_settings(told) if told else None


def find_settings_in_path(path: str) -> dict[str, Scalar]:
    """The options that a path names with one number each; of a range, list or contradiction none."""
    found: defaultdict[str, set[Scalar]] = defaultdict(set)
    name, _, ending = path.rpartition(".")
    # `temperature0.7` has no ending
    for part in (path if ending[:1].isdecimal() else name).split("/"):
        for match in _OPTION.finditer(part):
            option = _OPTIONS[_JOINS.sub("", match["name"].lower())]
            # None beside a number: they are several
            found[option] |= {read_setting(match["number"]), *([None] if match["more"] else [])}
    told = {option: values.pop() for option, values in found.items() if len(values) == 1}
    return {option: value for option, value in told.items() if not _is_too_few(option, value)}


def _is_too_few(option: str, value: Scalar) -> bool:
    return option in _OF_TOKENS and isinstance(value, int | float) and value < _FEWEST_TOKENS


def fill_settings(
    paths: pa.ChunkedArray, told: pa.ChunkedArray, configs: pa.ChunkedArray
) -> pa.DictionaryArray:
    """The settings of records, with those that their files' paths tell and no record of the file has.

    Args:
        paths: of each record's file.
        told: what that path tells.
        configs: what each record tells itself, all records of a file among them.
    """
    config, file, of_path = encode(configs), encode(paths), encode(told)
    rows = np.flatnonzero(codes_of(of_path) >= 0)
    if not len(rows):
        return config
    names = config.dictionary.to_pylist()
    n_names = len(names)
    pairs, first, at = np.unique(
        codes_of(file)[rows].astype(np.int64) * n_names + codes_of(config)[rows],
        return_index=True,
        return_inverse=True,
    )
    texts = of_path.dictionary.to_pylist()
    of_file: defaultdict[int, list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs.tolist()):
        of_file[pair // n_names].append(place)
    number = {name: code for code, name in enumerate(names)}
    filled = np.zeros(len(pairs), np.int64)
    for places in of_file.values():
        settings = json.loads(texts[codes_of(of_path)[rows[first[places[0]]]]])
        own = [json.loads(names[pairs[place] % n_names]) for place in places]
        said = {option for config_of in own for option in config_of}
        left = {option: value for option, value in settings.items() if option not in said}
        for place, config_of in zip(places, own, strict=True):
            text = write_settings({**left, **config_of})
            filled[place] = number.setdefault(text, len(number))
    codes = codes_of(config).astype(np.int64)
    codes[rows] = filled[at]
    return name_codes(codes, pa.array(number, pa.string()))
