INSERT INTO parts VALUES ($snapshot, $name, $version)
