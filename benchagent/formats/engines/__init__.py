"""What programs write and print that run models: llama.cpp, Ollama, MLX LM, KoboldCpp."""
