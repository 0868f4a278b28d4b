DELETE FROM $table WHERE snapshot = $snapshot
