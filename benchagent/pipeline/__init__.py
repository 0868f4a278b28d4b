"""The steps from a snapshot to its reports, and the files that they keep.

`stages` are the steps. A `partition` is one snapshot with the files made of it (`partition_files`,
`table_files`) below the folders of a `project`. `cost` estimates what agents will take before they
are asked; `knowledge` and `checker` give the verifier what it needs of a snapshot.
"""
