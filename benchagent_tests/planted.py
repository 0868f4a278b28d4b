"""Corpora with a truth planted in each that no rule looks for, or with nothing to find.

A corpus is a sweep of one model in shuffled rounds, as a careful script would leave it, with noise
of one per cent. What is planted is known by metric and dimension, so that what an agent finds can
be held against it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Kind = Literal["order", "confound", "unit", "nothing"]

HEADER: Final = (
    "model,host,option_num_ctx,option_num_batch,prompt_index,repetition,phase,ttft_ms,load_ms,"
    "prompt_eval_ms,eval_ms,total_ms,prompt_tokens,output_tokens,decode_tokens_per_s,error"
)
_MODELS: Final = ("fox:1b", "wolf:7b", "heron:3b-q4_0", "otter:270m", "lynx:8b-instruct")
_ROUNDS: Final = 8
_PROMPTS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A corpus and what is true of it.

    Attributes:
        files: paths and contents.
        sought: one of these has to be named by whoever finds the truth; empty where there is none.
        true: all by which calls really differ, `sought` included, as dimensions or file names.
    """

    name: str
    kind: Kind
    files: dict[str, str | bytes]
    sought: frozenset[str] = frozenset()
    true: frozenset[str] = frozenset()


class Call(NamedTuple):
    """One call before it is measured: where it stands, and under what it is made."""

    place: int
    of: int
    round: int
    num_ctx: int
    prompt: int
    changed: bool


Slowdown = Callable[[Call], float]


def plant(count_each: int = 8, nothing: int = 16) -> Iterator[Planted]:
    """So many corpora with each kind of truth, and so many with none."""
    for seed in range(count_each):
        yield _order(seed)
        yield _confound(100 + seed)
        yield _unit(200 + seed)
    for seed in range(nothing):
        yield _nothing(300 + seed)


def _order(seed: int) -> Planted:
    """An effect of the order that is no trend along the file and no block of an option."""
    chance = random.Random(seed)
    size = chance.uniform(0.03, 0.08)

    def first_round(call: Call) -> float:
        return size if call.round == 0 else 0.0

    def after_a_change(call: Call) -> float:
        return size if call.changed else 0.0

    def in_the_middle(call: Call) -> float:
        return size if call.of <= 4 * call.place < 3 * call.of else 0.0

    slow, sought = [
        (first_round, ["repetition", "place"]),
        (after_a_change, ["run_before"]),
        (in_the_middle, ["place", "repetition"]),
    ][seed % 3]
    # What slows the first call after a change slows the rounds that have more of them; what slows
    # a round slows its quarter of the file.
    return Planted(
        name=f"order-{seed}-{slow.__name__}",
        kind="order",
        files={"reports/sweep.csv": _sweep(chance, slow)},
        sought=frozenset(sought),
        true=frozenset(sought),
    )


def _confound(seed: int) -> Planted:
    """A setting that changed in step with another, which the rules rank all the same."""
    chance = random.Random(seed)
    size = chance.uniform(0.03, 0.08)

    def by_context(call: Call) -> float:
        return size if call.num_ctx == 1024 else 0.0

    text = _sweep(chance, by_context, num_batch=lambda call: call.num_ctx // 4)
    both = frozenset(["num_ctx", "num_batch"])
    return Planted(
        name=f"confound-{seed}",
        kind="confound",
        files={"reports/sweep.csv": text},
        sought=both,
        true=both,
    )


def _unit(seed: int) -> Planted:
    """A write-up whose prose gives a right number with a wrong unit, among right sentences."""
    chance = random.Random(seed)
    model = chance.choice(_MODELS)
    text = _sweep(chance, lambda call: 0.0, model=model)
    cells = [line.split(",") for line in text.splitlines()[1:]]
    ttft = sorted(float(row[7]) for row in cells if row[6] == "warm")
    rate = sorted(float(row[14]) for row in cells)
    wrong, right = ttft[len(ttft) // 2], rate[len(rate) // 2]
    prose = [
        f"The decode rate of {model} was {right:.2f} tok/s in the median.",
        f"The time to first token of {model} was {wrong:.1f} s, which users will notice.",
        "We want to get below 20 ms next year.",
    ]
    chance.shuffle(prose)
    note = "# What we saw\n\n" + "\n\n".join(prose) + "\n"
    return Planted(
        name=f"unit-{seed}",
        kind="unit",
        files={"reports/sweep.csv": text, "reports/notes.md": note},
        sought=frozenset(["reports/notes.md"]),
        true=frozenset(["reports/notes.md"]),
    )


def _nothing(seed: int) -> Planted:
    chance = random.Random(seed)
    model = chance.choice(_MODELS)
    text = _sweep(chance, lambda call: 0.0, model=model)
    rate = sorted(float(line.split(",")[14]) for line in text.splitlines()[1:])
    note = (
        f"# Notes\n\nThe decode rate of {model} was {rate[len(rate) // 2]:.2f} tok/s in the "
        "median.\n\nWe hope for 900 tok/s on the new machine.\n"
    )
    return Planted(
        name=f"nothing-{seed}",
        kind="nothing",
        files={"reports/sweep.csv": text, "reports/notes.md": note},
    )


def _sweep(
    chance: random.Random,
    slow: Slowdown,
    *,
    model: str | None = None,
    num_batch: Callable[[Call], int] = lambda call: 256,
) -> str:
    """Calls in rounds over two contexts in a fresh order, four prompts under each."""
    named = model or chance.choice(_MODELS)
    speed, wait = chance.uniform(20, 120), chance.uniform(40, 400)
    rows = [HEADER]
    for call in _calls(chance):
        rate = speed * (1 + 0.02 * call.prompt) * (1 - slow(call)) * chance.gauss(1, 0.01)
        prompt_eval, load = wait * chance.gauss(1, 0.02), 4.0
        evaluated = 64 / rate * 1000
        cells = [
            *(named, "desk", call.num_ctx, num_batch(call), call.prompt, call.round, "warm"),
            *(f"{load + prompt_eval:.3f}", load, f"{prompt_eval:.3f}", f"{evaluated:.3f}"),
            *(f"{load + prompt_eval + evaluated:.3f}", 31 + call.prompt, 64, f"{rate:.4f}", ""),
        ]
        rows.append(",".join(str(cell) for cell in cells))
    return "\n".join(rows) + "\n"


def _calls(chance: random.Random) -> Iterator[Call]:
    order = [
        (round_, num_ctx, prompt)
        for round_ in range(_ROUNDS)
        for num_ctx in chance.sample((512, 1024), 2)
        for prompt in chance.sample(range(_PROMPTS), _PROMPTS)
    ]
    before: int | None = None
    for place, (round_, num_ctx, prompt) in enumerate(order):
        changed = before is not None and before != num_ctx
        yield Call(place, len(order), round_, num_ctx, prompt, changed)
        before = num_ctx
