"""What tools write that send requests to any web server: ab, hey, oha, locust, wrk."""
