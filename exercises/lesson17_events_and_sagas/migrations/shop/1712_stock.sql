CREATE TABLE products (
    id text PRIMARY KEY,
    price numeric(12, 2) NOT NULL CHECK (price >= 0),
    stock integer NOT NULL CONSTRAINT stock_is_never_negative CHECK (stock >= 0)
);

-- What is put back is a reservation below zero.
CREATE TABLE reservations (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL,
    quantity integer NOT NULL
);
CREATE INDEX reservations_of_order ON reservations (order_id);
