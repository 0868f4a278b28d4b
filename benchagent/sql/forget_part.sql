DELETE FROM parts WHERE snapshot = $snapshot AND name = $name
