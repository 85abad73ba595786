CREATE TABLE products (
    -- An identity counts on and never back, also over a restart and after a rollback.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    price numeric(12, 2) NOT NULL CHECK (price >= 0)
);
