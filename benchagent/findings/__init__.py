"""Facts worth telling: `finding` ranks what the `rules` find."""
