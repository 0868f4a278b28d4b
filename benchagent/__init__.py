"""From a folder of benchmark artifacts to reports whose every figure leads back to its cell.

`inventory` lists and keeps the files of a snapshot; `formats` reads their numbers into
`measurements`; `facts` computes what they say and `findings` ranks what is worth telling; `agents`
choose and word it, `reporting` writes it, and `verification` checks it. The model asks, links and
words; code computes and checks.

`pipeline` runs these as steps from files to files; `defs` shows the steps to Dagster and `cli` to a
terminal. Agents ask their models through `calls`, or put `inquiries` to the measurements;
`embedded` is a model server for machines without one. `mappings` are for files that no format
reads, `bench` measures models, and `warehouse` answers questions in SQL.
"""

import os
import sys

# Arrow reads this variable once, when it is imported. Its default allocator (mimalloc) keeps 150 MB
# of freed memory for single threads; these two use it again or give it back. Arrow warns of an
# allocator that it was not built with: its packages for Windows and for Linux on ARM lack jemalloc.
_HAS_JEMALLOC = sys.platform == "darwin" or (
    sys.platform == "linux" and os.uname().machine == "x86_64"
)
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc" if _HAS_JEMALLOC else "system")
