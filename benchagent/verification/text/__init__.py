"""What stands in a text: passages, sentences, numbers, names, metrics and settings."""
