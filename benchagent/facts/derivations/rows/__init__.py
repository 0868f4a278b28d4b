"""Numbers side by side, with the run, settings, round and machine that each is of."""
