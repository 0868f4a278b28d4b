"""A difference between machines must not look like one between models or options."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from benchagent.facts.derivations import derive_facts
from benchagent.facts.derivations.counted_once.samples import select_samples
from benchagent.facts.derivations.rows.machines import read_machine
from benchagent.facts.fact import Evidence
from benchagent.findings.finding import NextStep
from benchagent.findings.rules import find
from benchagent.inquiries.catalogue import catalogue
from benchagent.references import render_plain
from benchagent_tests.measured import Row, a_failed_run, a_measurement, an_evidence

# how machines are recorded, the fast one first
MACHINES = [
    ({"host": "rack-07"}, {"host": "rack-12"}),
    ({"hostname": "desk", "gpu_name": "RTX 4090"}, {"hostname": "attic", "gpu_name": "GTX 1080"}),
    ({"ollama_host": "http://10.0.0.4:11434"}, {"ollama_host": "http://10.0.0.9:11434"}),
    ({"gpu_info": "H100", "cpu_info": "EPYC"}, {"gpu_info": "L4", "cpu_info": "EPYC"}),
]
_MACHINE = re.compile("`(host|gpu)=")
FAST, SLOW = 60.0, 30.0


class Plan(NamedTuple):
    """Who ran how often on the fast machine and on the slow one, and how much faster it is."""

    fast: int
    slow: int
    factor: float = 1.0


def runs(seed: int, what: str, first: Plan, second: Plan, *, one_file: bool) -> Evidence:
    """Runs of two subjects, or of two values of an option, in rounds over three prompts."""
    chance = random.Random(seed)
    recorded = MACHINES[seed % len(MACHINES)]
    rows = []
    for place, (round_, arm, on_fast) in enumerate(_order(chance, first, second)):
        speed = (FAST if on_fast else SLOW) * (first.factor, second.factor)[arm]
        folder = "all" if one_file else ("east", "west")[on_fast]
        for prompt in range(3):
            config: dict[str, object] = {"prompt_index": prompt}
            if what == "top_k":
                config["top_k"] = (10, 40)[arm]
            rows.append(
                a_measurement(
                    speed * chance.gauss(1, 0.02),
                    path=f"artifacts/{folder}/calls.csv",
                    row=3 * place + prompt,
                    subject=("lark:2b", "wren:4b")[arm] if what == "subject" else "lark:2b",
                    config=config,
                    environment=json.dumps(recorded[0 if on_fast else 1]),
                    repetition=round_,
                )
            )
    return an_evidence(rows)


def _order(chance: random.Random, *plans: Plan) -> Iterator[tuple[int, int, bool]]:
    for round_ in range(max(max(plan.fast, plan.slow) for plan in plans)):
        for on_fast in (True, False):
            for arm in chance.sample(range(2), 2):
                if round_ < (plans[arm].fast if on_fast else plans[arm].slow):
                    yield round_, arm, on_fast


def told(evidence: Evidence, *rules: str) -> list[str]:
    facts = derive_facts(evidence)
    by_id = {fact.id: fact for fact in facts}
    return [
        render_plain(finding.sentences[0], by_id)
        for finding in find(facts)
        if finding.rule in rules
    ]


def calls_it_real(evidence: Evidence) -> list[str]:
    """What is said to differ, machines apart."""
    said = told(evidence, "subjects-compared", "option-effect", "best-configuration")
    return [each for each in said if "no clear" not in each and not _MACHINE.search(each)]


EVERY = [(seed, one_file) for seed in range(4) for one_file in (True, False)]


@pytest.mark.parametrize(("seed", "one_file"), EVERY)
@pytest.mark.parametrize(
    ("what", "said"),
    [
        (
            "subject",
            "Never run alike on one machine in `llm-call`: `lark:2b` and `wren:4b` (48 runs)",
        ),
        ("top_k", "`top_k` changed only together with the machine (48 runs of `lark:2b`)"),
    ],
)
def test_what_was_run_on_a_machine_each_is_told_as_such_and_not_compared(
    what: str, said: str, seed: int, one_file: bool
) -> None:
    evidence = runs(seed, what, Plan(8, 0), Plan(0, 8), one_file=one_file)

    assert calls_it_real(evidence) == []
    [apart] = told(evidence, "machines-apart")
    assert apart.startswith(said)


def on_hosts(*placed: tuple[str, str | None, float]) -> Evidence:
    """Subjects with the host that each ran on, where its file says so, and its speed there."""
    chance = random.Random(4)
    return an_evidence(
        [
            a_measurement(
                speed * chance.gauss(1, 0.02),
                path=f"artifacts/{place}.csv",
                row=row,
                subject=subject,
                environment=json.dumps({"host": host} if host else {}),
            )
            for place, (subject, host, speed) in enumerate(placed)
            for row in range(8)
        ]
    )


def test_a_run_that_does_not_name_its_machine_is_not_said_to_be_on_another_one() -> None:
    said = told(
        on_hosts(("lark:2b", "mill", 60), ("wren:4b", "barn", 30), ("crow:7b", None, 50)),
        "machines-apart",
    )

    assert [each.partition("; ")[0] for each in said] == [
        "Never run alike on one machine in `llm-call`: `lark:2b` and `wren:4b` (16 runs)"
    ]


@pytest.mark.parametrize(("second", "within"), [("barn", True), (None, False)])
def test_runs_are_said_to_be_within_one_machine_where_all_name_theirs(
    second: str | None, within: bool
) -> None:
    hosts = [("mill", 60.0), (second, 30.0), ("loft", 40.0)]
    placed = [
        (name, host, by * speed)
        for name, by in (("lark:2b", 1), ("wren:4b", 2))
        for host, speed in hosts
    ]

    [said] = told(on_hosts(*placed), "subjects-compared")

    assert ("each within one machine" in said) == within


@pytest.mark.parametrize(("seed", "one_file"), EVERY)
@pytest.mark.parametrize("what", ["subject", "top_k"])
def test_the_slower_machine_does_not_make_the_faster_one_of_two_look_slow(
    what: str, seed: int, one_file: bool
) -> None:
    # the second one is faster by a fifth on either machine, and mostly ran on the slow one
    evidence = runs(seed, what, Plan(14, 7), Plan(7, 14, factor=1.2), one_file=one_file)

    [said] = calls_it_real(evidence)
    assert said.startswith("`wren:4b` had a higher") or "at `top_k=40` against" in said
    assert "as many of each, each within one machine" in said
    assert told(evidence, "machines-apart") == []


def test_a_value_that_is_left_out_to_compare_the_others_evenly_is_named() -> None:
    chance = random.Random(5)
    counts = {("mill", 10): 14, ("mill", 40): 7, ("barn", 10): 7, ("barn", 40): 14, ("barn", 80): 3}
    placed = [(*key, time) for key, times in counts.items() for time in range(times)]
    chance.shuffle(placed)
    rows = [
        a_measurement(
            (60.0 if host == "mill" else 30.0)
            * (1.2 if top_k == 40 else 1)
            * chance.gauss(1, 0.02),
            row=row,
            config={"top_k": top_k},
            environment=json.dumps({"host": host}),
        )
        for row, (host, top_k, _) in enumerate(placed, 1)
    ]

    [said] = calls_it_real(an_evidence(rows))
    assert "as many of each (`top_k=80` left out), each within one machine" in said


@pytest.mark.parametrize("what", ["subject", "top_k"])
def test_two_that_are_alike_on_each_machine_are_seldom_said_to_differ(what: str) -> None:
    wrong = [
        said
        for seed in range(12)
        for said in calls_it_real(
            runs(100 + seed, what, Plan(14, 7), Plan(7, 14), one_file=bool(seed % 2))
        )
    ]

    assert len(wrong) <= 2, wrong


def test_what_a_machine_does_to_speed_is_told_as_its_own_setting() -> None:
    [said] = told(runs(0, "top_k", Plan(8, 8), Plan(8, 8), one_file=True), "option-effect")

    assert said.startswith("The decode rate of `lark:2b` differed with `host`: medians of 60.")
    assert "within one machine" not in said


@pytest.mark.parametrize(
    ("slow", "step"),
    [
        (SLOW, "Compare models and options within one `host`, or on each alike"),
        (FAST, "Repeat more often on each `host` before taking them for alike"),
    ],
)
def test_nobody_is_told_to_set_or_choose_a_machine(
    slow: float, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.SLOW", slow)
    facts = derive_facts(runs(0, "top_k", Plan(8, 8), Plan(8, 8), one_file=True))

    rules = ("option-effect", "no-option-effect")
    found = [f for f in find(facts) if f.rule in rules and "`host`" in f.headline]
    assert [each.next_step for each in found] == [NextStep(text=step)]


@pytest.mark.parametrize(
    ("speeds", "rule", "step"),
    [
        (
            (40.0, 40.1, 20.0),
            "best-within-noise",
            r"^Repeat more often on `host=\w+` and on `host=\w+` before taking one for the faster$",
        ),
        (
            (80.0, 40.0, 20.0),
            "best-configuration",
            "^Compare models and options within one machine, or on each alike$",
        ),
    ],
)
def test_a_machine_that_came_first_is_no_configuration_to_choose(
    speeds: tuple[float, ...], rule: str, step: str
) -> None:
    hosts = ("attic", "cellar", "porch")
    chance = random.Random(5)
    rows = [
        a_measurement(
            speed * chance.gauss(1, 0.02),
            row=3 * turn + at,
            subject="lark:2b",
            item=f"p{turn}",
            environment=json.dumps({"host": host}),
        )
        for turn in range(12)
        for at, (host, speed) in enumerate(zip(hosts, speeds, strict=True))
    ]

    found = [each for each in find(derive_facts(an_evidence(rows))) if each.rule == rule]

    assert found
    for each in found:
        assert re.search(step, each.next_step.text), each
        assert each.next_step.command is None


def with_failures(counts: dict[tuple[str, int], tuple[int, int]]) -> Evidence:
    """How many runs gave a number, and how many failed, by host and `top_k`, in one file."""
    rows: list[Row] = []
    failed: list[Row] = []
    for (host, top_k), (held, lost) in counts.items():
        columns: dict[str, Any] = {
            "path": "artifacts/all.csv",
            "config": {"top_k": top_k},
            "environment": json.dumps({"host": host}),
        }
        for at in range(held + lost):
            row = len(rows) + len(failed) + 1
            if at < held:
                rows.append(a_measurement(20.0 + row, row=row, **columns))
            else:
                failed.append(a_failed_run("out of memory", row=row, **columns))
    return an_evidence(rows, failed=failed)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        # one host fails whatever it is asked, and was mostly asked for one value
        (
            {
                ("mill", 10): (4, 0),
                ("mill", 40): (24, 0),
                ("barn", 10): (8, 16),
                ("barn", 40): (1, 3),
            },
            ["In `artifacts/all.csv`, with `host=barn`, 19 runs failed"],
        ),
        # one value fails on one of them
        (
            {
                ("mill", 10): (12, 0),
                ("mill", 40): (12, 0),
                ("barn", 10): (1, 11),
                ("barn", 40): (12, 0),
            },
            [
                "In `artifacts/all.csv` on `host=barn`, with `top_k=10`, 11 runs failed",
                "In `artifacts/all.csv`, with `host=barn`, 11 runs failed",
            ],
        ),
        # it fails on both
        (
            {
                ("mill", 10): (1, 11),
                ("mill", 40): (12, 0),
                ("barn", 10): (2, 10),
                ("barn", 40): (12, 0),
            },
            [
                "In `artifacts/all.csv` on `host=mill`, with `top_k=10`, 11 runs failed",
                "In `artifacts/all.csv` on `host=barn`, with `top_k=10`, 10 runs failed",
            ],
        ),
        # of runs that name no machine nobody knows whether they were made on one
        (
            {
                ("localhost", 10): (12, 0),
                ("localhost", 40): (2, 10),
                ("mill", 10): (6, 0),
                ("barn", 10): (6, 0),
            },
            [],
        ),
    ],
)
def test_a_host_that_fails_does_not_make_an_option_look_as_if_it_failed(
    counts: dict[tuple[str, int], tuple[int, int]], said: list[str]
) -> None:
    found = told(with_failures(counts), "failure-rates")

    assert [each.partition(" and ")[0] for each in found] == said


@pytest.mark.parametrize(
    ("environment", "machine"),
    [
        ('{"hostname":"box","python":"3.12"}', {"host": "box"}),
        # an address of the machine itself names none
        ('{"ollama_host":"http://127.0.0.1:11434"}', {}),
        ('{"host":"localhost"}', {}),
        ('{"host":"http://[::1]:11434","gpu":""}', {}),
        # another name at each start of a container
        ('{"node":"3f2b8c1d9e0a","cpu":"EPYC"}', {"cpu": "EPYC"}),
        # the port is not the machine
        ('{"ollama_host":"http://gpu-box:11435"}', {"host": "gpu-box"}),
        ('{"node":"n1","nvidia_driver":581.29}', {"host": "n1", "driver": "581.29"}),
        ('{"host":"http://[broken"}', {"host": "http://[broken"}),
    ],
)
def test_a_machine_is_read_by_the_names_that_tools_use(
    environment: str, machine: dict[str, str]
) -> None:
    assert read_machine(environment) == machine


@pytest.mark.parametrize(
    ("environments", "settings"),
    [
        # one machine, however little some runs say of it
        (['{"host":"a"}', "{}", '{"host":"a","gpu":"X"}'], ["{}"] * 3),
        (['{"host":"a"}', '{"host":"b"}', "{}"], ['{"host":"a"}', '{"host":"b"}', "{}"]),
        # the card says no more than the host did
        (['{"host":"a","gpu":"X"}', '{"host":"b","gpu":"Y"}'], ['{"host":"a"}', '{"host":"b"}']),
        # nor where another host has two cards
        (
            [
                '{"host":"a"}',
                '{"host":"a","gpu":"X"}',
                '{"host":"b","gpu":"X"}',
                '{"host":"b","gpu":"Y"}',
            ],
            ['{"host":"a"}', '{"host":"a"}', '{"gpu":"X","host":"b"}', '{"gpu":"Y","host":"b"}'],
        ),
        # whoever does not name his host may have been on either
        (
            ['{"host":"a","gpu":"X"}', '{"host":"b"}', '{"gpu":"X"}'],
            ['{"host":"a"}', '{"host":"b"}', "{}"],
        ),
        # a name for the machine, or its architecture, is no processor
        (
            ['{"machine":"desk"}', '{"machine":"attic"}'],
            ['{"machine":"desk"}', '{"machine":"attic"}'],
        ),
        # a new driver is another machine to whoever compares
        (
            ['{"host":"a","driver":"1"}', '{"host":"a","driver":"2"}'],
            ['{"driver":"1"}', '{"driver":"2"}'],
        ),
    ],
)
def test_a_machine_is_a_setting_where_there_are_several(
    environments: list[str], settings: list[str]
) -> None:
    rows = [
        a_measurement(10.0 + at, row=at, path=f"reports/{at}.csv", environment=environment)
        for at, environment in enumerate(environments)
    ]

    assert select_samples(an_evidence(rows)).frame.cells("settings") == settings


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        # the card stands in a column of the second file, its host beside the settings of both
        ((None, "X"), ("{}", "{}")),
        (("X", "Y"), ('{"gpu":"X"}', '{"gpu":"Y"}')),
    ],
)
def test_a_card_in_a_column_is_one_of_the_host_that_the_file_names(
    settings: tuple[str | None, str], told: tuple[str, str]
) -> None:
    rows = [
        a_measurement(
            10.0 + at,
            row=at,
            path=f"reports/{at}.csv",
            environment='{"host":"a"}',
            config={"gpu_name": card} if card else {},
        )
        for at, card in enumerate(settings)
    ]

    assert select_samples(an_evidence(rows)).frame.cells("settings") == list(told)


def test_a_setting_that_is_not_as_the_file_says_of_the_machine_stays_a_setting() -> None:
    rows = [
        a_measurement(
            10.0 + at,
            row=at,
            path=f"reports/{host}.csv",
            environment=f'{{"gpu":"X","host":"{host}"}}',
            config={"gpu": used},
        )
        for at, (host, used) in enumerate([("a", False), ("a", True), ("b", True)])
    ]

    assert select_samples(an_evidence(rows)).frame.cells("settings") == [
        '{"gpu":false,"host":"a"}',
        '{"gpu":true,"host":"a"}',
        '{"gpu":true,"host":"b"}',
    ]


def test_questions_know_a_machine_once_and_hold_it_alike() -> None:
    known = catalogue(runs(1, "top_k", Plan(6, 6), Plan(6, 6), one_file=False))

    assert known.dimensions["host"].kind == "option"
    assert "hostname" not in known.dimensions
