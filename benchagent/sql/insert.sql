INSERT INTO $table BY NAME SELECT $snapshot AS snapshot, incoming.* FROM incoming
