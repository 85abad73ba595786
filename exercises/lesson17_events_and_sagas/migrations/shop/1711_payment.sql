-- A refund is a payment below zero. Nothing here forbids a second charge: that is the inbox's to see to.
CREATE TABLE payments (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL,
    amount numeric(12, 2) NOT NULL
);
CREATE INDEX payments_of_order ON payments (order_id);
