SELECT
    agent,
    stage,
    model,
    coalesce(phase, 'unknown') AS phase,
    count(*) AS calls,
    count(*) FILTER (outcome = 'ok') AS ok,
    round(quantile_cont(ttft_ms, 0.5), 1) AS ttft_p50_ms,
    round(quantile_cont(ttft_ms, 0.95), 1) AS ttft_p95_ms,
    round(quantile_cont(ttft_ms, 0.99), 1) AS ttft_p99_ms,
    round(quantile_cont(decode_rate, 0.5), 1) AS tok_per_s_p50,
    sum(prompt_tokens)::BIGINT AS prompt_tokens,
    sum(output_tokens)::BIGINT AS output_tokens
FROM model_calls
WHERE NOT replayed
GROUP BY ALL
ORDER BY ALL
