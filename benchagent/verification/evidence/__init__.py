"""What the data say: files, values and words, loaded once for any number of reports."""
