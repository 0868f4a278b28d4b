SELECT snapshot, name, version FROM parts
