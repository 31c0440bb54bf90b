"""Pure rules: values in, values out, on the standard library alone."""
