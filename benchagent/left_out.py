"""What a program of ours does without, so that it starts sooner."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas:
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("no program of ours works on data frames", name=fullname)
        return None


@contextmanager
def without_pandas() -> Iterator[None]:
    """PyArrow, where it makes its first array inside, takes it that pandas is not installed.

    With that array it imports pandas, which takes as long as all else that it needs, to know a
    column of a data frame when it is given one. We give it none. Who asks it for a data frame
    (`to_pandas`) gets it still, and whoever imports pandas afterwards, as a format of another
    package may. Only a column that is given to `pyarrow.array` before any whole data frame was
    asked for or given is a list to it: NaN stays a number there, unless `from_pandas` is said.

    Nobody finds pandas meanwhile, in no thread: this is for imports at a program's start.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
        if "pyarrow" in sys.modules:
            sys.modules["pyarrow"].array([])
    finally:
        sys.meta_path.remove(finder)
