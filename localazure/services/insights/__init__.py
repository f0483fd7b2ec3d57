"""Microsoft.Insights: Application Insights components."""
