"""Microsoft.OperationalInsights: Log Analytics workspaces."""
