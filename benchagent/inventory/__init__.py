"""What is there, by content: roots are walked, files hashed and kept, sets of them named.

A scan (`scans`) resolves `roots`, lists them (`listing`), takes from the last scan what has not
changed (`rescan`, `planning`) and reads the rest (`intake`, `reading`, `taking`), with a second
process where that pays (`second_reader`). Contents go to `blobs`; what was found becomes a
snapshot (`tallying`, `registering`, `manifests`, `snapshots`), seen at a time (`observations`). `pruning` retires old
snapshots.
"""
