INSERT INTO model_calls BY NAME FROM incoming ORDER BY started_at, call_id
