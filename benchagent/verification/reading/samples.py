"""Code blocks and example tables that a report shows as data of the folder.

A block of JSON or CSV is one claim, and so is each number in it; a listing is read as text; a
program is nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from benchagent.verification.claims import (
    Claim,
    Context,
    Verdict,
    contradicted,
    supported,
    unsupported,
)
from benchagent.verification.judging.places import judge_path
from benchagent.verification.question import Asked, Knowledge
from benchagent.verification.text.names import find_paths
from benchagent.verification.text.passage import Passage
from benchagent.verification.text.roles import is_advice

_PROGRAMS: Final = frozenset(
    "python py bash sh shell zsh console sql javascript js ts typescript go rust c cpp java yaml yml "
    "toml ini dockerfile makefile mermaid powershell cmd html xml diff r".split()
)
_TAKEN: Final = re.compile(r"\bextract|\btaken\b|excerpt|\bactual\b|\breal\b", re.IGNORECASE)
_PAIR: Final = re.compile(
    r"\"(?P<key>[^\"\n]{1,80})\"\s*:\s*(?P<value>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
)
_CELL: Final = re.compile(r"[^,\t;\n]+")
_NUMERAL: Final = re.compile(r"\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*")


def read_sample(passage: Passage) -> list[Asked] | None:
    """The claims of a block of data, nothing of a program; None for a block to read as text."""
    if passage.language in _PROGRAMS or is_advice(passage, 0) or _shows_a_proposal(passage):
        return []
    body = passage.raw.strip()
    if not body:
        return []
    if passage.language == "json" or (body[0] in "{[" and '"' in body):
        return list(_read_json(passage))
    if passage.language in ("csv", "tsv") or _looks_like_csv(body):
        return list(_read_csv(passage))
    return None


def _shows_a_proposal(passage: Passage) -> bool:
    near = " ".join((*passage.above[:2], *passage.headings[:1]))
    return bool(
        re.search(r"(?i)propos|recommend|should|template|schema|format|suggest|prompt", near)
    )


def _looks_like_csv(body: str) -> bool:
    lines = body.splitlines()
    commas = {line.count(",") for line in lines}
    return len(lines) >= 2 and len(commas) == 1 and commas.pop() >= 2


def _block(passage: Passage) -> Claim:
    """The whole block as a claim."""
    context = Context(
        sentence=passage.text, start=passage.start, above=passage.above, section=passage.headings
    )
    start = passage.start + len(passage.raw) - len(passage.raw.lstrip())
    end = passage.start + len(passage.raw.rstrip())
    return Claim(start=start, end=end, kind="sample", context=context)


def _is_taken(passage: Passage) -> bool:
    """Whether the text says that it was copied out of the data."""
    return _TAKEN.search(" ".join((*passage.above[:2], *passage.headings[:1]))) is not None


def _read_json(passage: Passage) -> Iterator[Asked]:
    block, taken = _block(passage), _is_taken(passage)
    keys = frozenset(re.findall(r"\"([^\"\n]{1,80})\"\s*:", passage.raw))
    pairs = [(match["key"], float(match["value"]), match) for match in _PAIR.finditer(passage.raw)]
    values = [(key, value) for key, value, _ in pairs]
    yield Asked(block, partial(_judge_block, keys, values, taken))
    for key, value, match in pairs:
        claim = replace(
            block,
            kind="metric",
            start=passage.start + match.start("value"),
            end=passage.start + match.end("value"),
            value=value,
            subject=key,
            parent=block.start,
        )
        yield Asked(claim, partial(_judge_pair, key, value))


def _read_csv(passage: Passage) -> Iterator[Asked]:
    block, taken = _block(passage), _is_taken(passage)
    lines = passage.raw.splitlines(keepends=True)
    offsets = [sum(map(len, lines[:at])) for at in range(len(lines))]
    filled = [(offset, line) for offset, line in zip(offsets, lines, strict=True) if line.strip()]
    header = [cell.strip() for cell in re.split(r"[,\t;]", filled[0][1].strip())]
    values: list[tuple[str, float]] = []
    children: list[Asked] = []
    for offset, line in filled[1:]:
        for column, cell in enumerate(_CELL.finditer(line.rstrip("\n"))):
            name = header[column] if column < len(header) else ""
            at = passage.start + offset + cell.start()
            children += _read_csv_cell(block, name, cell[0], at, values)
    yield Asked(block, partial(_judge_block, frozenset(header), values, taken))
    yield from children


def _read_csv_cell(
    block: Claim, column: str, text: str, at: int, values: list[tuple[str, float]]
) -> Iterator[Asked]:
    start = at + len(text) - len(text.lstrip())
    place = replace(block, start=start, end=start + len(text.strip()), parent=block.start)
    place = replace(place, context=replace(block.context, column=column))
    if _NUMERAL.fullmatch(text):
        value = float(text)
        values.append((column, value))
        claim = replace(place, kind="metric", value=value, subject=column)
        yield Asked(claim, partial(_judge_pair, column, value))
    elif find_paths(text.strip()):
        claim = replace(place, kind="path", value=text.strip(), subject=text.strip())
        yield Asked(claim, partial(judge_path, text.strip(), False))


def _judge_block(
    keys: frozenset[str],
    values: list[tuple[str, float]],
    taken: bool,
    knowledge: Knowledge,
) -> Verdict:
    """Whether one file has all the keys, and all the numbers under them."""
    fields = knowledge.corpus.fields
    holding = [fields.get(key.lower(), frozenset[str]()) for key in keys]
    missing = sorted(key for key, files in zip(keys, holding, strict=True) if not files)
    common = frozenset.intersection(*holding) if holding else frozenset[str]()
    if common:
        absent = [key for key, value in values if not _stands_in(value, common, knowledge)]
        if not absent:
            return supported(f"it stands in {min(common)}")
        return unsupported(
            f"{min(common)} has these fields, but not these values: {', '.join(absent[:4])}"
        )
    told = (
        f"no file has the fields {', '.join(missing[:5])}"
        if missing
        else ("no one file has all these fields")
    )
    return (
        contradicted(told)
        if taken and missing and len(missing) * 2 >= len(keys)
        else unsupported(told)
    )


def _stands_in(value: float, files: frozenset[str], knowledge: Knowledge) -> bool:
    near = abs(value) * 1e-9
    for scale in (1.0, 1e3, 1e6, 0.01):
        for datum in knowledge.corpus.index.between(
            value * scale - near * scale, value * scale + near * scale
        ):
            if datum.paths & files and (datum.origin in ("measured", "leaf")):
                return True
    return False


def _judge_pair(key: str, value: float, knowledge: Knowledge) -> Verdict:
    files = knowledge.corpus.fields.get(key.lower(), frozenset[str]())
    if files and _stands_in(value, files, knowledge):
        return supported(f"{key} is {value:g} in the data")
    if not files:
        return unsupported(f"no file has a field {key!r}")
    return unsupported(f"{key!r} is nowhere {value:g}")


def split_code(passage: Passage) -> Iterator[Passage]:
    """The lines of a listing, each as a passage under the line that it is indented under."""
    offset = 0
    title = ""
    for line in passage.raw.split("\n"):
        body = line.strip(" \t-*•")
        start = passage.start + offset + line.find(body) if body else 0
        offset += len(line) + 1
        if not body:
            continue
        indented = line[:1] in " \t-*•"
        yield Passage(
            shape="sentence",
            start=start,
            text=body,
            raw=body,
            headings=passage.headings,
            above=(title, *passage.above) if indented and title else passage.above,
            language=passage.language,
        )
        title = title if indented else body
