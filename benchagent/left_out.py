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
    """PyArrow, where it is imported inside, takes it that pandas is not installed.

    With its first array it imports pandas, which takes as long as all else that it needs, to know a
    data frame when it is given one. We give it none. Who asks it for one (`to_pandas`) gets it
    still, and whoever imports pandas for himself, as a format of another package may.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
        if "pyarrow" in sys.modules:
            sys.modules["pyarrow"].array([])
    finally:
        sys.meta_path.remove(finder)
