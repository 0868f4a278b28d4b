"""What was asked is the item of a run, or a demand on it, and no way in which it was made."""

import json

import pytest

from benchagent.facts.derivations.rows.settings import is_demand, names_item, split_config


def split(**config: object) -> tuple[str, str]:
    found = split_config(json.dumps(config))
    return found.settings, found.item


@pytest.mark.parametrize(
    "name",
    ["question", "turn", "doc_id", "sample_id", "example", "conversation_id", "query", "item_no"],
)
def test_what_numbers_the_item_asked_is_no_setting(name: str):
    assert split(num_ctx=512, **{name: 3}) == ('{"num_ctx":512}', "[3]")


def test_a_turn_is_one_of_its_conversation():
    assert split(conversation_id="a", turn=2)[1] == '["a",2]'
    assert split(prompt=1, turn=1)[1] == "[1,1]"


def test_of_several_names_of_the_item_the_first_counts():
    assert split(sample_id=9, prompt_id=3)[1] == "[3]"


@pytest.mark.parametrize("name", ["prompt_type", "question_category", "difficulty", "n", "length"])
def test_a_kind_of_what_was_asked_is_a_demand(name: str):
    assert is_demand(name)


@pytest.mark.parametrize(
    "name",
    [
        "prompt_template",
        "test_name",
        "task",
        "num_ctx",
        "model_id",
        "return_policy",
        "quantization",
    ],
)
def test_what_somebody_chose_is_neither_an_item_nor_a_demand(name: str):
    assert not names_item(name)
    assert not is_demand(name)
