"""What a machine did while something ran on it: GPUs, kernels, memory."""
