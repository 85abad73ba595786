"use strict";

const $ = (id) => document.getElementById(id);
const shown = new Set();
const unsent = new Map();
const users = new Set();
let lastId = 0;
let topic = "";
let socket = null;

function say(text) {
  $("status").textContent = text;
}

function showUsers() {
  $("users").replaceChildren(...[...users].sort().map((user) => item(user)));
}

// Text only ever becomes text: what others write must not run here.
function item(text, className = "") {
  const element = document.createElement("li");
  element.textContent = text;
  element.className = className;
  return element;
}

function add(element) {
  $("messages").append(element);
  element.scrollIntoView({ block: "nearest" });
}

function note(text, className) {
  add(item(text, className));
}

// The same message may come twice: in the history, and when it is said.
function show(message) {
  // starter: add(item(`${message.user}: ${message.text}`));
  // --8<-- [start:page]
  if (shown.has(message.id)) {
    return;
  }
  shown.add(message.id);
  lastId = Math.max(lastId, message.id);
  const element = item("");
  const time = document.createElement("time");
  time.dateTime = message.timestamp;
  time.textContent = new Date(message.timestamp).toLocaleTimeString();
  const user = document.createElement("b");
  user.textContent = message.user;
  element.append(time, " ", user, " ", message.text);
  add(element);
  // --8<-- [end:page]
}

// Whether the server has it is known when it says so; until then it is kept, to be sent again under the same id.
function send(message) {
  // starter: socket.emit("chatMessage", message);
  // --8<-- [start:page]
  unsent.set(message.clientId, message);
  socket.timeout(5000).emit("chatMessage", message, (late, answer) => {
    if (late) {
      return;
    }
    if (answer.error && answer.error.status !== 422) {
      setTimeout(join, 1000);
      return;
    }
    unsent.delete(message.clientId);
    if (answer.error) {
      note(`not sent: ${answer.error.errors.map((error) => error.message).join(", ")}`, "problem");
    }
  });
  // --8<-- [end:page]
}

// After every connection: say where we were, take what was said meanwhile, and send what nobody has confirmed.
function join() {
  // starter: socket.emit("join", { topic }, () => say("connected"));
  // --8<-- [start:page]
  socket.timeout(5000).emit("join", { topic, since: lastId }, (late, answer) => {
    if (late || answer.error) {
      say("waiting for the server …");
      setTimeout(() => socket.connected && join(), 1000);
      return;
    }
    say(`connected to ${topic}`);
    if (!answer.complete && lastId > 0) {
      note("… some messages are too old to be shown …", "problem");
    }
    answer.messages.forEach(show);
    users.clear();
    answer.users.forEach((user) => users.add(user));
    showUsers();
    unsent.forEach(send);
  });
  // --8<-- [end:page]
}

function connect(token) {
  socket = io({ auth: { token }, reconnectionDelay: 200, reconnectionDelayMax: 2000 });
  socket.on("connect", join);
  socket.on("connect_error", (error) => {
    say(error.message === "unauthorized" ? "this token is not accepted" : "no connection; trying again …");
    $("login").hidden = error.message !== "unauthorized";
  });
  socket.on("disconnect", (reason) => {
    const ended = reason === "io server disconnect";
    say(ended ? "your token has expired" : "no connection; trying again …");
    $("login").hidden = !ended;
  });
  socket.on("welcome", (welcome) => note(welcome.message, "welcome"));
  socket.on("userJoined", (joined) => {
    users.add(joined.user);
    showUsers();
    note(joined.message, "joined");
  });
  socket.on("userLeft", (left) => {
    users.delete(left.user);
    showUsers();
    note(left.message, "left");
  });
  socket.on("chatMessage", show);
  socket.on("pedidoActualizado", (order) => note(`${order.mensaje} (${order.id}: ${order.estado})`, "order"));
}

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket) {
    socket.close();
  }
  topic = $("topic").value;
  $("login").hidden = true;
  $("room").hidden = false;
  connect($("token").value.trim());
  $("input").focus();
});

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("input").value) {
    send({ topic, text: $("input").value, clientId: crypto.randomUUID() });
    $("input").value = "";
  }
});
