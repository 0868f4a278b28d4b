window.BENCHMARK_DATA = {
  "lastUpdate": 1767000000123,
  "repoUrl": "https://example.org/parser",
  "entries": {
    "Go": [
      {
        "commit": {"id": "aaa111", "message": "Parse faster", "timestamp": "2025-12-29T09:19:00Z"},
        "date": 1767000000123,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkParse", "value": 1876, "unit": "ns/op\t    1410 B/op\t      11 allocs/op", "extra": "541244 times\n2 procs"},
          {"name": "BenchmarkParse - B/op", "value": 1410, "unit": "B/op"},
          {"name": "BenchmarkParse - allocs/op", "value": 11, "unit": "allocs/op"}
        ]
      },
      {
        "commit": {"id": "bbb222", "message": "Parse slower", "timestamp": "2025-12-30T09:19:00Z"},
        "date": 1767086400123,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkParse", "value": 2247, "unit": "ns/op\t    1375 B/op\t      11 allocs/op"},
          {"name": "BenchmarkEmpty", "value": null, "unit": "ns/op"}
        ]
      }
    ],
    "Python": [
      {
        "commit": {"id": "bbb222", "message": "Parse slower"},
        "date": 1767086400123,
        "tool": "pytest",
        "benches": [
          {"name": "tests/test_parse.py::test_parse", "value": 548.36, "unit": "iter/sec", "range": "stddev: 0.0001", "extra": "mean: 1.82 msec\nrounds: 355"}
        ]
      }
    ]
  }
};
