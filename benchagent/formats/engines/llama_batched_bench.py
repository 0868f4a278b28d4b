"""What llama-batched-bench prints: a row per batch of prompts, as a table or as JSON Lines.

`B` sequences are read and then continued together: a row's rates are of the tokens of all of them.
Where the prompt is shared (`-pps`) it is read once for all. The last two columns sum up the others.
Of no prompt and of no answer (`-ntg 0`) it prints a rate too, which is none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from benchagent.formats.engines.llama_bench import name_model, write_workload
from benchagent.formats.engines.llama_log import find_model
from benchagent.formats.json_fields import Field, count_at, drop_untimed, read_fields, read_settings
from benchagent.formats.settings import read_setting
from benchagent.formats.text_readings import has_other_tables, number_lines, read_match
from benchagent.measurements.artifact import Artifact
from benchagent.measurements.json_trees import as_object
from benchagent.measurements.locators import line_locator, pointer_locator
from benchagent.measurements.readings import Parsed, Record, Refusal, Scalar

NAME: Final = "llama-batched-bench"

_PREFILL: Final = Field("prefill_rate", "tokens/s", definition="prefill.prompt/time")
_DECODE: Final = Field("decode_rate", "tokens/s", definition="decode.n/time")
_OF_PROMPT: Final = {"t_pp": Field("prompt_eval_time", "s"), "speed_pp": _PREFILL}
_OF_ANSWER: Final = {"t_tg": Field("eval_time", "s"), "speed_tg": _DECODE}
_FIELDS: Final = _OF_PROMPT | _OF_ANSWER
_COUNTS: Final = ("pp", "tg", "pl")
_NO_SETTINGS: Final = (*_COUNTS, *_FIELDS, "n_kv", "t", "speed")
_HEADER: Final = re.compile(
    r"\| {1,6}PP \| {1,6}TG \| {1,4}B \| {1,6}N_KV \| {1,8}T_PP s \| {1,8}S_PP t/s \|"
    r" {1,8}T_TG s \| {1,8}S_TG t/s \| {1,8}T s \| {1,8}S t/s \|\s*"
)
_LAST: Final = ("T s", "S t/s")
_COUNT: Final = r" {0,6}([0-9]{1,9}) \|"
_NUMBER: Final = r" {0,8}([0-9]{1,9}\.[0-9]{2,3}|-?nan|-?inf) \|"
_ROW: Final = re.compile(r"\|" + 4 * _COUNT + 6 * _NUMBER + r"\s*")
_SETTINGS: Final = re.compile(r"(?:llama_batched_bench|main): (n_kv_max = .{1,1000})")
_SETTING: Final = re.compile(r"([a-z_]{1,40}) = (-?[0-9]{1,9})")


def detect(artifact: Artifact) -> bool:
    """Whether lines have `speed_pp`, `speed_tg` and `n_kv`, or a table has `S_PP t/s` and `S_TG t/s`."""
    first = as_object(artifact.entries[0].value) if artifact.entries else {}
    if {"speed_pp", "speed_tg", "pl", "n_kv"} <= first.keys():
        return True
    text = artifact.text
    if not isinstance(text, str) or "S_TG t/s" not in text:
        return False
    found = any(_HEADER.fullmatch(line) for _, line in number_lines(text))
    return found and not has_other_tables(artifact, _LAST)


def parse(artifact: Artifact) -> Parsed:
    """One record per batch."""
    refusals = artifact.broken_lines
    read = _read_entries if artifact.entries else _read_lines
    return Parsed(format=NAME, records=tuple(read(artifact, refusals)), refusals=tuple(refusals))


def _read_entries(artifact: Artifact, refusals: list[Refusal]) -> Iterator[Record]:
    for at, entry in enumerate(artifact.entries):
        batch = as_object(entry.value)
        if "speed_tg" not in batch:
            continue
        n_prompt, n_gen, parallel = (count_at(batch, key) or 0 for key in _COUNTS)
        readings = read_fields(batch, entry.place, _fields_of(n_prompt, n_gen), refusals)
        yield Record(
            name=pointer_locator(*entry.place) if entry.place else "",
            sequence=at,
            benchmark="llm-bench",
            readings=tuple(drop_untimed(readings, refusals)),
            config={
                **read_settings(batch, without=_NO_SETTINGS),
                **_write_batch(n_prompt, n_gen, parallel),
            },
        )


def _read_lines(artifact: Artifact, refusals: list[Refusal]) -> Iterator[Record]:
    settings: Mapping[str, Scalar] = {}
    model = None
    in_table, sequence = False, 0
    for number, line in number_lines(str(artifact.text)):
        if loaded := find_model(line):
            model = name_model(loaded, None)
        elif told := _SETTINGS.search(line):
            settings = {key: read_setting(said) for key, said in _SETTING.findall(told[1])}
        elif _HEADER.fullmatch(line):
            in_table = True
        elif in_table and (match := _ROW.fullmatch(line)):
            n_prompt, n_gen, parallel = (int(match[group]) for group in (1, 2, 3))
            fields = _fields_of(n_prompt, n_gen)
            readings = [
                reading
                for group, name in enumerate(_FIELDS, start=5)
                if (field := fields.get(name))
                and (reading := read_match(number, match, field, refusals, group=group))
            ]
            yield Record(
                name=line_locator(number),
                sequence=sequence,
                benchmark="llm-bench",
                readings=tuple(drop_untimed(readings, refusals)),
                subject=model,
                config={**settings, **_write_batch(n_prompt, n_gen, parallel)},
            )
            sequence += 1


def _fields_of(n_prompt: int, n_gen: int) -> dict[str, Field]:
    return (_OF_PROMPT if n_prompt else {}) | (_OF_ANSWER if n_gen else {})


def _write_batch(n_prompt: int, n_gen: int, parallel: int) -> dict[str, Scalar]:
    return {"workload": write_workload(n_prompt, n_gen, 0), "parallel": parallel}
