"""A package that our programs keep from being imported, so that they start sooner."""

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
    """Let PyArrow believe that pandas is not installed; for the imports at a program's start.

    PyArrow imports pandas when it makes its first array, only to recognise columns of data frames.
    That takes as long as all other imports together, and we give it no data frames. Within the
    block no thread can import pandas, and PyArrow is made to look for it; afterwards it can be
    imported again, and `to_pandas` works. One difference stays until PyArrow has met a whole data
    frame: it takes a pandas column given to `pyarrow.array` for a list, so that NaN stays a number
    unless `from_pandas` is given.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
        if "pyarrow" in sys.modules:
            sys.modules["pyarrow"].array([])
    finally:
        sys.meta_path.remove(finder)
