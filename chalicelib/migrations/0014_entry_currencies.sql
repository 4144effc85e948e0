-- The currencies in which a merchant has entries on the days, in order. It looks up one currency
-- after another in the totals' index, so that it reads no more with more entries, days or accounts.
CREATE OR REPLACE FUNCTION entry_currencies(of_merchant text, first_day date, last_day date)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH RECURSIVE known AS (
            SELECT min(currency) AS code FROM day_totals WHERE merchant_id = of_merchant
            UNION ALL
            SELECT (
                SELECT min(currency) FROM day_totals
                WHERE merchant_id = of_merchant AND currency > known.code
            ) FROM known WHERE known.code IS NOT NULL
        )
        SELECT coalesce(json_agg(code ORDER BY code), '[]') FROM known WHERE EXISTS (
            SELECT FROM day_totals
            WHERE merchant_id = of_merchant AND currency = code
                AND day BETWEEN first_day AND last_day
        )
    );
END
$$;

REVOKE EXECUTE ON FUNCTION entry_currencies FROM PUBLIC;
GRANT EXECUTE ON FUNCTION entry_currencies TO livro_reader;
