"""Is it so? A model's sentences against the findings they tell, figures against their cells."""
