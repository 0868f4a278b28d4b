"""What experiment trackers give out: MLflow's runs, a chart of Weights & Biases."""
