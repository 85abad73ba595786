CREATE TABLE shipments (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL,
    country text NOT NULL
);
CREATE INDEX shipments_of_order ON shipments (order_id);
