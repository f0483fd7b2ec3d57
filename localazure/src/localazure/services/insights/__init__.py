"""Microsoft.Insights: Application Insights, alerts, autoscale and diagnostic settings, workbooks."""
