"""What differs, with everything else that was recorded held alike, and how surely."""
