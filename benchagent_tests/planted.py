"""Corpora with a truth planted in each that no rule looks for, or with nothing to find.

A corpus is a sweep of one model in shuffled rounds, as a careful script would leave it, with noise
of one per cent. What is planted is known by metric and dimension, so that what an agent finds can
be held against it.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Kind = Literal["order", "confound", "unit", "columns", "nothing"]

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
        columns: metric and unit of the columns of a file that no format reads.
    """

    name: str
    kind: Kind
    files: dict[str, str | bytes]
    sought: frozenset[str] = frozenset()
    true: frozenset[str] = frozenset()
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


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
        yield _columns(400 + seed)
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


_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "ttft": ("first", "until_first_word", "wait"),
    "load_time": ("setup", "warm_start", "weights_in"),
    "prompt_eval_time": ("read", "ingest", "question_in"),
    "eval_time": ("gen", "answering", "talk"),
    "prompt_tokens": ("toks_in", "question_len", "n_in"),
    "output_tokens": ("toks_out", "answer_len", "n_out"),
    "decode_rate": ("speed", "gen_pace", "talk_pace"),
    "prefill_rate": ("read_pace", "ingest_pace", "in_pace"),
}
_UNITS: Final = {"s": 1.0, "ms": 1000.0}


def _columns(seed: int) -> Planted:
    """A table in names of somebody's own, times with their unit, beside a sweep of another model.

    Every other one leaves out how many tokens came in and how fast, so that nothing tells the two
    parts of the first token's time apart.
    """
    chance = random.Random(seed)
    whole, unit = bool(seed % 2), chance.choice(list(_UNITS))
    columns: dict[str, tuple[str, str]] = {}
    rows = [_call_in_seconds(chance) for _ in range(30)]
    for metric, names in _NAMES.items():
        if not whole and metric in ("prompt_tokens", "prefill_rate"):
            continue
        timed = metric in ("ttft", "load_time", "prompt_eval_time", "eval_time")
        own = "tokens" if metric.endswith("tokens") else unit if timed else "tok/s"
        name = chance.choice(names)
        columns[f"{name}_{unit}" if timed else name] = (metric, own)
    shuffled = chance.sample(list(columns), len(columns))
    lines = [",".join(["engine", "threads", *shuffled])]
    for at, row in enumerate(rows):
        cells = [_write(row[columns[name][0]], columns[name][1]) for name in shuffled]
        lines.append(",".join(["crow:2b", str(2 + 2 * (at % 2)), *cells]))
    text = _sweep(chance, lambda call: 0.0)
    return Planted(
        name=f"columns-{seed}",
        kind="columns",
        files={"reports/sweep.csv": text, "csv_data/own.csv": "\n".join(lines) + "\n"},
        sought=frozenset(columns),
        columns=columns,
    )


def _call_in_seconds(chance: random.Random) -> dict[str, float]:
    load, read, gen = chance.uniform(0.05, 1), chance.uniform(0.1, 1), chance.uniform(1, 9)
    taken, given = chance.randrange(20, 400), chance.randrange(60, 400)
    return {
        "ttft": load + read,
        "load_time": load,
        "prompt_eval_time": read,
        "eval_time": gen,
        "prompt_tokens": taken,
        "output_tokens": given,
        "decode_rate": given / gen,
        "prefill_rate": taken / read,
    }


def _write(value: float, unit: str) -> str:
    if unit == "tokens":
        return str(value)
    return f"{value * _UNITS.get(unit, 1.0):.{1 if unit == 'ms' else 4 if unit == 's' else 2}f}"


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
