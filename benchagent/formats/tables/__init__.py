"""What formats share that read rows: what columns mean, and how rows and calls are laid out."""
