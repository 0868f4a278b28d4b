"""Our own reports: a model's sentence held to its findings, and every fact read again."""
