"""Tables as people lay them out, and what a reader takes from each."""

import json
from typing import Any, NamedTuple


class Row(NamedTuple):
    """What one run was of, under which settings, and its numbers by metric."""

    subject: str | None
    config: dict[str, Any]
    numbers: dict[str, float]


class Table(NamedTuple):
    """A file and what a reader takes from it."""

    name: str
    text: str
    rows: list[Row]
    statistic: str = "value"


GIB = 2**30


COMMAS = Table(
    "commas.csv",
    """\
Model;Quant;Threads;Tokens/s;TTFT (ms);Load (s)
starling-7b;Q4_K_M;4;12,5;1.204,75;3,210
starling-7b;Q8_0;8;8,125;1.911;5,002
""",
    [
        Row(
            "starling-7b",
            {"quantization": "Q4_K_M", "num_thread": 4},
            {"decode_rate": 12.5, "ttft": 1204.75, "load_time": 3210},
        ),
        Row(
            "starling-7b",
            {"quantization": "Q8_0", "num_thread": 8},
            {"decode_rate": 8.125, "ttft": 1911, "load_time": 5002},
        ),
    ],
)


UNITS_BELOW = Table(
    "units.csv",
    """\
model,ctx,prefill rate,decode rate,ttft,vram
,tokens,tok/s,tok/s,ms,GiB
magpie:3b,2048,912.4,61.2,143,2.5
magpie:3b,8192,871.0,55.9,611,3.25
""",
    [
        Row(
            "magpie:3b",
            {"num_ctx": 2048},
            {"prefill_rate": 912.4, "decode_rate": 61.2, "ttft": 143, "vram": 2.5 * GIB},
        ),
        Row(
            "magpie:3b",
            {"num_ctx": 8192},
            {"prefill_rate": 871.0, "decode_rate": 55.9, "ttft": 611, "vram": 3.25 * GIB},
        ),
    ],
)


MERGED_HEADER = Table(
    "merged.csv",
    """\
Model,Batch,Prefill,Prefill,Decode,Decode
,,tok/s,ms,tok/s,ms
sparrow-1b,1,2210.5,231.6,88.1,1453.0
""",
    [
        Row(
            "sparrow-1b",
            {"batch_size": 1},
            {"prefill_rate": 2210.5, "prompt_eval_time": 231.6, "decode_rate": 88.1, "eval_time": 1453},
        )
    ],
)  # fmt: skip


UNITS_IN_CELLS = Table(
    "cells.tsv",
    "Model\tGPU\tDecode speed\tTTFT\n"
    "kestrel:13b\tRTX 4090\t52.4 tok/s\t1,204 ms\n"
    "kestrel:13b\tRTX 3060\t18.9 tok/s\t3.871 s\n",
    [
        Row("kestrel:13b", {"gpu": "RTX 4090"}, {"decode_rate": 52.4, "ttft": 1204}),
        Row("kestrel:13b", {"gpu": "RTX 3060"}, {"decode_rate": 18.9, "ttft": 3871}),
    ],
)


SPREADS = Table(
    "spreads.csv",
    """\
engine,concurrency,decode tok/s,TTFT (ms)
wren-serve,1,88.4 ± 0.6,41.2 +/- 3.0
wren-serve,8,61.0 ± 2.1,133.7 +/- 20.4
""",
    [
        Row(None, {"engine": "wren-serve", "concurrency": 1}, {"decode_rate": 88.4, "ttft": 41.2}),
        Row(None, {"engine": "wren-serve", "concurrency": 8}, {"decode_rate": 61.0, "ttft": 133.7}),
    ],
    statistic="mean",
)


CAMEL_CASE = Table(
    "camel.json",
    json.dumps(
        [
            {"modelName": "dove:4b", "gpuLayers": 0, "tokensPerSecond": 7.25, "loadTimeMs": 912.0},
            {"modelName": "dove:4b", "gpuLayers": 33, "tokensPerSecond": 48.0, "loadTimeMs": 101.5},
        ]
    ),
    [
        Row("dove:4b", {"num_gpu": 0}, {"decode_rate": 7.25, "load_time": 912}),
        Row("dove:4b", {"num_gpu": 33}, {"decode_rate": 48.0, "load_time": 101.5}),
    ],
)


SUMMED_UP = Table(
    "summed.csv",
    """\
run,model,ttft_ms,tokens/s
1,tern:1b,90.5,40.25
2,tern:1b,84.0,41.5
Average,tern:1b,87.25,40.88
""",
    [
        Row("tern:1b", {}, {"ttft": 90.5, "decode_rate": 40.25}),
        Row("tern:1b", {}, {"ttft": 84.0, "decode_rate": 41.5}),
    ],
)


ONE_MEAN_A_ROW = Table(
    "means.csv",
    """\
stat,engine,decode tok/s
Mean,lark,40.25
mean,wren,41.5
""",
    [
        Row(None, {"engine": "lark"}, {"decode_rate": 40.25}),
        Row(None, {"engine": "wren"}, {"decode_rate": 41.5}),
    ],
    statistic="mean",
)


SECONDS_A_TOKEN = Table(
    "spt.csv",
    """\
checkpoint,dtype,s/token,prompt len,note
merlin-7b,fp16,0.041,512,"first, cold"
merlin-7b,int4,0.021,2048,
""",
    [
        Row("merlin-7b", {"dtype": "fp16", "prompt_len": 512}, {"tpot": 41}),
        Row("merlin-7b", {"dtype": "int4", "prompt_len": 2048}, {"tpot": 21}),
    ],
)


TURNED = Table(
    "turned.csv",
    """\
metric,unit,qwen2.5:7b,phi3:mini
TTFT,ms,182.5,96.0
Tokens/s,,45.2,78.4
Load time,s,4.1,2.2
""",
    [
        Row("qwen2.5:7b", {}, {"ttft": 182.5, "decode_rate": 45.2, "load_time": 4100}),
        Row("phi3:mini", {}, {"ttft": 96.0, "decode_rate": 78.4, "load_time": 2200}),
    ],
)


ONE_NUMBER_A_ROW = Table(
    "long.csv",
    """\
model,threads,metric,value,unit
heron:8b,4,ttft,310.5,ms
heron:8b,4,decode rate,14.2,tok/s
heron:8b,8,ttft,188.0,ms
heron:8b,8,ttft,190.0,ms
heron:8b,8,decode rate,21.9,tok/s
""",
    [
        Row("heron:8b", {"num_thread": 4}, {"ttft": 310.5, "decode_rate": 14.2}),
        Row("heron:8b", {"num_thread": 8}, {"ttft": 188.0}),
        Row("heron:8b", {"num_thread": 8}, {"ttft": 190.0, "decode_rate": 21.9}),
    ],
)


STATISTICS_AT_EACH_NUMBER = Table(
    "statistics.csv",
    """\
engine,measure,stat,value
lark,ttft_ms,mean,310.5
wren,ttft_ms,mean,188.0
""",
    [
        Row(None, {"engine": "lark"}, {"ttft": 310.5}),
        Row(None, {"engine": "wren"}, {"ttft": 188.0}),
    ],
    statistic="mean",
)


BARS = Table(
    "bars.csv",
    "model|temp|ttft_s|tokens_s\nibis:4b|0.1|0.31|44.5\nibis:4b|0.9|0.29|43.75\n",
    [
        Row("ibis:4b", {"temp": 0.1}, {"ttft": 310, "decode_rate": 44.5}),
        Row("ibis:4b", {"temp": 0.9}, {"ttft": 290, "decode_rate": 43.75}),
    ],
)


TESTS_SIDE_BY_SIDE = Table(
    "tests.csv",
    "model,ngl,pp512 (t/s),tg128 (t/s)\nfinch-1b.Q4_0.gguf,99,2410.0,91.0\n",
    [
        Row("finch-1b.Q4_0.gguf", {"num_gpu": 99, "workload": "pp512"}, {"prefill_rate": 2410}),
        Row("finch-1b.Q4_0.gguf", {"num_gpu": 99, "workload": "tg128"}, {"decode_rate": 91}),
    ],
)

TABLES = (
    BARS, TESTS_SIDE_BY_SIDE, TURNED, ONE_NUMBER_A_ROW, STATISTICS_AT_EACH_NUMBER, COMMAS,
    UNITS_BELOW, MERGED_HEADER, UNITS_IN_CELLS, SPREADS, CAMEL_CASE, SUMMED_UP, ONE_MEAN_A_ROW,
    SECONDS_A_TOKEN,
)  # fmt: skip
