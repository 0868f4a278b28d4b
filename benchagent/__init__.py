"""From a folder of benchmark artifacts to reports whose every figure leads back to its cell.

`inventory` lists and keeps the files of a snapshot; `formats` reads their numbers into
`measurements`; `facts` computes what they say and `findings` ranks what is worth telling; an
agent's `analysis` chooses and words it; `report` writes it, `verification` checks it, and
`comparison` sets agents side by side. The model asks, links and words; code computes and checks.
"""

import os
import sys

# Arrow asks once, when it is imported. Its own choice (mimalloc) keeps 150 MB of what was freed
# for the use of single threads; these use it again or give it back. It warns of a pool that it does
# not have, and its packages for Windows and for Linux on ARM have no jemalloc.
_HAS_JEMALLOC = sys.platform == "darwin" or (
    sys.platform == "linux" and os.uname().machine == "x86_64"
)
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc" if _HAS_JEMALLOC else "system")
