"""Everything that was made, in one DuckDB file for questions: `data/out/warehouse.duckdb`.

The truth is in the files of each snapshot; the warehouse is a copy of them that can be built again
from nothing. `tables` says what is in it, `building` brings it up to date, `questions` asks it.
"""
