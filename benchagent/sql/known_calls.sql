SELECT call_id FROM model_calls
