"""Contents that are no text and stand for one: `unpacking` knows them by how they begin."""
