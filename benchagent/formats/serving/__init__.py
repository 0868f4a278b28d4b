"""What tools write that load a server of models: vLLM's, GuideLLM, AIPerf, LoadGen, others."""
