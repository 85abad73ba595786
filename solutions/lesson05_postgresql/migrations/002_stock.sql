ALTER TABLE products
    ADD COLUMN stock integer NOT NULL DEFAULT 0
    -- Whatever mistake a program makes, the database does not sell what is not there.
    CONSTRAINT stock_is_never_negative CHECK (stock >= 0);
