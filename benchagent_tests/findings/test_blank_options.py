"""An option that is on or blank: what blank means is not known, that it differs is."""

import random
from typing import Any

from benchagent_tests.findings.telling import analyse, told
from benchagent_tests.measured import Row, a_measurement, an_evidence


def _switched(rates: dict[str | None, float], **columns: Any) -> list[Row]:
    """Shuffled rates where `speculate` is a text, or is left blank."""
    chance = random.Random(9)
    plan = [level for level in rates for _ in range(12)]
    chance.shuffle(plan)
    return [
        a_measurement(
            round(rates[level] * chance.lognormvariate(0, 0.02), 4), row=row,
            config={"top_k": 20} | ({"speculate": level} if level else {}), **columns,
        )
        for row, level in enumerate(plan, 1)
    ]  # fmt: skip


def test_an_option_that_is_on_or_blank_is_compared_with_its_being_blank():
    faster = told(an_evidence(_switched({None: 20.0, "on": 24.0})), "option-effect")
    [finding] = [
        each
        for each in analyse(an_evidence(_switched({None: 24.0, "on": 20.0})))[0]
        if each.rule == "option-effect"
    ]

    assert " at `speculate=on` against " in faster[0]
    assert " at `speculate=(blank)`, a difference" in faster[0]
    assert finding.next_step.text.startswith("Leave `speculate` blank and")
    assert "blank" not in (finding.next_step.command or "")


def test_a_blank_beside_several_values_or_in_another_file_may_be_any_of_them():
    several = _switched({None: 20.0, "on": 24.0, "off": 24.0})
    apart = [
        *_switched({None: 20.0}, path="reports/one.csv"),
        *_switched({"on": 24.0}, path="reports/two.csv"),
    ]

    for rows in (several, apart):
        assert not [each for each in told(an_evidence(rows), "option-effect") if "blank" in each]
