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
  // TODO page: A page that comes back
  add(item(`${message.user}: ${message.text}`));
}

// Whether the server has it is known when it says so; until then it is kept, to be sent again under the same id.
function send(message) {
  // TODO page: A page that comes back
  socket.emit("chatMessage", message);
}

// After every connection: say where we were, take what was said meanwhile, and send what nobody has confirmed.
function join() {
  // TODO page: A page that comes back
  socket.emit("join", { topic }, () => say("connected"));
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
