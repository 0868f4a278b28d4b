"""Numbers that a fact lists: an array that is used as a tuple was."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from benchagent.facts.fact import Fact
from benchagent.facts.ids import NO_IDS, Ids, Values
from benchagent_tests.builders import a_fact

NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1)).map(tuple)


@given(NUMBERS)
def test_they_are_read_counted_and_compared_as_a_tuple_is(numbers: tuple[int, ...]) -> None:
    ids = Ids(numbers)

    assert (ids, tuple(ids), len(ids), bool(ids)) == (numbers, numbers, len(numbers), bool(numbers))
    assert hash(ids) == hash(numbers)
    assert ids == Ids(np.array(numbers, dtype=np.int64))
    assert all(type(number) is int and number in ids for number in ids)
    assert (ids[1:], ids[-1:]) == (numbers[1:], numbers[-1:])
    assert pickle.loads(pickle.dumps(ids)) == ids


def test_other_numbers_another_order_or_a_list_are_not_equal() -> None:
    assert Ids((1, 2)) != Ids((2, 1))
    assert Ids((1, 2)) != (1, 2, 3)
    assert Ids((1, 2)) != [1, 2]
    assert 3 not in Ids((1, 2))
    with pytest.raises(IndexError):
        Ids((1, 2))[2]


def test_the_numbers_of_an_array_are_not_copied() -> None:
    numbers = np.arange(10_000)

    ids = Ids(numbers)

    assert np.shares_memory(np.asarray(ids), numbers)
    assert np.shares_memory(np.asarray(ids[5:]), numbers)
    assert sum(ids) == sum(range(10_000)), "more than are made Python's at once"


def test_a_fact_holds_what_it_lists_so_whatever_it_was_given() -> None:
    given_as = [(7, 8), [7, 8], np.array([7, 8]), Ids((7, 8))]

    facts = [a_fact(measurements=numbers) for numbers in given_as]

    assert {type(fact.measurements) for fact in facts} == {Ids}
    assert len(set(facts)) == len({fact.id for fact in facts}) == 1
    assert facts[0].arms is facts[1].blocks is NO_IDS


def test_a_fact_comes_back_from_json_with_what_it_lists() -> None:
    adapter = TypeAdapter(Fact)
    fact = a_fact(measurements=(7, 8), arms=(0, 1))

    text = adapter.dump_json(fact)

    assert b'"measurements":[7,8],"arms":[0,1],"blocks":[]' in text
    assert adapter.validate_json(text) == fact


def test_values_are_found_by_id_in_the_order_asked_for() -> None:
    values = Values([7, 3, 5], [0.7, 0.3, 0.5])

    assert values.at(Ids((5, 7, 5))).tolist() == [0.5, 0.7, 0.5]
    assert values.at(()).tolist() == []
    assert Values.of({3: 0.3}).at([3]).tolist() == [0.3]


@pytest.mark.parametrize("missing", [-1, 4, 9])
def test_an_id_without_a_value_is_named(missing: int) -> None:
    with pytest.raises(KeyError) as raised:
        Values([7, 3, 5], [0.7, 0.3, 0.5]).at([3, missing, 8])

    assert raised.value.args == (missing,)
    with pytest.raises(KeyError):
        Values([], []).at([0])
