"""How often a difference is told that chance made, and how often one that is there.

    python benchmarks/no_effect.py [FOLDERS]

So many folders without any effect, and as many in which one thing takes 5 % or 10 % longer; printed
is in how many a difference is told at all, and in how many without a word of chance. Where there is
an effect, only what tells of it counts; subjects and options differ in half of the folders at most.
"""

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchagent_tests.findings.chance_folders import find_in, make_folder, tell_apart

_LONGER = (1.0, 1.05, 1.1)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", type=int, nargs="?", default=200)
    folders: int = parser.parse_args().folders
    print("| folders | with | a difference told | without a word of chance |")
    print("| ---: | --- | ---: | ---: |")
    for effect in _LONGER:
        with ProcessPoolExecutor() as pool:
            told = Counter(pool.map(partial(_look, effect), range(folders)))
        having = sum(count for outcome, count in told.items() if outcome)
        anyhow = having - told["nothing"]
        what = "no effect" if effect == 1 else f"an effect of {effect - 1:.0%}"
        print(f"| {having} | {what} | {_share(anyhow, having)} | {_share(told['sure'], having)} |")


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "none"


def _look(effect: float, seed: int) -> str | None:
    """What is told of a folder: `sure`, `doubted` or `nothing`; None where no effect could be."""
    folder = make_folder(seed, effect)
    if effect != 1 and folder.cause is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        found = find_in(folder.files, Path(place))
    if folder.cause == "subject":
        found = [each for each in found if each.rule == "subjects-compared"]
    elif folder.cause is not None:
        found = [each for each in found if folder.cause in each.headline + each.sentences[0]]
    told = tell_apart(found)
    return "sure" if told.sure else "doubted" if told.doubted else "nothing"


if __name__ == "__main__":
    main()
