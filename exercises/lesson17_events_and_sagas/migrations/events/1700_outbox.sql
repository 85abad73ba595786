CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    source text NOT NULL,
    subject text NOT NULL,
    occurred_at timestamptz NOT NULL,
    correlation_id text NOT NULL,
    data jsonb NOT NULL,
    headers jsonb NOT NULL DEFAULT '{}',
    published_at timestamptz
);

-- The few that wait are found at once, however many have been published.
CREATE INDEX outbox_waiting ON outbox (position) WHERE published_at IS NULL;
