-- One thread copies rows as fast as two and holds half as many; what does not fit goes to the disk.
SET threads = 1;
SET memory_limit = '1GB'
