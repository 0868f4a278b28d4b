"""What the columns of files of no known format may mean: proposed, tested, accepted by a person."""
