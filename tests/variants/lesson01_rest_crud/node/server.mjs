// Lesson 1's promises, kept with Node.js alone: this file speaks HTTP, the others know about products.

import { createServer } from "node:http";
import { resources } from "./products.mjs";
import { Refusal, whole } from "./validation.mjs";

const LARGEST_BODY = 1_000_000;

/** The body, counted as it comes: Content-Length can be missing. */
async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  // A plain `for await` would close the connection when it is left, and the answer with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Refusal(413, { body: "is over 1 MB" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answerTo(request) {
  const url = new URL(request.url, "http://shop");
  for (const [path, methods] of resources) {
    const match = path.exec(url.pathname);
    if (!match) continue;
    const headers = { Allow: [...Object.keys(methods), "HEAD", "OPTIONS"].join(", ") };
    if (request.method === "OPTIONS") return { status: 204, headers };
    // Node.js leaves out the body of an answer to HEAD.
    const method = methods[request.method === "HEAD" ? "GET" : request.method];
    if (!method) return { status: 405, headers, json: { errors: { method: `${request.method} is not allowed here` } } };
    return method({ id: match[1], query: url.searchParams, body: await bodyOf(request) });
  }
  return { status: 404, json: { errors: { path: "there is nothing here" } } };
}

async function handle(request, response) {
  try {
    send(response, await answerTo(request));
  } catch (error) {
    if (error instanceof Refusal) {
      send(response, { status: error.status, json: { errors: error.errors } });
    } else if (!request.destroyed) {
      console.error(error);
      send(response, { status: 500, json: { errors: { server: "something went wrong" } } });
    }
  }
  // What is left of a body that was refused is read and dropped, so that the client hears the answer.
  request.resume();
}

function send(response, { status, headers = {}, json, html }) {
  if (status === 204) {
    response.writeHead(204, headers).end();
    return;
  }
  const [type, text] = html ? ["text/html; charset=utf-8", html] : ["application/json", JSON.stringify(json)];
  response.writeHead(status, { ...headers, "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
}

function port() {
  try {
    return whole(process.env.PORT ?? "", "PORT", 1, 65535);
  } catch (error) {
    console.error(`PORT ${error.errors.PORT}`);
    process.exit(2);
  }
}

const server = createServer(handle).listen(port(), "127.0.0.1");
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close();
    setTimeout(() => server.closeAllConnections(), 9_000).unref();
  });
}
