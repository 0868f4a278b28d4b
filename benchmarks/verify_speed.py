"""How many reports a second the verifier reads over a loaded corpus.

    python benchmarks/verify_speed.py REPORTS… --data ROOT --out OUT [--rounds 20]

Each round changes every number a little, so that no verdict is answered from a cache. The rival is
markdown-it-py, which only parses the same texts: how many parses one check takes tells more than a
time on some machine does.
"""

import argparse
import gc
import re
import time
from itertools import repeat
from pathlib import Path

from markdown_it import MarkdownIt

from benchagent.verification.batch import Report, verify_reports
from benchagent.verification.evidence.named_values import Known
from benchagent.verification.kept import forget
from benchagent.verification.verify import verify_report

from verify_folders import load_folder  # isort: skip


def change(text: str, number: int) -> str:
    """A report like it with other numbers."""
    return re.sub(r"(?<=\d)\.(\d)", rf".{number % 10}\1", text)


def main() -> None:
    """Prints reports and claims per second."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("reports", nargs="+", type=Path)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--rounds", type=int, default=20)
    arguments.add_argument("--processes", type=int, default=0, help="also measure so many at once")
    chosen = arguments.parse_args()
    started = time.perf_counter()
    knowledge = load_folder(chosen.data, chosen.out)
    gc.freeze()  # what never dies need not be looked at by the collector
    print(f"corpus loaded in {time.perf_counter() - started:.1f} s")
    texts = [path.read_text(encoding="utf-8") for path in chosen.reports]
    verify_report(texts[0], knowledge)
    parser = MarkdownIt("commonmark").enable("table")
    claims = 0
    spent = parsing = 0.0
    alike: list[Report] = []
    for number in range(chosen.rounds):
        forget()
        for text in texts:
            changed = change(text, number)
            begun = time.process_time()
            claims += len(verify_report(changed, knowledge))
            spent += time.process_time() - begun
            begun = time.process_time()
            parser.parse(changed)
            parsing += time.process_time() - begun
        alike += [Report(changed, Known()) for changed in map(change, texts, repeat(number))]
    reports = chosen.rounds * len(texts)
    size = sum(map(len, texts)) / len(texts)
    print(
        f"{reports} reports of {size:,.0f} characters in {spent:.2f} s of processor time: "
        f"{reports / spent:.0f} reports/s, {claims / spent:,.0f} claims/s"
    )
    print(
        f"markdown-it-py only parses them at {reports / parsing:.0f} reports/s: "
        f"one check takes {spent / parsing:.1f} parses"
    )
    if chosen.processes:
        forget()
        begun = time.perf_counter()
        verify_reports(alike, knowledge.corpus, chosen.processes)
        taken = time.perf_counter() - begun
        print(f"{chosen.processes} processes: {reports / taken:.0f} reports/s by the clock")


if __name__ == "__main__":
    main()
