"""The command `localazure`."""
