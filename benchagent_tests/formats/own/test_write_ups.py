"""Numbers in the tables and lists of a write-up."""

from benchagent_tests.artifacts import numbers_of, parse_sample


def test_every_number_of_a_write_up_is_a_claim():
    parsed = parse_sample("write_up.md")
    assert {r.kind for record in parsed.records for r in record.readings} == {"claimed"}
    assert [(record.name, numbers_of(record)) for record in parsed.records] == [
        ("line=4", {"mean latency": 0.5}),
        ("line=5", {"mean latency": 0.25, "compile_time": 125.0}),
        ("line=9", {"decode_rate": 1203.5, "ttft": 60.0}),
        ("line=10", {"mean decode_rate": 99.0, "ttft": 449.0}),  # 99 ± 2
        ("line=14,column=Tinyfox:1b", {"mean decode_rate": 51.0}),
        ("line=15,column=Tinyfox:1b", {"mean ttft": 92.5}),
    ]
    assert parsed.records[2].config == {"num_gpu": 40, "temperature": 0.8}
    assert parsed.records[3].config == {"num_gpu": 60, "temperature": 0.8}
    assert parsed.records[4].subject == "tinyfox:1b"
    assert parsed.records[5].phase == "warm"


def test_what_a_write_up_does_not_state_as_one_number_is_refused():
    said = {refusal.locator for refusal in parse_sample("write_up.md").refusals}
    assert said == {
        "line=6",  # a run that failed, with zeros
        "line=14,column=Value",  # ~50
    }
