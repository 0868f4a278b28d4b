"""Numbers of write-ups and summaries that their raw rows bear out, or do not."""

from typing import Any

import pytest

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, analyse, reported, told
from benchagent_tests.measured import Row, a_measurement, an_evidence, measured


def summary(stated: float, kind: str) -> Evidence:
    raw = measured([7.5, 8.5, 9.5], metric="latency", path="csv_data/raw.csv", subject="bert")
    stated_row = a_measurement(
        stated, metric="latency", path="reports/said.md", subject="bert", statistic="mean",
        raw_value=f"{stated:.1f}", kind=kind, derived_from="csv_data/raw.csv",
    )  # fmt: skip
    return an_evidence([*raw, stated_row])


def digest(*entries: tuple[str, float, float], moved: bool = True) -> Evidence:
    """A digest of rates and waits of engines, and the files that it was made from."""
    rows: list[Row] = []
    for row, (engine, rate, wait_s) in enumerate(entries, 1):
        named = {"config": {"engine": engine}, "subject": None, "row": row}
        rows += [
            a_measurement(rate, statistic="mean", **named),
            a_measurement(wait_s * 1000, metric="ttft", raw_value=f"{wait_s}", **named),
        ]
        # as a script writes it that takes columns by their place
        metrics = ("latency", "throughput") if moved else ("decode_rate", "prefill_rate")
        rows += [
            a_measurement(
                value, metric=metric, unit=unit, row=row, path="reports/digest.md", kind="claimed",
                subject=None, config={"label": engine}, raw_value=f"{value}0",
            )
            for metric, value, unit in zip(
                metrics, (rate, wait_s), ("ms" if moved else "tok/s", "tok/s"), strict=True
            )
        ]  # fmt: skip
    return an_evidence(rows)


def write_up(stated: float, others: int = 4) -> Evidence:
    """A table about engines of one file, in which one number may be wrong."""
    rows: list[Row] = []
    for place in range(others + 1):
        columns: dict[str, Any] = {
            "subject": "resnet", "row": place + 1, "config": {"engine": f"e{place}"},
        }  # fmt: skip
        mean, said = 10.0 + place, 10.0 + place if place else stated
        rows += reported(mean, spread=0.5, path="artifacts/e.json", **columns)
        rows.append(
            a_measurement(said, path="reports/e.md", statistic="mean", kind="claimed",
                          raw_value=f"{said:.1f} ms", metric="latency", **columns)
        )  # fmt: skip
    return an_evidence(rows)


def in_one_file(*stated: float) -> Evidence:
    """The same configuration twice, each with its runs and the mean that the tool took of them."""
    rows: list[dict[str, Any]] = []
    for line, (values, mean) in enumerate(zip(([10.0, 12.0], [20.0, 22.0]), stated, strict=True)):
        record = f"artifacts/matrix.jsonl#/{line}"
        alike: dict[str, Any] = {"path": "artifacts/matrix.jsonl", "row": line + 1}
        rows.append(
            a_measurement(
                mean,
                statistic="mean",
                kind="derived",
                derived_from="artifacts/matrix.jsonl",
                **alike,
                record=record,
            )
        )
        rows += [
            a_measurement(value, **alike, record=f"{record}/samples/{at}")
            for at, value in enumerate(values)
        ]
    return an_evidence(rows)  # fmt: skip


def of_two_works(stated: float, setting: str, said: str | None = None) -> Evidence:
    """A mean that a write-up states of one of two tests or prompts, that one file has."""
    rows = [
        a_measurement(value, row=row, config={setting: name}, path="artifacts/w.csv")
        for row, (name, value) in enumerate([("a", 30.0), ("a", 30.2), ("b", 28.0), ("b", 28.2)], 1)
    ]
    told = a_measurement(
        stated, path="reports/w.md", statistic="mean", kind="claimed", raw_value=f"{stated:.1f}",
        config={setting: said} if said else {},
    )  # fmt: skip
    return an_evidence([*rows, told])


FOUND: list[tuple[str, Seen, str]] = [
    (
        "statement-disagrees",
        lambda: of_two_works(28.1, "workload", "a"),
        r"it stated 28\.1 tok/s .* gives 30\.1 tok/s",
    ),
    ("statement-agrees", lambda: of_two_works(30.1, "workload", "a"), r"1 numbers? of `reports/w"),
    ("statement-agrees", lambda: of_two_works(28.1, "prompt", "b"), r"1 numbers? of `reports/w"),
    (
        "statement-disagrees",
        lambda: write_up(7.7),
        (
            r"disagreed with the raw rows in 1 number and agreed in 4 numbers; furthest off, it stated "
            r"7\.70 ms for the mean latency of `resnet` with `engine=e0`, where `artifacts/e.json` "
            r"gives 10\.0 ms"
        ),
    ),
    (
        "statement-disagrees",
        lambda: summary(9.9, "derived"),
        r"stated 9\.90 ms for the mean latency of `bert`, where `csv_data/raw.csv` gives 8\.50 ms",
    ),
    (
        "statement-disagrees",
        lambda: summary(7.1, "claimed"),
        r"^The write-up `reports/said.md` disagreed",
    ),
    (
        "misplaced-numbers",
        lambda: digest(("fused", 46.57, 2.008), ("plain", 65.18, 1.354)),
        (
            r"^4 numbers of `reports/digest.md` stand under the name of another column; "
            r"`reports/digest.md` has 46.6 ms as latency of `fused`, the digits that "
            r"`reports/runs.csv` has as mean decode rate: 46.6 tok/s\.$"
        ),
    ),
    ("statement-agrees", lambda: summary(8.5, "derived"), r"1 numbers? of `reports/said.md` agr"),
]


SILENT: list[tuple[str, Seen]] = [
    # of which of the two works the mean is, or of a third one, nobody says
    ("statement-disagrees", lambda: of_two_works(28.1, "workload")),
    ("statement-disagrees", lambda: of_two_works(28.1, "workload", "c")),
    ("statement-disagrees", lambda: of_two_works(30.1, "prompt", "the first")),
    ("statement-disagrees", lambda: of_two_works(30.1, "workload", "a")),
    # one number of a column may be like another by chance, and so may two digits
    ("misplaced-numbers", lambda: digest(("fused", 46.57, 2.008))),
    ("misplaced-numbers", lambda: digest(("fused", 46.0, 2.1), ("plain", 65.0, 1.3))),
    # the rates stand where they belong
    (
        "misplaced-numbers",
        lambda: digest(("fused", 46.57, 2.0), ("plain", 65.18, 1.3), moved=False),
    ),
    ("statement-disagrees", lambda: write_up(10.0)),
    # a write-up of which nothing is borne out may be about other runs
    ("statement-disagrees", lambda: write_up(7.7, others=0)),
    ("statement-disagrees", lambda: summary(8.5, "derived")),
    ("statement-disagrees", lambda: summary(8.5, "claimed")),
    ("statement-agrees", lambda: summary(9.9, "derived")),
]


def test_a_mean_is_held_against_the_runs_inside_its_own_record():
    assert told(in_one_file(11.0, 21.0), "statement-disagrees") == []
    [sentence] = told(in_one_file(11.0, 16.0), "statement-disagrees")
    assert "in 1 number and agreed in 1 number" in sentence
    assert "stated 16.0 tok/s" in sentence
    assert "its own raw rows give 21.0 tok/s" in sentence


def about_a_sweep(stated: float, statistic: str) -> list[Row]:
    """One number of a write-up about twelve runs, of which the mean is 60.0."""
    rows: list[Row] = []
    for place, rate in enumerate((50.0, 60.0, 70.0)):
        runs, at = [rate - 0.2, rate - 0.1, rate + 0.1, rate + 0.2], {"config": {"batch": place}}
        rows += measured(runs, path="csv_data/raw.csv", first_row=4 * place + 1, **at)
    said = a_measurement(
        stated, path="reports/said.md", statistic=statistic, kind="claimed", raw_value=f"{stated}"
    )
    return [*rows, said]


@pytest.mark.parametrize(
    ("statistic", "stated", "beside"),
    [
        ("mean", 99.0, "gives 60.0 tok/s"),
        ("median", 30.0, "gives 60.0 tok/s"),
        ("max", 99.0, "gives 70.2 tok/s"),
        # whatever it is of them, it lies beyond
        ("p95", 99.0, "gives at most 70.2 tok/s"),
        ("value", 30.0, "gives at least 49.8 tok/s"),
    ],
)
def test_no_mean_is_told_beside_a_single_run(statistic: str, stated: float, beside: str):
    [sentence] = told(an_evidence(about_a_sweep(stated, statistic)), "statement-disagrees")
    assert f"`csv_data/raw.csv` {beside}" in sentence


def test_a_mean_beyond_the_one_run_of_every_file_is_told_beside_the_greatest():
    rows = [a_measurement(50.0 + at, path=f"csv_data/{at}.csv") for at in range(12)]
    said = a_measurement(
        99.0, path="reports/said.md", statistic="mean", kind="claimed", raw_value="99.0"
    )
    [sentence] = told(an_evidence([*rows, said]), "statement-disagrees")
    assert "where `csv_data/11.csv` gives at most 61.0 tok/s" in sentence


def test_a_mean_is_not_held_against_the_one_run_of_each_file():
    rows = [
        a_measurement(rate, path=f"csv_data/{rate}.csv", config={"batch": at})
        for at in range(4)
        for rate in (50.0 + at, 60.0 + at)
    ]
    said = [
        a_measurement(
            rate, path="reports/said.md", row=at + 1, kind="claimed", raw_value=f"{rate}",
            statistic="mean" if at == 3 else "value", config={"batch": at},
        )
        for at, rate in enumerate((50.0, 51.0, 52.0, 58.0))
    ]  # fmt: skip
    assert told(an_evidence([*rows, *said]), "statement-disagrees") == []


def test_a_write_up_of_which_little_can_be_checked_is_told_with_how_much_cannot():
    """A fault in 1 of 4 numbers is another thing where 115 more were never held against anything."""
    sweep = about_a_sweep(99.0, "mean")
    assert "could not be checked" not in told(an_evidence(sweep), "statement-disagrees")[0]
    of_others = [
        a_measurement(
            70.0 + row, path="reports/said.md", row=row, kind="claimed", subject=subject, unit=unit
        )
        for row, (subject, unit) in enumerate((("other:1b", "tok/s"), ("tiny:1b", None)), 2)
    ]  # fmt: skip

    [sentence] = told(an_evidence([*sweep, *of_others]), "statement-disagrees")

    assert "agreed in 0 numbers (2 numbers could not be checked); furthest off" in sentence


@pytest.mark.parametrize(
    ("kind", "other", "headline"),
    [
        ("claimed", 8.5, "Every write-up that could be checked agrees with the raw data"),
        ("claimed", 7.1, "Write-ups that agree with the raw data"),
        ("derived", 7.1, "Summaries that agree with the raw data"),
    ],
)
def test_not_every_write_up_is_said_to_agree_where_one_does_not(
    kind: str, other: float, headline: str
):
    of: Row = {"metric": "latency", "subject": "bert"}
    rows = measured([7.5, 8.5, 9.5], path="csv_data/raw.csv", **of)
    for path, mean in (("reports/right.md", 8.5), ("reports/said.md", other)):
        claim: Row = {"path": path, "statistic": "mean", "kind": kind, **of}
        claim["derived_from"] = "csv_data/raw.csv" if kind == "derived" else None
        rows.append(a_measurement(mean, raw_value=f"{mean:.1f}", **claim))

    findings, _ = analyse(an_evidence(rows))

    assert [each.headline for each in findings if each.rule == "statement-agrees"] == [headline]


@pytest.mark.parametrize(("off", "found"), [(0.05, True), (0.0001, False)])
def test_a_sum_that_parts_from_its_own_rows_past_the_digits_shown_is_no_mistake(
    off: float, found: bool
):
    rows = measured([340.0, 341.0, 342.0], metric="latency", path="artifacts/g.json", subject="gru")
    sums = a_measurement(
        341 * (1 + off), metric="latency", path="artifacts/g.json", subject="gru", row=9,
        statistic="mean", kind="derived", derived_from="artifacts/g.json",
    )  # fmt: skip

    sentences = told(an_evidence([*rows, sums]), "statement-disagrees")

    assert bool(sentences) is found
    for sentence in sentences:
        assert "disagreed with its own raw rows in 1 number" in sentence
        assert sentence.endswith(
            "358 ms for the mean latency of `gru`, where its own raw rows give 341 ms."
        )
