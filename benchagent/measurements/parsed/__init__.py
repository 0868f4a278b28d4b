"""What formats made of contents: parsed once, kept by content, and read again in parts.

`parsing` parses what is new (`second_parser` helps from a second process), `segments` is the form
in which it is kept and `segment_files` writes it; `parsed_store` finds what is there,
`kept_contents` and `tallies` say what each content holds as a whole, and `spans` which rows belong
to which file. `shelf` is what of it is in memory.
"""
