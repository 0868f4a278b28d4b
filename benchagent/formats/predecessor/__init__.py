"""What the predecessor's scripts and programs wrote."""
