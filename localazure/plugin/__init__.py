"""A stand-in for the azure-native provider plugin: the Pulumi engine starts it, it speaks ARM over HTTPS.

It exists for machines where the stock plugin can't be had, and only speaks to an ARM that is named by `metadataHost`.
"""
