-- The sweep of the entries table: when each of its 120 segments is due, and where the work on it
-- continues. Four segments become due on each of thirty days; one that is not finished stays due.

CREATE TABLE sweep_segments (
    number integer PRIMARY KEY CHECK (number BETWEEN 0 AND 119),
    due_on date NOT NULL,
    position text COLLATE "C" -- the id after which a scan continues; null is the beginning
) WITH (fillfactor = 70);

INSERT INTO sweep_segments (number, due_on)
SELECT number, current_date + number / 4 FROM generate_series(0, 119) AS number;

ALTER TABLE sweep_segments ENABLE ROW LEVEL SECURITY;
ALTER TABLE sweep_segments FORCE ROW LEVEL SECURITY;
CREATE POLICY of_all_segments ON sweep_segments TO livro_closer USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON sweep_segments TO livro_closer;
