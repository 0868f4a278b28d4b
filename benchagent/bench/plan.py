"""Which calls a benchmark makes, and in which order.

An option that belongs to loading (num_ctx above all) costs a reload whenever it changes, so calls
cannot all be shuffled freely. Those that one loaded model can answer form a block, and inside it
option sets and prompts are shuffled together. Each repetition is a round over all blocks in a fresh
random order. So no option set is always early or late, and a machine that slows down over an hour
slows all of them.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeVar

from benchagent.bench.sweeps import OptionSet, Value
from benchagent.calls.options import LOAD_OPTIONS

_T = TypeVar("_T")

ORDER: Final = (
    "each repetition is a round over all blocks in a fresh random order; a block is the calls that "
    "one loaded model can answer, its option sets and prompts in a fresh random order"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A benchmark as it was asked for; the same plan always gives the same order.

    Attributes:
        stamp: UTC time at which it was planned, its folder's name.
        prompts: as the suite has them, without the nonce.
        repeat: how often each prompt is asked under each option set.
        cold: whether each block begins with a call per option set for which the model is loaded.
        seed: of the order, and of every call's sampling.
    """

    stamp: str
    models: tuple[str, ...]
    option_sets: tuple[OptionSet, ...]
    prompts: tuple[str, ...]
    repeat: int
    cold: bool
    seed: int

    @property
    def n_blocks(self) -> int:
        """How many blocks, each with a warm-up of its own."""
        return len(self.models) * len(self.loads) * self.repeat

    @property
    def n_calls(self) -> int:
        """How many calls are measured."""
        arms = len(self.models) * len(self.option_sets)
        return arms * self.repeat * (len(self.prompts) + self.cold)

    @property
    def loads(self) -> list[tuple[OptionSet, ...]]:
        """The option sets, those together that differ in nothing that belongs to loading."""
        together: dict[tuple[tuple[str, Value], ...], list[OptionSet]] = {}
        for one in self.option_sets:
            load = tuple(sorted((k, v) for k, v in one.options.items() if k in LOAD_OPTIONS))
            together.setdefault(load, []).append(one)
        return [tuple(option_sets) for option_sets in together.values()]

    @property
    def shortest_prompt(self) -> int:
        """The 1-based index of the prompt that warm-ups and cold calls use."""
        return min(range(len(self.prompts)), key=lambda at: len(self.prompts[at])) + 1

    @property
    def option_names(self) -> list[str]:
        """Every option that is set, in the order of the sweeps."""
        return list(dict.fromkeys(name for one in self.option_sets for name in one.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """One call to be measured.

    Attributes:
        sequence: its place in the order, from 0.
        repetition: its round, from 1.
        prompt_index: from 1.
        cold: whether the model is unloaded before.
    """

    sequence: int
    repetition: int
    model: str
    option_set: OptionSet
    prompt_index: int
    cold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Calls that one loaded model can answer, cold ones first."""

    model: str
    calls: tuple[PlannedCall, ...]


def order_blocks(plan: Plan) -> list[Block]:
    """All blocks of a plan in the order in which they are run."""
    chance = random.Random(plan.seed)
    arms = [(model, option_sets) for model in plan.models for option_sets in plan.loads]
    blocks: list[Block] = []
    sequence = 0
    for repetition in range(1, plan.repeat + 1):
        for model, option_sets in _shuffled(arms, chance):
            calls = tuple(
                PlannedCall(
                    sequence=sequence + at,
                    repetition=repetition,
                    model=model,
                    option_set=option_set,
                    prompt_index=prompt,
                    cold=cold,
                )
                for at, (option_set, prompt, cold) in enumerate(_ask(plan, option_sets, chance))
            )
            blocks.append(Block(model=model, calls=calls))
            sequence += len(calls)
    return blocks


def _ask(
    plan: Plan, option_sets: tuple[OptionSet, ...], chance: random.Random
) -> Iterator[tuple[OptionSet, int, bool]]:
    """What a block asks, in order: option set, prompt, whether cold."""
    if plan.cold:
        for option_set in _shuffled(option_sets, chance):
            yield option_set, plan.shortest_prompt, True
    prompts = range(1, len(plan.prompts) + 1)
    for option_set, prompt in _shuffled(product(option_sets, prompts), chance):
        yield option_set, prompt, False


def _shuffled(things: Iterable[_T], chance: random.Random) -> list[_T]:
    shuffled = list(things)
    chance.shuffle(shuffled)
    return shuffled
