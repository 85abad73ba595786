// Notifications as they happen; after every reconnection the server sends what was missed.

const RETRY_MS = 1000;

let socket = null;

/**
 * Listen for what concerns the user of a token.
 *
 * `heard` gets each notification once, in order; `say` the state of the connection; `ended` is called when the token
 * is no longer accepted.
 */
export function listen(token, { heard, say, ended }) {
  let since = 0;
  hangUp();
  const mine = io({
    transports: ["websocket"],
    reconnectionDelay: 200,
    reconnectionDelayMax: 2000,
    // Asked for anew at each connection: `since` tells what of the history is still missing here.
    auth: (give) => give({ token, since }),
  });
  socket = mine;
  mine.on("connect", () => say("live"));
  mine.on("pedidoActualizado", (notification) => {
    if (notification.numero > since) {
      since = notification.numero;
      heard(notification);
    }
  });
  mine.on("disconnect", (reason) => {
    say("no connection; trying again …");
    if (reason === "io server disconnect") {
      // The library leaves it to us when it was the server's wish: a token that has expired, or a process that stops.
      mine.connect();
    }
  });
  mine.on("connect_error", (error) => {
    if (error.message === "unauthorized") {
      ended();
    } else {
      say("no connection; trying again …");
      // The library tries again by itself unless the server has answered that it cannot.
      setTimeout(() => socket === mine && !mine.active && mine.connect(), RETRY_MS);
    }
  });
}

/** Stop listening. */
export function hangUp() {
  socket?.close();
  socket = null;
}
