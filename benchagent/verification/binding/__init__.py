"""What a number is said of: metric, statistic, subject and conditions."""
