"""A stand-in for the azure-native provider plugin: the Pulumi engine starts it, it speaks ARM over HTTPS.

It exists for machines where the stock plugin can't be had, and only speaks to an ARM that is named by `metadataHost`.

Known differences from the stock plugin:
- it knows the types in `paths` only, at the SDK's default API version of each, and service principals only;
- it checks inputs against the SDK's types more strictly: unknown keys are refused;
- keys and tokens from list functions are secrets;
- a location that neither a resource nor the provider's configuration names is not taken from the resource group;
- of properties that Azure fixes at creation it knows those of `localazure.create_only`; of a type that is not there,
  the location and the path parameters;
- arrays are compared by position, also where the API description names keys of their elements;
- default values that the service fills in are inputs after an import, and the next update takes them away again;
- resources that are no plain ARM resources (storage blobs, static websites) are not there.
"""
