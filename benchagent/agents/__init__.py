"""Who writes reports: the roster, what an agent is asked, and the account that comes of it."""
