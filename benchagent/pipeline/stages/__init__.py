"""The steps from a snapshot to its reports, each on its own files.

A step reads what earlier steps wrote, calls one room of the package and writes its own file. It
does so once for each version of its inputs and code; asked again, it finds what is there.
"""
