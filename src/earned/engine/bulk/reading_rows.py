"""The statements that read rows of texts: what they accept, the services accept with this result.

A text is looked at here if it begins with a visible ASCII character; others may be blank in ways
that Python knows. Instants are read where the offset of the time zone is the same all around.
"""

# ruff: noqa: S608 - Names of ours.

_DAY = "(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_OFFSET = "Z|[+-](0[0-9]|1[0-4]):[0-5][0-9]"

MACROS = (
    "CREATE MACRO visible(x) AS x >= '!' AND x < chr(127)",
    "CREATE MACRO fits(x, most) AS x IS NULL OR (visible(x) AND strlen(x) <= most)",
    # By way of DECIMAL it would take forty times as long.
    """CREATE MACRO billionths(x) AS TRY_CAST(CASE WHEN contains(x, '.')
        THEN replace(x, '.', '') || repeat('0', 9 - strlen(x) + instr(x, '.'))
        ELSE x || '000000000' END AS HUGEINT)""",
    r"""CREATE MACRO slashed(x) AS
        regexp_full_match(x, '[0-9]{2}/[0-9]{2}/[0-9]{4}([ T][0-9:]+)?')""",
    """CREATE MACRO slashed_time(x) AS
        CASE WHEN strlen(x) > 10 THEN 'T' || substr(x, 12) ELSE '' END""",
    """CREATE MACRO month_first(x) AS CASE WHEN slashed(x)
        THEN substr(x, 7, 4) || '-' || substr(x, 1, 2) || '-' || substr(x, 4, 2) || slashed_time(x)
        ELSE x END""",
    """CREATE MACRO day_first(x) AS CASE WHEN slashed(x)
        THEN substr(x, 7, 4) || '-' || substr(x, 4, 2) || '-' || substr(x, 1, 2) || slashed_time(x)
        ELSE x END""",
    f"""CREATE MACRO is_instant(x) AS strlen(x) <= 29
        AND regexp_full_match(x, '{_DAY}([ T]{_TIME}({_OFFSET})?)?')""",
    r"""CREATE MACRO written_time(x) AS CASE WHEN is_instant(x)
        THEN TRY_CAST(regexp_replace(x, '(Z|[+-][0-9]{2}:[0-9]{2})$', '') AS TIMESTAMP) END""",
    """CREATE MACRO written_seconds(x) AS CASE
        WHEN right(x, 1) = 'Z' THEN 0
        WHEN strlen(x) > 16 AND substr(x, -6, 1) IN ('+', '-') AND substr(x, -3, 1) = ':'
        THEN (CASE WHEN substr(x, -6, 1) = '-' THEN -60 ELSE 60 END) * (
            60 * TRY_CAST(substr(x, -5, 2) AS BIGINT) + TRY_CAST(right(x, 2) AS BIGINT)) END""",
)

PART = """CREATE OR REPLACE VIEW part AS SELECT row,
    {account} AS account, {uom} AS uom, {quantity} AS quantity, {start} AS start,
    {finish} AS finish,
    {subscription} AS subscription, {charge} AS charge, {description} AS description,
    {unique_key} AS unique_key, {product_charge} AS product_charge, {custom} AS custom,
    further IS NULL AS is_whole
    FROM sent WHERE row BETWEEN {first} AND {last}"""

TIMED = """CREATE OR REPLACE TABLE timed AS
    SELECT *, written_time(s) AS start_written, written_seconds(s) AS start_seconds,
        written_time(f) AS end_written, written_seconds(f) AS end_seconds
    FROM (SELECT *, {iso}(start) AS s, {iso}(finish) AS f FROM part)"""

# Where an offset is written, the day in UTC may be a neighbour.
DAYS = """WITH written AS (
        SELECT start_written AS moment, start_seconds AS seconds FROM timed
        UNION ALL SELECT end_written, end_seconds FROM timed WHERE finish IS NOT NULL)
    SELECT DISTINCT (moment - to_seconds(coalesce(seconds, 0)))::DATE FROM written
    WHERE moment IS NOT NULL"""

FIELDS = """CREATE OR REPLACE VIEW fields AS
    SELECT t.* EXCLUDE (s, f),
        start_written - to_seconds(coalesce(start_seconds, s.seconds)) AS start_utc,
        end_written - to_seconds(coalesce(end_seconds, f.seconds)) AS end_utc,
        (CASE WHEN start_seconds IS NULL THEN start_written
            ELSE start_written - to_seconds(start_seconds) + to_seconds(s.seconds) END)::DATE AS day
    FROM timed t
    LEFT JOIN zone_day s
        ON s.day = (start_written - to_seconds(coalesce(start_seconds, 0)))::DATE
    LEFT JOIN zone_day f ON f.day = (end_written - to_seconds(coalesce(end_seconds, 0)))::DATE"""

_IS_GOOD = r"""coalesce(
    is_whole AND account IS NOT NULL AND fits(account, 50) AND uom IS NOT NULL AND fits(uom, 50)
    AND fits(subscription, 100) AND fits(charge, 50) AND fits(description, 200)
    AND fits(unique_key, 255) AND product_charge IS NULL AND custom IS NOT NULL
    AND regexp_full_match(quantity, '[0-9]{1,13}(\.[0-9]{1,9})?')
    AND start_utc IS NOT NULL AND day IS NOT NULL
    AND (finish IS NULL OR end_utc >= start_utc), false)"""

GOOD = f"""CREATE OR REPLACE TABLE good AS
    SELECT row, account, uom, coalesce(subscription, '') AS subscription,
        coalesce(charge, '') AS charge,
        billionths(quantity) AS quantity,
        start_utc, end_utc, day, description, unique_key, custom
    FROM fields WHERE {_IS_GOOD}"""

HAS_DOUBTFUL = "SELECT (SELECT count(*) FROM fields) > (SELECT count(*) FROM good)"

IS_DOUBTFUL = "row IN (SELECT row FROM fields ANTI JOIN good USING (row))"
