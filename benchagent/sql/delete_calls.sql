DELETE FROM model_calls WHERE call_id IN (SELECT unnest($gone))
