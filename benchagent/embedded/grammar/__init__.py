"""A JSON schema as a grammar that the engine keeps to while it generates.

`schema_reading` reads a schema strictly, `grammar` writes it as EBNF; `scalars`, `numbers`, `text`
and `pattern` write the parts of it.
"""
