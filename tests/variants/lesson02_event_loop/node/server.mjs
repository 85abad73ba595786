// Lesson 2's promises, kept with Node.js alone: this file speaks HTTP.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { receiptFor } from "./receipts.mjs";
import { Refusal } from "./refusal.mjs";
import { settings, whole } from "./settings.mjs";
import { quotesFor } from "./suppliers.mjs";

const products = new Map();

const routes = [
  ["GET", /^\/health$/, () => [200, { status: "ok" }]],
  ["GET", /^\/api\/order-of-events$/, async () => [200, await orderOfEvents()]],
  ["POST", /^\/api\/products$/, async ({ request }) => [201, create(await jsonOf(request))]],
  ["GET", /^\/api\/products\/([^/]+)\/quotes$/, async ({ id, gone }) => [200, await quotesFor(known(id), gone)]],
  ["POST", /^\/api\/receipts$/, async ({ request }) => [200, await receiptFor(await jsonOf(request))]],
];

async function orderOfEvents() {
  const events = ["Start"];
  setTimeout(() => events.push("Asynchronous task"), 0);
  events.push("End");
  await sleep(1);
  return events;
}

/** Of lesson 1's products no more than this lesson's suite asks for. */
function create({ name, price }) {
  const product = { id: products.size + 1, name, price };
  products.set(product.id, product);
  return product;
}

function known(text) {
  const id = whole(text, 1, Number.MAX_SAFE_INTEGER);
  if (id === undefined) throw new Refusal(422, { id: "must be a whole number of 1 or more" });
  if (!products.has(id)) throw new Refusal(404, { id: "there is no such product" });
  return id;
}

async function jsonOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (error) {
    throw new Refusal(422, { body: `is no JSON: ${error.message}` });
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Refusal(422, { body: "must be a JSON object" });
  }
  return value;
}

async function answerTo(request, gone) {
  for (const [method, path, handle] of routes) {
    const match = path.exec(request.url);
    if (match && request.method === method) return handle({ request, gone, id: match[1] });
  }
  throw new Refusal(404, { path: "there is nothing here" });
}

async function handle(request, response) {
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  try {
    send(response, ...(await answerTo(request, leaving.signal)));
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    send(response, error.status ?? 500, { errors: error.errors ?? { server: "something went wrong" } });
  }
}

function send(response, status, json) {
  const text = JSON.stringify(json);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

const server = createServer(handle).listen(settings.port, "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    // fetch keeps its idle connections, and they would keep the process.
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 9_000).unref();
  });
}
