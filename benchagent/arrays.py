"""The types of the NumPy arrays that rooms hand to each other; all have one dimension."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Integers = NDArray[np.integer[Any]]  # of whatever width, as the codes of a dictionary are
Mask = NDArray[np.bool_]
