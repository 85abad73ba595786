-- The number of the newest notification of a user: whoever makes the next one waits here for the one before.
CREATE TABLE mailboxes (
    user_id text PRIMARY KEY,
    newest integer NOT NULL
);

CREATE TABLE notifications (
    user_id text NOT NULL,
    numero integer NOT NULL,
    order_id bigint NOT NULL UNIQUE REFERENCES orders,
    PRIMARY KEY (user_id, numero)
);
