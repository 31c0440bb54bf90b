"""ZOQL queries that have more to give than one answer holds."""

from earned.storage.columns import entity, instant, key, table, text, whole

query_locator = table(
    "query_locator",
    key(),
    entity(),
    text("query"),
    whole("batch_size", least=1),
    instant("created_at"),
    instant("used_at"),
)
