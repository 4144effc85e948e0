-- The merchants, of those given, whose totals are not the sums of their entries. One statement sees
-- one moment, and a projector writes entries and totals together, so entries that are being
-- projected make no difference. A merchant without a row is returned too.

SELECT merchant_id FROM total_differences(:merchants)
UNION
SELECT merchant_id FROM unnest(CAST(:merchants AS text[])) AS given (merchant_id)
WHERE NOT EXISTS (SELECT FROM merchants WHERE merchants.merchant_id = given.merchant_id)
