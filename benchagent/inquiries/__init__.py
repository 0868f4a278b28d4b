"""Questions that somebody puts to the measurements, beyond those that the rules always ask."""
