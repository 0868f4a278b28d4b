"""Which calls a benchmark makes, and in which order.

An option that belongs to loading (num_ctx above all) costs a reload whenever it changes, so single
calls cannot be shuffled freely. Calls of one model and option set form a block; each repetition is
a round over all blocks in a fresh random order, with the prompts shuffled anew inside each block.
So no option set is always early or always late, and a machine that slows down over an hour slows
all of them.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from benchagent.bench.sweeps import OptionSet

_T = TypeVar("_T")

ORDER: Final = (
    "each repetition is a round over all models and option sets in a fresh random order; the calls "
    "of one option set in one round form a block, its prompts in a fresh random order"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A benchmark as it was asked for; the same plan always gives the same order.

    Attributes:
        stamp: UTC time at which it was planned, its folder's name.
        prompts: as the suite has them, without the nonce.
        repeat: how often each prompt is asked under each option set.
        cold: whether each block begins with one call for which the model is loaded.
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
        return len(self.models) * len(self.option_sets) * self.repeat

    @property
    def n_calls(self) -> int:
        """How many calls are measured."""
        return self.n_blocks * (len(self.prompts) + self.cold)

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
    """Calls that follow each other with one model and option set."""

    model: str
    option_set: OptionSet
    calls: tuple[PlannedCall, ...]


def order_blocks(plan: Plan) -> list[Block]:
    """All blocks of a plan in the order in which they are run."""
    chance = random.Random(plan.seed)
    arms = [(model, option_set) for model in plan.models for option_set in plan.option_sets]
    blocks: list[Block] = []
    sequence = 0
    for repetition in range(1, plan.repeat + 1):
        for model, option_set in _shuffled(arms, chance):
            asked = [(plan.shortest_prompt, True)] if plan.cold else []
            prompts = _shuffled(range(1, len(plan.prompts) + 1), chance)
            asked += [(prompt, False) for prompt in prompts]
            calls = tuple(
                PlannedCall(
                    sequence=sequence + at,
                    repetition=repetition,
                    model=model,
                    option_set=option_set,
                    prompt_index=prompt,
                    cold=cold,
                )
                for at, (prompt, cold) in enumerate(asked)
            )
            blocks.append(Block(model=model, option_set=option_set, calls=calls))
            sequence += len(calls)
    return blocks


def _shuffled(things: Iterable[_T], chance: random.Random) -> list[_T]:
    shuffled = list(things)
    chance.shuffle(shuffled)
    return shuffled
