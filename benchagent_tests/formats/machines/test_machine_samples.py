"""What GPUs and machines did: nvidia-smi, the profiler of kernels, telemetry."""

from benchagent.formats import parse_bytes
from benchagent.measurements.readings import Unparsed
from benchagent_tests.artifacts import SAMPLES, numbers_of, parse_sample, parse_text


def test_telemetry_is_in_the_units_that_its_writer_meant():
    system, gpu = parse_sample("system_metrics.json").records
    assert numbers_of(system)["memory"] == 8.0 * 2**30
    assert gpu.subject == "Acme 9000"
    assert numbers_of(gpu) == {
        "gpu_utilization": 0.25,
        "vram": 512.0 * 2**20,
        "power": 2.5,
        "temperature_c": 48.0,
        "clock_rate": 210e6,
    }


def test_an_export_of_nothing_says_so():
    outcome = parse_bytes("x.json", (SAMPLES / "no_inferences.json").read_bytes())
    assert isinstance(outcome, Unparsed)
    assert outcome.reason == "an export of nothing: No inference data available"


def test_units_under_the_header_and_indian_digit_groups_are_understood():
    (launch,) = parse_sample("ncu_raw.csv").records
    assert launch.name == "row=2"
    assert launch.subject == "scale<1>"
    assert {r.metric: (r.value, r.unit) for r in launch.readings} == {
        "latency": (0.0095, "ms"),
        "ncu:sm__warps_active.avg.pct_of_peak_sustained_active": (0.755, "ratio"),
        "ncu:dram__bytes.sum": (12878086144.0, None),
    }


def test_samples_of_nvidias_tool_are_telemetry_in_the_units_of_their_headings():
    parsed = parse_sample("nvidia_smi.csv")
    assert [(record.subject, record.config) for record in parsed.records[:2]] == [
        ("NVIDIA GeForce RTX 4090", {"gpu_index": 0}),
        ("Tesla P4", {"gpu_index": 1}),
    ]
    assert {record.benchmark for record in parsed.records} == {"telemetry"}
    assert parsed.records[0].measured_at == ("2025-11-20T10:00:00.123000", "naive")
    assert numbers_of(parsed.records[2]) == {
        "gpu_utilization": 0.97, "vram": 6423 * 2**20, "power": 322.87, "temperature_c": 58,
        "clock_rate": 2.715e9,
    }  # fmt: skip
    assert "power" not in numbers_of(parsed.records[1])


def test_units_in_headings_alone_are_those_of_the_cells_too():
    text = (SAMPLES / "nvidia_smi.csv").read_text()
    header, _, rows = text.partition("\n")
    for unit in (" %", " MiB", " W", " MHz"):
        rows = rows.replace(unit, "")
    bare = parse_text(f"{header}\n{rows}").records
    assert [numbers_of(record) for record in bare] == [
        numbers_of(record) for record in parse_sample("nvidia_smi.csv").records
    ]


def test_nvidias_tool_may_be_asked_for_memory_alone():
    text = "memory.used [MiB], memory.total [MiB]\n18123 MiB, 24564 MiB\n"
    [record] = parse_text(text).records
    assert numbers_of(record) == {"vram": 18123 * 2**20}
