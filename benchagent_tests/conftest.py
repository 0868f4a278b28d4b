"""What holds for every test."""

import signal

# What a shell runs in the background ignores Ctrl-C, and hands that on to what a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
