"""Variants beside their baseline, means that scatter, and devices that were not used."""

import json

from benchagent.facts.fact import Evidence
from benchagent_tests.findings.telling import Seen, reported, told, variants
from benchagent_tests.measured import Row, a_measurement, an_evidence, measured


def bare(**means: float) -> Evidence:
    """Means of engines of which nobody told how many calls they are of, or how they spread."""
    rows = [
        a_measurement(mean, metric="latency", row=row, statistic="mean", config={"engine": engine})
        for row, (engine, mean) in enumerate(means.items(), 1)
    ]
    return an_evidence(rows)


def few_runs(**means: float) -> Evidence:
    """Means of engines over three runs each, with a standard deviation of 1 ms."""
    rows = [
        each
        for row, (engine, mean) in enumerate(means.items(), 1)
        for each in reported(mean, spread=1.0, n=3, row=row, config={"engine": engine})
    ]
    return an_evidence(rows)


def ahead_in_each(*paths: str) -> Evidence:
    """An engine twice as fast as the baseline of each of these files."""
    engines = {"baseline": 20.0, "fused": 10.0}
    rows = [
        each
        for path in paths
        for row, (engine, mean) in enumerate(engines.items(), 1)
        for each in reported(mean, spread=0.5, row=row, path=path, config={"engine": engine})
    ]
    return an_evidence(rows)


def placed(*used: str | None, told_in: str = "config") -> Evidence:
    """A baseline and a slower engine, labelled as on the GPU, and the providers they recorded."""
    rows: list[Row] = []
    for row, (engine, provider) in enumerate(zip(("eager", "onnx"), used, strict=True), 1):
        said: dict[str, dict[str, str]] = {"config": {}, "environment": {}}
        said[told_in] = {"providers": provider} if provider else {}
        rows += reported(
            20.0 * row, spread=1.0, row=row, subject="whisper",
            config={"engine": engine, "device": "cuda", **said["config"]},
            environment=json.dumps(said["environment"]),
        )  # fmt: skip
    return an_evidence(rows)


def on_device(asked: str, used: str, *names: str, **beside: str) -> Evidence:
    asked_as, used_as = names or ("accelerator", "execution_provider")
    layers = int(asked) if asked.lstrip("-").isdecimal() else None
    config = {asked_as: asked if layers is None else layers, used_as: used, **beside}
    return an_evidence(measured([3.0, 4.0], config=config, subject="yolo", path="artifacts/d.csv"))


FOUND: list[tuple[str, Seen, str]] = [
    (
        "slower-than-baseline",
        lambda: variants(baseline=1.0, fused=1.4),
        (
            r"^`engine=fused` had a clearly higher latency than its baseline `engine=baseline` in "
            r"`artifacts/asr.json`: a mean latency of 28\.0 ms for `whisper` against 20\.0 ms, "
            r"1\.40 \(interval 1\.34 to 1\.47\) times as slow\.$"
        ),
    ),
    # both of them on the CPU in spite of their label
    (
        "slower-than-baseline",
        lambda: placed("CPUExecutionProvider", "CPUExecutionProvider"),
        r"`engine=onnx` had a clearly higher latency than its baseline `engine=",
    ),
    (
        "faster-than-baseline",
        lambda: variants(vanilla=1.0, fused=0.5),
        r"`engine=fused` had a clearly lower latency than its baseline .*: .*2\.00 \(interval",
    ),
    (
        "faster-than-baseline",
        lambda: ahead_in_each("a.json", "b.json"),
        r"^Out of 2 comparisons .*`engine=fused` had a clearly lower latency in 2, furthest ahead in",
    ),
    # a twelfth, which its spread and size tell from chance
    (
        "slower-than-baseline",
        lambda: variants(baseline=1.0, fused=1.08),
        r"^`engine=fused` had a clearly higher latency .*1\.08 \(interval 1\.03 to 1\.13\)",
    ),
    # far apart, but bare means, or means over three runs
    (
        "untested-beside-baseline",
        lambda: bare(baseline=20.0, fused=15.0),
        r"`engine=fused` had, beside its baseline .*15\.0 ms.* against 20\.0 ms, but nothing in the file lets",
    ),
    (
        "untested-beside-baseline",
        lambda: few_runs(baseline=4.1, fused=3.0),
        r"`engine=fused` had, beside its baseline .* a mean latency of 3\.00 ms .*against 4\.10 ms, but",
    ),
    (
        "scattered-mean",
        lambda: an_evidence(
            reported(9.0, spread=27.0, range=(0.1, 90.0), subject="gemm", config={"tile": 8})
        ),
        (
            r"^The reported mean latency of `gemm` with `tile=8` is 9\.00 ms, with a standard "
            # one call of 90 ms would do, and so would several
            r"deviation of 27\.0 ms and values from 0\.100 ms to 90\.0 ms: a slow tail makes it"
        ),
    ),
    (
        "device-label",
        lambda: on_device("rocm:0", "CPUExecutionProvider"),
        r"^2 runs labelled `accelerator=rocm:0` recorded `execution_provider=CPUExecutionProvider`",
    ),
    (
        "device-label",
        lambda: on_device("gpu", "cpu", "device_requested", "device_used"),
        r"^2 runs labelled `device_requested=gpu` recorded `device_used=cpu`",
    ),
    # a list in the cell of a table, as Python writes it
    (
        "device-label",
        lambda: on_device("cuda", "['CPUExecutionProvider']", "device", "providers"),
        r"^2 runs labelled `device=cuda` recorded `providers=\['CPUExecutionProvider'\]`",
    ),
    # of the objects that it stood in, this one is of the run
    (
        "device-label",
        lambda: on_device("cuda", "cpu", "device", "runtime_device_used"),
        r"^2 runs labelled `device=cuda` recorded `runtime_device_used=cpu`",
    ),
    # what `ollama ps` says of layers that were asked for
    (
        "device-label",
        lambda: on_device("99", "100% CPU", "num_gpu", "processor"),
        r"^2 runs labelled `num_gpu=99` recorded `processor=100% CPU`",
    ),
    (
        "device-label",
        lambda: on_device("33", "0/33", "num_gpu", "offloaded_layers"),
        (
            r"^2 runs labelled `num_gpu=33` recorded `offloaded_layers=0/33`, so none of their layers "
            r"was on the GPU: "
        ),
    ),
    # the list is what might have been used, and the device is what was
    (
        "device-label",
        lambda: on_device("cuda", "cpu", "device", "device_used", providers="CUDA,CPU"),
        r"^2 runs labelled `device=cuda` recorded `device_used=cpu`",
    ),
]


SILENT: list[tuple[str, Seen]] = [
    ("slower-than-baseline", lambda: variants(baseline=1.0, fused=1.01)),
    # how many times more than nothing, nobody can say
    ("slower-than-baseline", lambda: variants(baseline=0.0, fused=1.4)),
    # which ran on the CPU, and the baseline on the GPU: devices, not engines
    ("slower-than-baseline", lambda: placed(None, "CPUExecutionProvider")),
    ("slower-than-baseline", lambda: placed(None, "cpu", told_in="environment")),
    # nobody says which of them is the baseline
    ("slower-than-baseline", lambda: variants(plain=1.0, fused=1.4)),
    ("faster-than-baseline", lambda: variants(baseline=1.0, fused=0.99)),
    # no size alone makes a difference clear, and no test can be made of so few
    ("faster-than-baseline", lambda: bare(baseline=20.0, fused=1.0)),
    ("faster-than-baseline", lambda: few_runs(baseline=4.1, fused=3.0)),
    ("untested-beside-baseline", lambda: bare(baseline=20.0, fused=17.0)),
    ("untested-beside-baseline", lambda: variants(baseline=1.0, fused=1.4)),
    # a baseline whose mean a slow call makes is no yardstick
    (
        "faster-than-baseline",
        lambda: an_evidence(
            [
                *reported(9.0, spread=27.0, config={"variant": "baseline_gelu"}),
                *reported(0.5, spread=0.1, config={"variant": "fused_gelu"}, row=2),
            ]
        ),
    ),
    ("scattered-mean", lambda: an_evidence(reported(9.0, spread=1.0, subject="gemm"))),
    ("device-label", lambda: on_device("rocm:0", "ROCMExecutionProvider,CPUExecutionProvider")),
    ("device-label", lambda: on_device("cpu", "CPUExecutionProvider")),
    ("device-label", lambda: on_device("gpu", "cuda:0", "device_requested", "device_used")),
    ("device-label", lambda: on_device("cpu", "cpu", "device_requested", "device_used")),
    # an order in which devices are tried
    ("device-label", lambda: on_device("cuda", '["CUDA", "CPU"]', "device", "providers")),
    ("device-label", lambda: on_device("cuda", "cpu", "device", "draft_device_used")),
    ("device-label", lambda: on_device("99", "100% GPU", "num_gpu", "processor")),
    ("device-label", lambda: on_device("99", "48%/52% CPU/GPU", "num_gpu", "processor")),
    # no layers were asked for, or as many as fit
    ("device-label", lambda: on_device("0", "100% CPU", "num_gpu", "processor")),
    ("device-label", lambda: on_device("-1", "100% CPU", "num_gpu", "processor")),
    # 99 is what llama-bench gives where nobody says a number, and its backend is told openly
    ("device-label", lambda: on_device("99", "CPU", "num_gpu", "backends")),
    ("device-label", lambda: on_device("33", "CPU", "num_gpu", "backend")),
    ("device-label", lambda: on_device("99", "cpu", "num_gpu", "device_used", device="cpu")),
    ("device-label", lambda: on_device("33", "20/33", "num_gpu", "offloaded_layers")),
    ("device-label", lambda: on_device("0", "0", "num_gpu", "offloaded_layers")),
]


def test_a_variant_timed_call_by_call_is_told_with_the_median_that_was_taken():
    rows = [
        a_measurement(
            value, row=row, metric="latency", subject=None, path="artifacts/softmax.csv",
            config={"variant": variant}, benchmark="kernel",
        )
        for row, (variant, value) in enumerate(
            [(v, m + d / 100) for d in range(9) for v, m in (("baseline", 2.0), ("fused", 3.0))], 1
        )
    ]  # fmt: skip

    [sentence] = told(an_evidence(rows), "slower-than-baseline")

    # nine values from 3.00 to 3.08, and from 2.00 to 2.08
    assert (
        "`artifacts/softmax.csv`: a median latency of 3.04 ms against 2.04 ms, 1.49 (" in sentence
    )
