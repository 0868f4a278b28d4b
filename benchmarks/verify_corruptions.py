"""How many mechanical lies the verifier finds, and how many truths it calls lies.

    python benchmarks/verify_corruptions.py [--corpora 8] [--show 5]

Each corpus has models and numbers of its own. A report of true sentences gives the false flags; for
each sentence and each kind of corruption one part is made false, and the lie is found if a claim
that touches its line is flagged.
"""

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from verify_corpora import (
    Statement,
    invented_row,
    make_statements,
    shift_point,
    write_folder,
)  # isort: skip

from verify_folders import load_folder  # isort: skip
from verify_tool_corpora import write_tool_folder  # isort: skip
from verify_voices import invent_row, speak  # isort: skip

from benchagent.verification.question import Knowledge
from benchagent.verification.verify import verify_report

KINDS = ("number", "decimal point", "unit", "model", "statistic", "direction", "file", "date")


def flagged_lines(text: str, knowledge: Knowledge) -> tuple[set[int], int, list[str]]:
    """Lines with a flag, the number of claims, and the flags in words."""
    judged = verify_report(text, knowledge)
    flags = [found for found in judged if found.verdict.ruling != "supported"]
    lines = {text.count("\n", 0, found.claim.start) for found in flags}
    told = [
        f"{text[f.claim.start : f.claim.end]!r} {f.verdict.ruling}: {f.verdict.reason}"
        for f in flags
    ]
    return lines, len(judged), told


def main() -> None:
    """Prints the table of corruptions."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corpora", type=int, default=8)
    arguments.add_argument("--tool-corpora", type=int, default=4)
    arguments.add_argument("--most", type=int, default=10_000, help="of a kind and corpus")
    arguments.add_argument("--show", type=int, default=0)
    chosen = arguments.parse_args()
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    claims: Counter[str] = Counter()
    missed: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as temporary:
        for place, (knowledge, statements, rows) in enumerate(corpora(chosen, Path(temporary))):
            chance = random.Random(place)
            _try_truths(statements, knowledge, claims, missed)
            for kind in KINDS:
                sample = [each for each in statements if has(each, kind)]
                chance.shuffle(sample)
                for statement in sample[: chosen.most]:
                    lie = corrupt(statement, kind, chance)
                    if lie is not None:
                        _try_lie(
                            statement, lie, kind, knowledge, made, found, missed, beside, claims
                        )
            for _ in range(40):
                _try_row(rows(chance), knowledge, made, found, missed, beside, claims)
    print(f"{'corruption':16s} {'made':>6s} {'found':>6s} {'recall':>8s} {'false flags':>12s}")
    for kind in (*KINDS, "invented row"):
        if made[kind]:
            rate = beside[kind] / max(1, claims[kind])
            print(
                f"{kind:16s} {made[kind]:6d} {found[kind]:6d} {found[kind] / made[kind]:8.1%} {rate:12.2%}"
            )
    truths = claims["true"]
    print(
        f"true claims: {truths}, flagged {beside['true'] + len(missed['true'])} ({len(missed['true']) / truths:.2%})"
    )
    for kind, texts in missed.items():
        for text in texts[: chosen.show]:
            print(f"  {kind}: {text}")


def corpora(
    chosen: argparse.Namespace, folder: Path
) -> Iterator[tuple[Knowledge, list[Statement], Callable[[random.Random], str]]]:
    """Each corpus with what can be said of it, and tables of it that end in an invented row."""
    for seed in range(chosen.corpora):
        written = write_folder(folder / f"corpus{seed}", seed)
        knowledge = load_folder(written.root, folder / f"out{seed}")
        yield knowledge, make_statements(written, seed), lambda c, w=written: invented_row(w, c)[1]
    for seed in range(chosen.tool_corpora):
        written = write_tool_folder(folder / f"tools{seed}", seed)
        knowledge = load_folder(written.root, folder / f"tools-out{seed}")
        yield knowledge, speak(written, seed), lambda c, w=written: invent_row(w, c)


def has(statement: Statement, kind: str) -> bool:
    """Whether something of that kind can be made false in it."""
    wanted = "number" if kind == "decimal point" else kind
    return any(
        k == wanted and others
        for (k, _), others in zip(statement.parts, statement.others, strict=True)
    )


def corrupt(statement: Statement, kind: str, chance: random.Random) -> str | None:
    """The sentence with one thing of that kind made false; None where it has none."""
    if kind != "decimal point":
        return statement.corrupt(kind, chance)
    places = [
        at
        for at, (k, text) in enumerate(statement.parts)
        if k == "number" and "." in text and "%" not in text
    ]
    if not places:
        return None
    texts = [text for _, text in statement.parts]
    at = chance.choice(places)
    texts[at] = shift_point(texts[at], chance)
    return statement.text.format(*texts)


def _try_truths(statements, knowledge, claims, missed) -> None:
    for at in range(0, len(statements), 60):
        text = "\n\n".join(statement.true() for statement in statements[at : at + 60])
        judged = verify_report(text, knowledge)
        claims["true"] += len(judged)
        for found in judged:
            if found.verdict.ruling != "supported":
                quote = text[found.claim.start : found.claim.end]
                line = text.split("\n")[text.count("\n", 0, found.claim.start)]
                said = f"{found.verdict.ruling}: {found.verdict.reason}"
                missed["true"].append(f"{quote!r} {said} << {line}")


def _try_lie(statement, lie, kind, knowledge, made, found, missed, beside, claims) -> None:
    text = f"{statement.true()}\n\n{lie}\n"
    lines, number, _ = flagged_lines(text, knowledge)
    made[kind] += 1
    claims[kind] += number
    border = statement.true().count("\n") + 1
    beside[kind] += any(line < border for line in lines)
    if any(line > border for line in lines):
        found[kind] += 1
    else:
        missed[kind].append(f"{lie} (true: {statement.true()})")


def _try_row(invented: str, knowledge, made, found, missed, beside, claims) -> None:
    lines, number, told = flagged_lines(invented, knowledge)
    last = invented.count("\n")
    made["invented row"] += 1
    claims["invented row"] += number
    beside["invented row"] += len(lines - {last})
    if last in lines:
        found["invented row"] += 1
    else:
        missed["invented row"].append(invented.splitlines()[-1] + str(told))


if __name__ == "__main__":
    main()
