-- In this order: an order's state is the last of those that it has reached.
CREATE TYPE order_state AS ENUM ('pending', 'paid', 'reserved', 'shipped', 'cancelling', 'cancelled');

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    user_id text NOT NULL,
    product_id text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    country text NOT NULL,
    total numeric(12, 2) NOT NULL,
    state order_state NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_of_user ON orders (user_id, created_at);

CREATE TABLE deleted_users (user_id text PRIMARY KEY);

CREATE TABLE sales (
    product_id text PRIMARY KEY,
    placed integer NOT NULL,
    shipped integer NOT NULL,
    revenue numeric(14, 2) NOT NULL
);
