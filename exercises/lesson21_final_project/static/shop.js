import { ask, askAll, become, current, watchTraces, Refused } from "./door.js";
import { hangUp, listen } from "./live.js";
import { $, make, written } from "./parts.js";
import { watchServices } from "./services.js";

const USERS_AT_ONCE = 100;
const LOG_IN = `mutation ($email: String!, $password: String!) {
  iniciarSesion(email: $email, password: $password) { token usuario { id email rol } }
}`;
const REGISTER = `mutation ($email: String!, $password: String!) {
  registrar(email: $email, password: $password) { id }
}`;
const HOME = "{ productos { id nombre precio stock } yo { pedidos { id estado total creado } } }";
const ORDERS = "{ yo { pedidos { id estado total creado } } }";
const ORDER = `mutation ($lineas: [LineaNueva!]!, $clave: ID!) {
  crearPedido(lineas: $lineas, clave: $clave) { id }
}`;
const EVERYBODY = `query ($first: Int!, $after: ID) {
  usuarios(first: $first, after: $after) { id email pedidos { id estado total creado } }
}`;
const SHIP = "mutation ($id: ID!) { enviarPedido(id: $id) }";
const STATES = { CREADO: "created", ENVIADO: "shipped", HUERFANO: "orphaned" };

// By product: the name of an order that was sent and not yet confirmed. Sent again, it is the same order.
const unconfirmed = new Map();
// Orders that were shipped from here: the service of orders hears of it a moment later.
const sent = new Set();
let lastUser = null;

function complain(text) {
  $("#problem").textContent = text;
}

/** Say what was wrong with an answer that came in part; each service once. */
function complainOf(problems) {
  if (problems.length) {
    complain([...new Set(problems)].join(" "));
  }
}

/** Do something, and say on the page what goes wrong; a button's press takes back what was said before. */
async function attempt(work, button = null) {
  if (button) {
    complain("");
    button.disabled = true;
  }
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    if (error.ended) {
      leave();
    }
    complain(error.message);
  } finally {
    if (button) {
      button.disabled = false;
    }
  }
}

function enter() {
  const { token, usuario } = current();
  $("#login").hidden = true;
  $("#email").textContent = usuario.rol === "admin" ? `${usuario.email} (admin)` : usuario.email;
  for (const part of ["#who", "#products", "#orders", "#notifications"]) {
    $(part).hidden = false;
  }
  $("#shipping").hidden = usuario.rol !== "admin";
  listen(token, {
    heard: notify,
    say: (text) => ($("#status").textContent = text),
    ended: () => attempt(() => { throw new Refused("Your session has ended. Log in again.", { ended: true }); }),
  });
  attempt(showHome);
  if (usuario.rol === "admin") {
    attempt(showEverybody);
  }
}

function leave() {
  hangUp();
  become(null);
  unconfirmed.clear();
  sent.clear();
  $("#status").textContent = "not connected";
  for (const part of ["#who", "#products", "#orders", "#notifications", "#shipping"]) {
    $(part).hidden = true;
    $(`${part} ul`)?.replaceChildren();
  }
  $("#login").hidden = false;
  $("#login-email").focus();
}

async function showHome() {
  const { data, problems } = await ask(HOME);
  $("#products ul").replaceChildren(...(data.productos ?? []).map(productItem));
  showOrders(data.yo);
  complainOf(problems);
}

function showOrders(user) {
  // Unknown is not none: what was shown before stays while a service is away.
  if (user?.pedidos) {
    $("#orders ul").replaceChildren(...user.pedidos.map((order) => make("li", {}, ...orderParts(order))));
  }
}

function orderParts(order) {
  return [
    make("span", {}, `Order ${order.id}`),
    make("span", {}, STATES[order.estado]),
    make("span", {}, order.total),
    make("small", {}, make("time", { dateTime: order.creado }, written(order.creado))),
  ];
}

function productItem(product) {
  const quantity = make("input", { type: "number", min: 1, max: 1000, value: 1, required: true });
  quantity.setAttribute("aria-label", `How many of ${product.nombre}`);
  const button = make("button", {}, "Order");
  button.setAttribute("aria-label", `Order ${product.nombre}`);
  const form = make("form", {}, quantity, " ", button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => order(product, Number(quantity.value)), button);
  });
  return make("li", {}, make("span", {}, product.nombre), make("span", {}, product.precio), form);
}

async function order(product, cantidad) {
  const wanted = `${product.id} ${cantidad}`;
  if (!unconfirmed.has(wanted)) {
    unconfirmed.set(wanted, crypto.randomUUID());
  }
  const clave = unconfirmed.get(wanted);
  await askAll(ORDER, { lineas: [{ productoId: product.id, cantidad }], clave });
  unconfirmed.delete(wanted);
  await showHome();
}

function notify(notification) {
  const shown = make("li", {}, make("span", {}, notification.mensaje));
  shown.append(make("small", {}, `Order ${notification.id} is ${STATES[notification.estado]}`));
  $("#notifications ul").prepend(shown);
  attempt(async () => showOrders((await ask(ORDERS)).data.yo));
}

async function showEverybody(after = null) {
  const { data, problems } = await ask(EVERYBODY, { first: USERS_AT_ONCE, after });
  const users = data.usuarios ?? [];
  const orders = users.flatMap((user) => (user.pedidos ?? []).map((order) => ({ user, order })));
  orders.sort((one, other) => waits(other.order) - waits(one.order));
  if (!after && data.usuarios) {
    $("#shipping ul").replaceChildren();
  }
  $("#shipping ul").append(...orders.map(everybodysItem));
  lastUser = users.at(-1)?.id ?? null;
  $("#more").hidden = users.length < USERS_AT_ONCE;
  complainOf(problems);
}

const waits = (order) => order.estado === "CREADO" && !sent.has(order.id);

function everybodysItem({ user, order }) {
  const item = make("li", {}, ...orderParts(order), make("span", {}, user.email));
  if (waits(order)) {
    const button = make("button", {}, "Ship");
    button.setAttribute("aria-label", `Ship order ${order.id}`);
    button.addEventListener("click", () => attempt(() => ship(order, button), button));
    item.append(button);
  }
  return item;
}

async function ship(order, button) {
  await askAll(SHIP, { id: order.id });
  sent.add(order.id);
  button.replaceWith(make("span", { className: "ok" }, "on its way"));
}

$("#login form").addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter ?? $("#login button");
  attempt(async () => {
    const credentials = { email: $("#login-email").value, password: $("#login-password").value };
    if (button.value === "register") {
      await askAll(REGISTER, credentials);
    }
    become((await askAll(LOG_IN, credentials)).iniciarSesion);
    $("#login form").reset();
    enter();
  }, button);
});
$("#logout").addEventListener("click", leave);
$("#refresh").addEventListener("click", (event) => attempt(() => showEverybody(), event.target));
$("#more").addEventListener("click", (event) => attempt(() => showEverybody(lastUser), event.target));
watchTraces((trace) => {
  $("#trace").hidden = false;
  $("#trace").href = `/traces/${trace}`;
});
watchServices($("#services ul"));
if (current()) {
  enter();
}
