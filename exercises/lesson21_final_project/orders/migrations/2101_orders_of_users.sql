ALTER TABLE orders
    ADD COLUMN user_id text NOT NULL DEFAULT '',
    -- What the client calls the order: the same again is not a second one.
    ADD COLUMN client_key text,
    ADD COLUMN estado text NOT NULL DEFAULT 'CREADO' CHECK (estado IN ('CREADO', 'ENVIADO', 'HUERFANO')),
    ADD COLUMN total numeric(12, 2) NOT NULL DEFAULT 0;

CREATE UNIQUE INDEX one_order_a_key ON orders (user_id, client_key);
CREATE INDEX orders_of_users ON orders (user_id, id);

INSERT INTO products (name, price, stock) VALUES
    ('Café de altura, 500 g', 12.50, 1000000),
    ('Taza de barro', 8.90, 1000000),
    ('Molinillo de mano', 34.00, 1000000);
