SELECT
    (SELECT count(*) FROM files) AS files,
    (SELECT count(*) FROM measurements) AS measurements,
    (SELECT count(*) FROM failed_runs) AS failed_runs,
    (SELECT count(*) FROM facts) AS facts,
    (SELECT count(*) FROM findings) AS findings,
    (SELECT count(*) FROM reports) AS reports,
    (SELECT count(*) FROM claims) AS claims,
    (SELECT count(*) FROM model_calls) AS model_calls
