"""What tools write that send requests to any web server: ab, autocannon, hey, k6, locust, oha, wrk."""
