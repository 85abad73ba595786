CREATE TABLE departed_users (
    user_id text PRIMARY KEY
);
