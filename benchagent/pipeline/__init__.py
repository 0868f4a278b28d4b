"""The steps from a snapshot to its reports, and the files that they keep."""
