"""The operations of the API, one module a resource; `earned.http.table` lists them all."""
