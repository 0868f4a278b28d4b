"""Levels of settings, of which the machine is one: whose a number is, and which is the best."""

from pathlib import Path

import pytest

from benchagent.verification.evidence.corpus import Corpus
from benchagent_tests.folders import fill
from benchagent_tests.verification.verifying import flags, measure, rulings

ON_HOSTS = """model,host,gpu,tokens_s
wren:4b,desk,RTX 4090,60.0
wren:4b,desk,RTX 4090,62.0
wren:4b,desk,RTX 4090,61.0
wren:4b,attic,GTX 1080,30.0
wren:4b,attic,GTX 1080,29.0
wren:4b,attic,GTX 1080,29.9
"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    data = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": ON_HOSTS})
    return measure(data, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    "text",
    [
        "On attic, wren:4b had a median decode rate of 29.9 tok/s.",
        "wren:4b decodes 29.9 tok/s on the GTX 1080 and 61.0 tok/s on the RTX 4090 (medians).",
        "## attic\n\n- wren:4b: median 29.9 tok/s",
        "| Host | Model | median tok/s |\n|---|---|---|\n| desk | wren:4b | 61.0 |",
    ],
)
def test_a_number_of_one_machine_is_not_held_against_all_of_them(text: str, hosts: Corpus) -> None:
    assert flags(text, hosts) == []
    swapped = text.replace("attic", "?").replace("desk", "attic").replace("?", "desk")
    swapped = (
        swapped.replace("GTX 1080", "?").replace("RTX 4090", "GTX 1080").replace("?", "RTX 4090")
    )
    assert flags(swapped, hosts) != []


@pytest.mark.parametrize("setting", ["host", "backend"])
def test_what_a_file_of_one_level_gives_is_no_number_of_another(
    setting: str, tmp_path: Path
) -> None:
    rows = {"desk": (60.0, 62.0, 61.0), "attic": (30.0, 29.0, 29.9)}
    files = {
        f"reports/{n}.csv": f"model,{setting},tokens_s\n"
        + "".join(f"wren:4b,{level},{rate}\n" for rate in rates)
        for n, (level, rates) in enumerate(rows.items())
    }
    corpus = measure(fill(tmp_path / "data", files), tmp_path / "out")
    assert flags("On attic, wren:4b had a median of 29.9 tok/s.", corpus) == []
    assert flags("On desk, wren:4b had a median of 29.9 tok/s.", corpus) == ["29.9 tok/s"]
    # where the text leaves it open, and over both
    assert flags("wren:4b had a median of 29.9 tok/s.", corpus) == []
    assert flags("wren:4b had a mean of 45.3 tok/s, desk included.", corpus) == []


SERVED = """server,model,concurrency,tokens_s
heron,wren:4b,1,98.7
heron,wren:4b,16,1234.4
stork,wren:4b,1,83.7
stork,wren:4b,16,982.8
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # the mean of both servers at concurrency 1, and that of one at both
        ("stork reaches 91.2 tok/s at a concurrency of 1.", ["91.2 tok/s"]),
        ("The mean of heron was 666.6 tok/s at a concurrency of 16.", ["666.6 tok/s"]),
        # the maximum and the end of an interval, of which the text says nothing
        ("wren:4b decodes 1234.4 tok/s with stork.", ["1234.4 tok/s"]),
        ("stork reaches 83.7 tok/s at a concurrency of 1.", []),
        ("The mean of stork was 533.2 tok/s.", []),
    ],
)
def test_what_sums_up_all_levels_is_no_number_of_the_one_that_is_named(
    text: str, found: list[str], tmp_path: Path
) -> None:
    corpus = measure(fill(tmp_path / "data", {"reports/a.csv": SERVED}), tmp_path / "out")
    assert flags(text, corpus) == found


def test_the_best_level_of_a_setting_is_compared_with_the_others(hosts: Corpus) -> None:
    assert rulings("desk is the fastest of the two.", hosts) == [("fastest", "supported")]
    assert rulings("The lowest decode rate? attic is the slowest.", hosts)[-1][1] == "supported"
    assert flags("attic has the highest decode rate.", hosts) == ["highest"]
    # what the data do not compare is left alone
    assert rulings("attic is the largest of the two.", hosts) == []


ON_BACKENDS = """model,backend,threads,tokens_s
wren:4b,onnx,4,30.0
wren:4b,onnx,8,40.0
wren:4b,eager,4,30.0
wren:4b,eager,8,50.0
wren:4b,vulkan,4,20.0
wren:4b,vulkan,8,60.0
wren:4b,sycl,4,10.0
wren:4b,sycl,8,5.0
"""


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    data = fill(tmp_path_factory.mktemp("data"), {"reports/calls.csv": ON_BACKENDS})
    return measure(data, tmp_path_factory.mktemp("out"))


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("`sycl` (7.5 tok/s) is by far the slowest.", "supported"),
        ("Of the four, sycl was clearly the slowest.", "supported"),
        ("onnx has the highest decode rate of the four.", "contradicted"),
    ],
)
def test_the_best_of_many_levels_is_found(text: str, ruling: str, backends: Corpus) -> None:
    assert ruling in [found for quote, found in rulings(text, backends) if "tok" not in quote]


@pytest.mark.parametrize(
    "text",
    [
        # the most of its own calls
        "On onnx, the highest decode rate was 40.0 tok/s.",
        "onnx had a highest decode rate of 40.0 tok/s.",
        # of another, which is not named
        "onnx ran on the slowest machine.",
        "onnx is half as fast as the fastest.",
        # of some, or not said at all
        "onnx is the fastest of the portable ones.",
        "onnx is the fastest without a cache.",
        "It is not true that onnx is the fastest.",
        # as fast as another: 40 tok/s in the mean
        "eager is the fastest.",
    ],
)
def test_a_level_that_is_not_said_to_be_best_of_all_is_not_held_against_them(
    text: str, backends: Corpus
) -> None:
    assert flags(text, backends) == []


OF_TWO_MODELS = """model,backend,tokens_s
wren:4b,onnx,30.0
wren:4b,onnx,32.0
wren:4b,eager,60.0
wren:4b,eager,62.0
lark:1b,onnx,22.0
lark:1b,onnx,24.0
lark:1b,eager,20.0
lark:1b,eager,21.0
"""


def test_a_level_is_not_the_best_where_it_is_best_for_one_model_alone(tmp_path: Path) -> None:
    data = fill(tmp_path / "data", {"reports/calls.csv": OF_TWO_MODELS})
    corpus = measure(data, tmp_path / "out")
    # slower for wren:4b, and over both
    assert rulings("onnx is the fastest.", corpus) == []
    assert rulings("eager is the fastest.", corpus) == []


# Faster on each machine, and run mostly on the slow one.
UNEVENLY = {
    ("wren:4b", "desk"): [60.0] * 10,
    ("wren:4b", "attic"): [20.0] * 3,
    ("finch:2b", "desk"): [120.0] * 3,
    ("finch:2b", "attic"): [40.0] * 10,
}


def test_who_is_ahead_on_each_machine_is_not_held_against_all_of_them(tmp_path: Path) -> None:
    rows = [f"{','.join(of)},{rate}" for of, rates in UNEVENLY.items() for rate in rates]
    table = "\n".join(["model,host,tokens_s", *rows, ""])
    corpus = measure(fill(tmp_path / "data", {"reports/calls.csv": table}), tmp_path / "out")
    assert flags("finch:2b has a higher median decode rate than wren:4b.", corpus) == []
    lower = "finch:2b has a lower median decode rate than wren:4b on desk."
    assert flags(lower, corpus) == ["lower median decode rate than"]
    # ahead on one of them alone
    swapped = table.replace("finch:2b,attic,40.0", "finch:2b,attic,10.0")
    corpus = measure(fill(tmp_path / "other", {"reports/calls.csv": swapped}), tmp_path / "out")
    higher = "finch:2b has a higher median decode rate than wren:4b."
    assert flags(higher, corpus) == ["higher median decode rate than"]


def test_a_heading_tells_the_percentile_of_the_cells_below(tmp_path: Path) -> None:
    table = "model,mean_ttft_ms,p99_ttft_ms\nwren:4b,210.5,398.25\nlark:2b,180.5,301.75\n"
    corpus = measure(fill(tmp_path / "data", {"reports/sums.csv": table}), tmp_path / "out")
    cells = "| Model | TTFT |\n|---|---|\n| wren:4b | 398 ms |\n| lark:2b | 302 ms |\n"

    assert flags(f"## Medians of the p99 reported\n\n{cells}", corpus) == []
    assert flags(f"## Medians\n\n{cells}", corpus) == ["398 ms", "302 ms"]
