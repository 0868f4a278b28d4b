SELECT * FROM model_calls ORDER BY started_at
