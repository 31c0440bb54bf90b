"""The statements that draw rows down: whole numbers, quantities in billionths.

A number that does not fit in 128 bits stops the statement; nothing is ever cut off. `turn` counts
the rows, and the charges that a row is guided to, in the order of the file.
"""

GUIDE = {
    "guide_no": "BIGINT",
    "kind_no": "BIGINT",
    "place": "BIGINT",
    "charge_no": "BIGINT",
    "balance_no": "BIGINT",
    "step": "HUGEINT",
    "rounds_up": "BOOLEAN",
    "is_drawdown": "BOOLEAN",
}
CHARGE = {"charge_no": "BIGINT", "numerator": "HUGEINT", "tens": "HUGEINT"}
BALANCE = {"balance_no": "BIGINT", "units": "HUGEINT"}
FUND = {
    "fund_no": "BIGINT",
    "balance_no": "BIGINT",
    "level": "BIGINT",
    "place": "BIGINT",
    "start_date": "DATE",
    "end_date": "DATE",
    "units": "HUGEINT",
    "transactions": "BIGINT",
}

NEED = """CREATE OR REPLACE TABLE need AS
    SELECT row_number() OVER (ORDER BY row, place) AS turn, row, guide_no, charge_no, balance_no,
        day, is_drawdown, numerator, tens, rounded AS quantity,
        CASE WHEN balance_no IS NULL THEN NULL
            ELSE rounded * numerator * (1000000000::HUGEINT // tens) END AS units
    FROM (SELECT row, place, guide_no, charge_no, balance_no, day, is_drawdown, numerator, tens,
            (abs(quantity) + CASE WHEN rounds_up THEN step - 1 ELSE 0 END) // step * step
                * CASE WHEN quantity < 0 THEN -1 ELSE 1 END AS rounded
        FROM plain JOIN guide USING (kind_no) JOIN charge USING (charge_no))"""

# What is given back to a balance decides what rows after it find there: those take turns.
MIXED = """CREATE OR REPLACE TABLE mixed AS SELECT DISTINCT balance_no FROM need
    WHERE units < 0"""

MIXED_BALANCES = "SELECT balance_no FROM mixed ORDER BY balance_no"

IN_TURN = """SELECT turn, balance_no, charge_no, day, units
    FROM need SEMI JOIN mixed USING (balance_no) WHERE units <> 0 ORDER BY turn"""

REVERSED_DAYS = """SELECT DISTINCT charge_no, day FROM need WHERE units < 0
    ORDER BY charge_no, day"""

REST = """CREATE OR REPLACE TABLE rest AS
    SELECT turn, balance_no, day, units FROM need ANTI JOIN mixed USING (balance_no)
    WHERE units > 0"""

DRAWN = {
    "turn": "BIGINT",
    "fund_no": "BIGINT",
    "place": "BIGINT",
    "units": "HUGEINT",
    "sequence": "BIGINT",
}
LEFT_OPEN = {"turn": "BIGINT", "units": "HUGEINT"}

DRAW = """CREATE OR REPLACE TABLE draw AS
    SELECT turn, fund_no, place, least(units, had - before) AS units, transactions + nth AS sequence
    FROM (SELECT rest.turn, fund.fund_no, fund.place, fund.units AS had, fund.transactions,
            rest.units, row_number() OVER earlier AS nth,
            sum(rest.units) OVER earlier - rest.units AS before
        FROM rest JOIN fund ON fund.balance_no = rest.balance_no AND fund.level = ?
            AND rest.day >= fund.start_date AND rest.day < fund.end_date
        WINDOW earlier AS (PARTITION BY fund.fund_no ORDER BY rest.turn ROWS UNBOUNDED PRECEDING))
    WHERE before < had"""

KEEP_DRAWN = "INSERT INTO drawn FROM draw"

KEEP_REST = """CREATE OR REPLACE TABLE rest AS
    SELECT turn, balance_no, day, left_over AS units
    FROM (SELECT turn, balance_no, day, rest.units - coalesce(draw.units, 0) AS left_over
        FROM rest LEFT JOIN draw USING (turn))
    WHERE left_over > 0"""

# What is left of the units is added up as it is; of one row it is shown in the usage's own unit,
# cut to nine decimals (U 2.7).
GUIDED = """CREATE OR REPLACE TABLE guided AS
    SELECT *, CASE WHEN remaining <> 0 OR NOT is_drawdown THEN 'Pending' ELSE 'Processed' END
        AS status
    FROM (SELECT *, CASE WHEN balance_no IS NULL THEN quantity
            WHEN lacking < 0 THEN -(-lacking * tens // (numerator * 1000000000::HUGEINT))
            ELSE lacking * tens // (numerator * 1000000000::HUGEINT) END AS remaining
        FROM (SELECT turn, need.row, guide_no, charge_no, need.balance_no, need.day, is_drawdown,
                need.quantity, numerator, tens,
                CASE WHEN need.balance_no IS NULL
                    THEN need.quantity * numerator * (1000000000::HUGEINT // tens)
                    ELSE coalesce(left_open.units, rest.units, 0) END AS lacking
            FROM need LEFT JOIN rest USING (turn) LEFT JOIN left_open USING (turn)))"""

MOVED = """CREATE OR REPLACE TABLE moved AS
    SELECT row_number() OVER (ORDER BY turn, drawn.place) AS nth, turn, need.row, need.guide_no,
        need.charge_no, need.day, fund_no, fund.balance_no, sequence, drawn.units,
        balance.units - sum(drawn.units) OVER (
            PARTITION BY fund.balance_no ORDER BY turn, drawn.place ROWS UNBOUNDED PRECEDING
        ) AS after
    FROM drawn JOIN need USING (turn) JOIN fund USING (fund_no)
    JOIN balance ON balance.balance_no = fund.balance_no"""

UNITS_OF_DAYS = """SELECT fund_no, charge_no, day, sum(units) FROM moved
    GROUP BY fund_no, charge_no, day ORDER BY fund_no, charge_no, day"""

UNITS_OF_FUNDS = """SELECT fund_no, balance_no, sum(units), count(*) FROM moved
    GROUP BY fund_no, balance_no ORDER BY fund_no"""

OVERAGE_OF_DAYS = """SELECT charge_no, day, sum(lacking) FROM guided WHERE lacking <> 0
    GROUP BY charge_no, day ORDER BY charge_no, day"""
