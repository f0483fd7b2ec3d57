"""For tests of what uses Azure: a local Azure in the test's own process, without ports and real scoring.

`client.Arm.open` gives one with a client; `process.served` starts a whole one for slow tests.
"""
