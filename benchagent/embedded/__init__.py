"""The Ollama-compatible server for machines without Ollama: real inference on the CPU, on loopback.

`weights` obtains the pinned model, `gguf` and `model` say what it is, `engine` runs it in a
process of its own, and `residence` keeps it in memory while it is wanted. `wire`, `options` and
`grammar` read a request, `answers` and `server` serve it, `serving` starts the server and
`process` runs it as a child. Why this engine, and where the wire differs from Ollama's:
docs/decisions/embedded-engine.md.
"""
