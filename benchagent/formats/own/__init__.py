"""Files of people's own making, and of our `bench`: calls, means over them, tables, write-ups."""
