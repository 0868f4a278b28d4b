"""A number is not read where its column is named after one unit and its row says another one."""

import pytest

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Parsed


def _read(text: str) -> tuple[list[tuple[str, float]], list[str]]:
    parsed = parse_bytes("runs.csv", text.encode())
    readings = getattr(parsed, "records", ())
    refused = parsed.refusals if isinstance(parsed, Parsed) else ()
    assert not any(record.failure for record in readings)
    return (
        [(r.metric, r.value) for record in readings for r in record.readings],
        [refusal.locator for refusal in refused],
    )


@pytest.mark.parametrize(
    ("label", "unit"), [("tok_s", "tok/min"), ("tok_s", "ms"), ("latency_ms", "s")]
)
def test_a_unit_beside_that_is_not_the_columns_refuses_its_number(label: str, unit: str):
    readings, refused = _read(f"model,{label},unit\nwren-2b,31.5,{unit}\nwren-2b,32.5,{unit}\n")
    assert readings == []
    assert refused == [f"row=1,column={label}", f"row=2,column={label}"]


@pytest.mark.parametrize(
    "text",
    [
        # the same unit, in another spelling
        "model,tok_s,unit\nwren-2b,31.5,tokens/s\nwren-2b,32.5,tokens/s\n",
        # that of one of two columns
        "model,tok_s,latency_ms,unit\nwren-2b,31.5,40.5,ms\nwren-2b,32.5,41.5,ms\n",
        # no unit at all
        "model,tok_s,unit\nwren-2b,31.5,A\nwren-2b,32.5,A\n",
        # that of a number which is not understood
        "model,tok_s,weight,unit\nwren-2b,31.5,7.25,kg\nwren-2b,32.5,7.5,kg\n",
        "model,tok_s,wobble,unit\nwren-2b,31.5,7.25,ms\nwren-2b,32.5,7.5,ms\n",
    ],
)
def test_a_unit_beside_that_contradicts_nothing_refuses_nothing(text: str):
    readings, refused = _read(text)
    assert [each for each in readings if each[0] == "decode_rate"] == [
        ("decode_rate", 31.5),
        ("decode_rate", 32.5),
    ]
    assert refused == []
