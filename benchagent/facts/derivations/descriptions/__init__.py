"""What is there: files, medians, lost requests, and what the files do not say."""
