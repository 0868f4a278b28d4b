"""Settings, times and models as files write them, in one form."""

import pytest

from benchagent.formats.settings import (
    read_ollama_model,
    read_setting,
    read_time,
    write_settings,
)
from benchagent.measurements.json_trees import Numeral


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("40.00", 40),
        ("0.800000011920929", 0.8),
        ("0.8999999761581421", 0.9),
        ("0.1", 0.1),
        ("1e-7", 1e-7),
        ("q4_0", "q4_0"),
        ("", None),
    ],
)
def test_a_setting_is_the_same_however_it_was_written(text: str, setting: object):
    assert read_setting(text) == setting
    assert type(read_setting(text)) is type(setting)


def test_a_long_prompt_is_shortened_and_still_told_from_another():
    one, other = (read_setting("x" * 500 + end) for end in "ab")
    assert isinstance(one, str)
    assert len(one) < 200
    assert one != other


@pytest.mark.parametrize(
    ("text", "time", "basis"),
    [
        ("2025-10-02T19:18:24.204845+00:00", "2025-10-02T19:18:24.204845Z", "utc"),
        ("2025-10-02T19:18:24Z", "2025-10-02T19:18:24Z", "utc"),
        ("2025-10-02T19:18:24+02:00", "2025-10-02T19:18:24+02:00", "offset"),
        ("2025-09-30T20:11:33", "2025-09-30T20:11:33", "naive"),
        ("2025-09-30 20:11:33", "2025-09-30T20:11:33", "naive"),
        (Numeral("1759197058.25"), "2025-09-30T01:50:58.250000Z", "utc"),
    ],
)
def test_a_time_says_what_it_can_be_compared_with(text: str, time: str, basis: str):
    assert read_time(text) == (time, basis)


@pytest.mark.parametrize("text", ["yesterday", "2025-13-45T99:00:00", "", "77.5"])
def test_what_is_no_time_is_none(text: str):
    assert read_time(text) is None


def test_a_model_without_a_tag_is_the_latest():
    assert read_ollama_model("gemma3") == "gemma3:latest"
    assert read_ollama_model("registry.ollama.ai/library/gemma3:1b") == "gemma3:1b"


def test_a_key_or_a_password_is_no_setting():
    told = {"api_key": "sk-1", "options_access_token": "t", "token_limit": 512, "num_ctx": 512}
    told |= {"env_hf_token": "hf_1", "HUGGINGFACE_TOKEN": "hf_2", "aws_secret_key": "k"}
    assert write_settings(told) == '{"num_ctx":512,"token_limit":512}'
